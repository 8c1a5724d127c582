#!/bin/sh
# The CI job: runs every task with the tag `smoke`, four at a time, and fails if one does. The event lines are kept as
# an artifact; people read what the tasks wrote, on stderr.
set -eu
cd "$(dirname "$0")"
exec taskrun once --tag smoke --jobs 4 > "${ARTIFACTS:-.}/smoke.jsonl"
