"""The two databases that built-in tasks know, for tests that say the same to both."""

import sqlite3
import time
import unittest

from postgresql_server import PATIENCE, PostgresqlServer


class Sqlite:
    def __init__(self, path):
        self.path = path
        self.url = f"sqlite:{path}"

    def sql(self, text):
        """The rows of the last statement of a script, as lists of texts; None for NULL."""
        connection = sqlite3.connect(self.path, timeout=60, isolation_level=None)
        try:
            statements = [s for s in text.split(";") if s.strip()]
            rows = []
            for statement in statements:
                rows = connection.execute(statement).fetchall()
            return [[None if cell is None else str(cell) for cell in row] for row in rows]
        finally:
            connection.close()

    def check(self):
        """What is wrong with the file itself."""
        return [row[0] for row in self.sql("PRAGMA integrity_check") if row[0] != "ok"]


class Postgresql:
    server = None
    made = 0

    @classmethod
    def start(cls):
        """One server for all tests of a file, a database of its own for each; it ends with the file."""
        if cls.server is None:
            cls.server = PostgresqlServer()
            unittest.addModuleCleanup(cls.stop)

    @classmethod
    def stop(cls):
        cls.server.close()
        cls.server = None

    def __init__(self):
        Postgresql.made += 1
        self.name = f"test{Postgresql.made}"
        self.server.sql(f"CREATE DATABASE {self.name}")
        self.url = self.server.url(self.name)

    def sql(self, text):
        return self.server.sql(text, self.name)

    def holding(self, text):
        return self.server.holding(text, self.name)

    def wait_for_waiting(self):
        self.server.wait_for_waiting(database=self.name)

    def check(self):
        """A client that was killed may have left work with the server: what becomes of that is decided when the session
        ends, and only then do several questions see one state."""
        others = ("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND "
                  "pid <> pg_backend_pid() AND backend_type = 'client backend'")
        deadline = time.monotonic() + PATIENCE
        while (left := self.sql(others)) and time.monotonic() < deadline:
            time.sleep(0.01)
        return [f"session {row[0]} does not end" for row in left]


class OnSqlite:
    """A test class beside RunnerTest: its `self.database` is a file of SQLite."""

    def make_database(self):
        return Sqlite(self.directory / "test.db")


class OnPostgresql:
    """The same on a server, which is there before the first test: the oracle looks for processes that a test leaves."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Postgresql.start()

    def make_database(self):
        return Postgresql()
