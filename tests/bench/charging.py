"""Billing of 100,000 instances, for the benchmarks: by the built-in, and by the three statements of SQL that do as much for
all accounts at once, in one transaction, without a check."""

import datetime
import json
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from postgresql_server import PostgresqlServer  # noqa: E402

ACCOUNTS, INSTANCES = 1_000, 100_000
START = 1_700_000_000
STEP = 600

DUE = "coalesce(billed_until, started) < {until}"
AMOUNT = ("(price_per_hour_micros * ({until} - started) / 3600"
          " - price_per_hour_micros * (coalesce(billed_until, started) - started) / 3600)")
PLAIN = ("BEGIN; INSERT INTO ledger SELECT id, account_id, coalesce(billed_until, started), {until}, price_per_hour_micros, "
         + AMOUNT + ", NULL FROM instances WHERE " + DUE + "; UPDATE accounts SET balance_micros = balance_micros + owed FROM "
         "(SELECT account_id, sum(" + AMOUNT + ") AS owed FROM instances WHERE " + DUE + " GROUP BY account_id) AS s WHERE "
         "s.account_id = accounts.id; UPDATE instances SET billed_until = {until} WHERE " + DUE + "; COMMIT;")


class Books:
    """A database with instances that run, billed on and on by whoever is asked."""

    def __init__(self, taskrun, url, run):
        self.taskrun, self.url, self.run, self.until = taskrun, url, run, START - START % STEP
        self.bill(init=True)
        accounts = ", ".join(f"({a}, 'a{a}')" for a in range(ACCOUNTS))
        rows = ", ".join(f"({i}, {i % ACCOUNTS}, {100_000 + i}, {self.until})" for i in range(INSTANCES))
        self.run(f"INSERT INTO accounts (id, name) VALUES {accounts};")
        self.run(f"INSERT INTO instances (id, account_id, price_per_hour_micros, started) VALUES {rows};")

    def bill(self, **more):
        moment = datetime.datetime.fromtimestamp(self.until, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        done = subprocess.run([self.taskrun, "exec-builtin", "billing"], capture_output=True, text=True, check=True,
                              input=json.dumps({"database": self.url, "until": moment, **more}))
        return done.stderr

    def rate(self, work):
        """Instances a second."""
        self.until += STEP
        begin = time.perf_counter()
        work()
        return INSTANCES / (time.perf_counter() - begin)

    def by_taskrun(self, **more):
        return self.rate(lambda: self.bill(**more))

    def by_sql(self):
        return self.rate(lambda: self.run(PLAIN.format(until=self.until)))


def rates(bench):
    """(name, what taskrun did, what plain SQL did) on each database."""
    file = bench.scratch / "bench.db"

    def sqlite(script):
        with sqlite3.connect(file, isolation_level=None) as connection:
            connection.executescript(script)

    books = Books(bench.taskrun, f"sqlite:{file}", sqlite)
    yield "SQLite", *bench.turns(books.by_taskrun, books.by_sql)
    server = PostgresqlServer(fsync="on")
    try:
        books = Books(bench.taskrun, server.url(), server.sql)
        for parallel in (1, 4):
            yield f"PostgreSQL, {parallel} at a time", *bench.turns(lambda p=parallel: books.by_taskrun(parallel=p),
                                                                    books.by_sql)
    finally:
        server.close()
