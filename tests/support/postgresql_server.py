"""A PostgreSQL server of a test's own: Debian's package, in a temporary directory, on a Unix socket and a loopback port."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: float(p.parent.name))
# Only a broken installation takes longer to start a server.
PATIENCE = 60.0


def ordinary_user():
    """Whom the server runs as where we are root, which it refuses."""
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class PostgresqlServer:
    """Starts one; `close` ends it and all it made. Its superuser is `owner`, who is trusted on the socket. Given a password
    it listens on a loopback port, too, and wants that there."""

    def __init__(self, password=None, **settings):
        self.programs = PROGRAMS[-1]
        self.home = Path(tempfile.mkdtemp(prefix="taskrun-pg-"))
        self.identity = {}
        if os.geteuid() == 0:
            user = ordinary_user()
            os.chown(self.home, user.pw_uid, user.pw_gid)
            self.identity = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        self.home.chmod(0o755)
        (self.home / "password").write_text(password or "none")
        (self.home / "password").chmod(0o644)
        self._program("initdb", "-D", self.home / "data", "-U", "owner", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync",
                      "--auth-local=trust", "--auth-host=scram-sha-256", "--pwfile", self.home / "password")
        self.port = free_port() if password else 5432  # of a socket it is only part of the name
        chosen = {"listen_addresses": "127.0.0.1" if password else "", "port": self.port, "unix_socket_directories": self.home,
                  "fsync": "off", **settings}
        self.process = subprocess.Popen(
            [self.programs / "postgres", "-D", self.home / "data", *(f"--{k}={v}" for k, v in chosen.items())],
            cwd=self.home, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            **self.identity)
        self._wait()

    def url(self, database="postgres", host=None):
        return f"postgresql://owner@/{database}?host={host or self.home}&port={self.port}"

    def tcp_url(self, database="postgres"):
        return f"postgresql://owner@127.0.0.1:{self.port}/{database}"

    @property
    def socket_path(self):
        return self.home / f".s.PGSQL.{self.port}"

    def sql(self, text, database="postgres"):
        """The rows of a script, as lists of texts; None for NULL."""
        done = subprocess.run(
            [self.programs / "psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-P", "null=\\N", "-F", "\x1f", self.url(database)],
            input=text, capture_output=True, text=True, timeout=PATIENCE)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return [[None if cell == "\\N" else cell for cell in line.split("\x1f")] for line in done.stdout.splitlines()]

    @contextmanager
    def holding(self, text, database="postgres"):
        """An application's session that has said `text` in a transaction, which is open until the end of the block or until
        the function that it gets commits it."""
        session = subprocess.Popen([self.programs / "psql", "-XqAt", "-v", "ON_ERROR_STOP=1", self.url(database)], text=True,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE)

        def say(statement):
            session.stdin.write(f"{statement}\n\\echo said\n")
            session.stdin.flush()
            if not any(line == "said\n" for line in iter(session.stdout.readline, "")):
                raise RuntimeError(f"cannot say {statement}")

        try:
            say(f"BEGIN; {text};")
            yield lambda: say("COMMIT;")
        finally:
            session.communicate(timeout=PATIENCE)

    def wait_for_waiting(self, count=1, database="postgres"):
        """Until so many sessions wait for a lock."""
        deadline = time.monotonic() + PATIENCE
        question = ("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
        while int(self.sql(question, database)[0][0]) < count:
            if time.monotonic() > deadline:
                raise RuntimeError("nobody waits")
            time.sleep(0.01)

    def close(self):
        self.process.send_signal(signal.SIGINT)  # ends connections, too
        self.process.wait(PATIENCE)
        shutil.rmtree(self.home)

    def _program(self, name, *arguments):
        done = subprocess.run([self.programs / name, *map(str, arguments)], cwd=self.home, capture_output=True, text=True,
                              timeout=PATIENCE, **self.identity)
        if done.returncode != 0:
            raise RuntimeError(done.stdout + done.stderr)

    def _wait(self):
        deadline = time.monotonic() + PATIENCE
        while subprocess.run([self.programs / "pg_isready", "-q", "-h", self.home, "-p", str(self.port)]).returncode != 0:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the server does not start")
            time.sleep(0.05)
