"""A runner's history, looked at and changed from outside: what the database holds, without the program's own words."""

import sqlite3
from contextlib import closing

NAME = "history.db"


def path_of(directory, runner):
    """The file of a runner that was started in `directory`."""
    return directory / runner.wait_for("runner_started")["state"] / NAME


def ask(path, sql, *values):
    with closing(sqlite3.connect(path, timeout=60)) as connection, connection:
        return connection.execute(sql, values).fetchall()


def is_whole(path):
    return ask(path, "PRAGMA integrity_check") == [("ok",)]


def open_runs(path):
    """How many runs are without an end."""
    return ask(path, "SELECT count(*) FROM claim")[0][0]


def set_mark(path, task, nanoseconds):
    """The last due time of a task that was answered, as if nothing had happened since."""
    ask(path, "DELETE FROM entry WHERE due > ?", nanoseconds)
    ask(path, "UPDATE due_mark SET answered = ?, owed = x'' WHERE task = (SELECT id FROM task WHERE name = ?)",
        nanoseconds, task)
