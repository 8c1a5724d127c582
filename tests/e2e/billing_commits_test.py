"""The built-in `billing`, killed at every single point where its work could be half done."""

import os
import re
import shutil
import signal
import socket
import tempfile
import threading
from pathlib import Path

from billing_world import START, BillingWorld, moment
from databases import OnPostgresql, OnSqlite
from taskrun_harness import RunnerTest, main
from tracing import need_tracing, traced

ACCOUNTS = 6
UNTIL = moment(START + 9_000)
ALL_BILLED = START + 8_900


class Proxy:
    """Stands before a server, on a socket of its own, for one connection at a time. At the n-th COMMIT it calls `kill`; the
    server is told that COMMIT if `passes_on`, or sees its client vanish instead."""

    def __init__(self, server_path, port, number, passes_on, kill):
        self.home = Path(tempfile.mkdtemp(prefix="taskrun-proxy-"))
        self.server_path = str(server_path)
        self.left, self.passes_on, self.kill = number, passes_on, kill
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.home / f".s.PGSQL.{port}"))
        self.listener.listen()
        self.thread = threading.Thread(target=self._accept, daemon=True)
        self.thread.start()

    def close(self):
        """Only when the server has ended every session that went through here, so that it is decided what it kept."""
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listener.close()
        shutil.rmtree(self.home)

    def _accept(self):
        try:
            while True:
                self._serve(self.listener.accept()[0])
        except OSError:
            return

    def _serve(self, client):
        server = socket.socket(socket.AF_UNIX)
        server.connect(self.server_path)
        answering = threading.Thread(target=self._answer, args=(server, client), daemon=True)
        answering.start()
        while chunk := self._receive(client):
            if b"COMMIT\x00" in chunk:
                self.left -= 1
                if self.left == 0:
                    self.kill()
                    if not self.passes_on:
                        break
            server.sendall(chunk)
        server.shutdown(socket.SHUT_WR)
        answering.join()
        client.close()
        server.close()

    def _answer(self, server, client):
        while chunk := self._receive(server):
            try:
                client.sendall(chunk)
            except OSError:
                pass  # it is dead; the server's end is awaited all the same

    @staticmethod
    def _receive(peer):
        try:
            return peer.recv(1 << 20)
        except OSError:
            return b""


class KilledOnPostgresql(OnPostgresql, BillingWorld, RunnerTest):
    def kill_at(self, number, passes_on):
        """Bills with a process that is killed at its n-th COMMIT; whether it had so many."""
        started, killed = threading.Event(), threading.Event()
        running = []

        def kill():
            started.wait(60)
            running[0].send_signal(signal.SIGKILL)
            running[0].wait(60)
            killed.set()

        server = self.database.server
        proxy = Proxy(server.socket_path, server.port, number, passes_on, kill)
        direct, self.database.url = self.database.url, server.url(self.database.name, host=proxy.home)
        running.append(self.launch_billing(to_be_killed=True, until=UNTIL, parallel=1))
        started.set()
        status, _, stderr = self.end_billing(running[0])
        proxy.close()
        self.database.url = direct
        self.assertEqual(-signal.SIGKILL if killed.is_set() else 0, status, stderr)
        return killed.is_set()

    def billed_accounts(self):
        return int(self.database.sql("SELECT count(*) FROM accounts WHERE balance_micros > 0")[0][0])

    def at_every_commit(self, passes_on):
        number = 1
        while True:
            self.database.sql("TRUNCATE ledger, instances, accounts CASCADE")
            self.populate(accounts=ACCOUNTS, instances_each=3, seed=6)
            if not self.kill_at(number, passes_on):
                break
            self.examine_books()
            self.assertEqual(number if passes_on else number - 1, self.billed_accounts())
            self.bill(until=UNTIL)
            self.examine_books()
            self.examine_all_billed(ALL_BILLED)
            number += 1
        self.assertEqual(ACCOUNTS + 1, number)
        self.examine_all_billed(ALL_BILLED)

    def test_at_every_commit_that_the_server_never_hears_of(self):
        self.at_every_commit(passes_on=False)

    def test_at_every_commit_whose_answer_nobody_hears(self):
        self.at_every_commit(passes_on=True)


# What SQLite does to its files, whatever kind of journal it has.
CALLS = ("pwrite64", "fdatasync", "fsync", "ftruncate", "unlink")


class KilledOnSqlite(OnSqlite, BillingWorld, RunnerTest):
    """At the n-th write, sync, cut and unlink of a run, for n = 1, 2 … until a run gets through."""

    def attempt(self, call, number):
        """Whether the run ended by itself."""
        process = self.launch_billing(traced(call, f"signal=SIGKILL:when={number}"), to_be_killed=True, until=UNTIL)
        status, _, stderr = self.end_billing(process)
        self.assertIn(status, (0, -signal.SIGKILL, 128 + signal.SIGKILL), stderr)
        return status == 0

    def one_kind(self, journal, call):
        for name in os.listdir(self.directory):
            if re.match(r"test\.db", name):
                (self.directory / name).unlink()
        self.bill(init=True)
        self.database.sql(f"PRAGMA journal_mode = {journal}")
        self.populate(accounts=ACCOUNTS, instances_each=3, seed=7)
        kills, number = 0, 1
        while not self.attempt(call, number):
            kills += 1
            number += 1
            self.examine_books()
        self.examine_books()
        self.examine_all_billed(ALL_BILLED)
        return kills

    def test_at_every_write(self):
        need_tracing(self)
        for journal in ("wal", "delete"):
            kills = {call: self.one_kind(journal, call) for call in CALLS}
            self.assertGreater(kills["pwrite64"], 2, (journal, kills))
            self.assertGreater(kills["fdatasync"] + kills["fsync"], 2, (journal, kills))


if __name__ == "__main__":
    main()
