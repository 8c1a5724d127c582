#!/bin/sh
# Stands for your billing program: charges every account of a list, and tells what it did as a result on descriptor 3.
# ACCOUNTS names the list, one account and its amount in cents on a line.
set -eu
billed=0
amount=0
while read -r account cents; do
  echo "charging $account: $cents"
  billed=$((billed + 1))
  amount=$((amount + cents))
done < "${ACCOUNTS:-accounts.txt}"
printf '{"billed": %d, "amount_cents": %d}\n' "$billed" "$amount" >&"$TASKRUN_RESULT_FD"
