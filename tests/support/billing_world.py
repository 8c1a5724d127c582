"""Accounts to bill, and what must hold of them whatever happened: the invariants of the built-in `billing`."""

import json
import os
import random
import subprocess
from datetime import datetime, timezone

from taskrun_harness import TASKRUN

START = 1_700_000_000  # a whole minute plus 20 s
HOUR = 3600


def moment(seconds):
    """RFC 3339 of a time in seconds since 1970."""
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def owed(price, seconds):
    return price * seconds // HOUR


class BillingWorld:
    """Beside RunnerTest and one of databases.On…: a database with the schema, and ways to bill it."""

    def setUp(self):
        super().setUp()
        self.database = self.make_database()
        self.bill(init=True)

    def arguments(self, **more):
        return json.dumps({"database": self.database.url, **more})

    def launch_billing(self, before=(), to_be_killed=False, **more):
        """The process that `taskrun` starts for the task, without the runner around it: a test may kill it at any point,
        and says so, because a search for leaks has a process of its own that would be left."""
        read_end, write_end = os.pipe()
        process = subprocess.Popen([*before, TASKRUN, "exec-builtin", "billing"], stdin=subprocess.PIPE, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.directory,
                                   pass_fds=[write_end],
                                   env=self.environment({"TASKRUN_RESULT_FD": str(write_end),
                                                         "ASAN_OPTIONS": "detect_leaks=0" if to_be_killed else None}))
        os.close(write_end)
        process.result = read_end
        process.stdin.write(self.arguments(**more))
        process.stdin.close()
        process.stdin = None
        return process

    def end_billing(self, process):
        """(exit status, result or None, stderr) of a process that ends by itself."""
        stderr = process.communicate(timeout=120)[1]
        with os.fdopen(process.result, "rb") as pipe:
            text = pipe.read()
        return process.returncode, json.loads(text) if text else None, stderr

    def bill(self, expect=0, **more):
        status, result, stderr = self.end_billing(self.launch_billing(**more))
        self.assertEqual(expect, status, stderr)
        self.told = stderr
        return result

    def add_account(self, account, balance=0):
        self.database.sql(f"INSERT INTO accounts (id, name, balance_micros) VALUES ({account}, 'a{account}', {balance})")

    def add_instance(self, instance, account, price, started=START, stopped=None):
        self.database.sql(
            "INSERT INTO instances (id, account_id, price_per_hour_micros, started, stopped) VALUES "
            f"({instance}, {account}, {price}, {started}, {'NULL' if stopped is None else stopped})")

    def populate(self, accounts, instances_each, seed, until=START + 10_000):
        """Accounts 1 … with instances, some of them stopped; the same for the same seed."""
        chance = random.Random(seed)
        names = ", ".join(f"({a}, 'a{a}')" for a in range(1, accounts + 1))
        rows = []
        for number in range(accounts * instances_each):
            started = START + chance.randrange(5_000)
            stopped = chance.choice(["NULL", started + chance.randrange(until - started)])
            rows.append(f"({number + 1}, {number % accounts + 1}, {chance.randrange(10_000_000)}, {started}, {stopped})")
        self.database.sql(f"INSERT INTO accounts (id, name) VALUES {names}; INSERT INTO instances "
                          f"(id, account_id, price_per_hour_micros, started, stopped) VALUES {', '.join(rows)}")

    def balances(self):
        return {int(a): int(b) for a, b in self.database.sql("SELECT id, balance_micros FROM accounts ORDER BY id")}

    def examine_books(self, first_balances=None):
        """Every balance is the sum of its ledger; every instance's periods follow each other from its start to where it is
        billed until, without hole or overlap, never beyond its stop; and cost what that time costs in one piece."""
        self.assertEqual([], self.database.check())
        first = first_balances or {}
        sums = {int(a): int(s) for a, s in self.database.sql(
            "SELECT account_id, sum(amount_micros) FROM ledger GROUP BY account_id")}
        for account, balance in self.balances().items():
            self.assertEqual(first.get(account, 0) + sums.get(account, 0), balance, f"account {account}")
        periods = {}
        for row in self.database.sql("SELECT instance_id, account_id, period_start, period_end, amount_micros FROM ledger "
                                     "ORDER BY instance_id, period_start"):
            periods.setdefault(int(row[0]), []).append([int(cell) for cell in row[1:]])
        for row in self.database.sql("SELECT id, account_id, price_per_hour_micros, started, stopped, billed_until "
                                     "FROM instances"):
            instance, account, price, started, stopped, until = [None if cell is None else int(cell) for cell in row]
            at = started
            for owner, begin, end, _ in periods.get(instance, []):
                self.assertEqual((account, at), (owner, begin), f"instance {instance}: hole or overlap")
                at = end
            self.assertEqual(until or started, at, f"instance {instance}: its ledger ends elsewhere")
            self.assertLessEqual(at, stopped if stopped is not None else at)
            self.assertEqual(owed(price, at - started), sum(p[3] for p in periods.get(instance, [])))

    def examine_all_billed(self, until):
        """Nothing is left that should have been billed."""
        left = self.database.sql("SELECT count(*) FROM instances WHERE coalesce(billed_until, started) < "
                                 f"CASE WHEN stopped < {until} THEN stopped ELSE {until} END")
        self.assertEqual([["0"]], left)
