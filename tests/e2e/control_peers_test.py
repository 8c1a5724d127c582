"""P1 to P3: what others may do to the socket: foreign users, files in its way, garbage, silence, too much of everything.
The schedule does not notice."""

import contextlib
import os
import select
import socket as sockets
import unittest

from control_socket import ask, connect, read_to_end
from taskrun_harness import RunnerTest, is_root, main

TICK = {"command": ["true"], "every": "50ms"}
QUIET = {"command": ["true"], "every": "1h"}
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


def status(answer):
    return answer.split(b"\r\n", 1)[0].decode()


class Peers(RunnerTest):
    def up(self, tasks, *flags, **options):
        runner = self.start(tasks, *flags, **options)
        self.socket = runner.wait_for("runner_started")["socket"]
        return runner

    def send(self, content):
        peer = connect(self.socket)
        self.addCleanup(peer.close)
        peer.sendall(content)
        return peer

    def test_socket_and_directory_are_private_whatever_the_umask(self):
        runner = self.up({"a": QUIET}, before_exec=lambda: os.umask(0))
        modes = [os.stat(path).st_mode & 0o7777 for path in
                 (self.socket, self.socket + ".lock", os.path.dirname(self.socket))]
        self.assertEqual([0o600, 0o600, 0o700], modes)
        runner.stop()

    @unittest.skipUnless(is_root(), "only root can be somebody else")
    def test_another_user_is_refused_even_where_the_file_would_let_them_in(self):
        runner = self.up({"a": QUIET})
        os.chmod(self.socket, 0o666)
        os.chmod(os.path.dirname(self.socket), 0o755)
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            os.setresuid(65534, 65534, 65534)
            peer = connect(self.socket)
            os.write(write, read_to_end(peer))
            os._exit(0)
        os.close(write)
        os.waitpid(child, 0)
        with os.fdopen(read, "rb") as answer:
            self.assertEqual("HTTP/1.1 403 Forbidden", status(answer.read()))
        runner.stop()

    def test_garbage_is_answered_and_ends_the_connection(self):
        runner = self.up({"tick": TICK})
        cases = {b"hello there\r\n\r\n": 400, b"GET / HTTP/9.9\r\n\r\n": 400, bytes(range(256)) + b"\r\n\r\n": 400,
                 b"GET /%zz HTTP/1.1\r\nConnection: close\r\n\r\n": 400,
                 b"BREW / HTTP/1.1\r\nConnection: close\r\n\r\n": 404,
                 b"GET /v1/stop HTTP/1.1\r\nConnection: close\r\n\r\n": 405,
                 b"GET / HTTP/1.1\r\nX: " + b"x" * 10_000 + b"\r\n\r\n": 431,
                 b"POST /v1/tasks HTTP/1.1\r\nContent-Length: 1000000000\r\n\r\n": 413,
                 b"POST /v1/tasks HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n": 413}
        for content, expected in cases.items():
            peer = self.send(content)
            answer = read_to_end(peer)
            self.assertEqual(str(expected), status(answer).split(" ")[1], (content[:40], answer[:80]))
        runner.stop()

    def test_silence_and_drips_are_cut_and_told(self):
        """Half a request, one byte a second, nothing at all: after the deadline each is over."""
        runner = self.up({"tick": TICK})
        half = self.send(b"POST /v1/tasks HTTP/1.1\r\nContent-Le")
        silent = connect(self.socket)
        self.addCleanup(silent.close)
        drips = self.send(b"GET /")
        while not select.select([drips], [], [], 0.1)[0]:
            drips.sendall(b"x")
        self.assertEqual("HTTP/1.1 408 Request Timeout", status(read_to_end(drips)))
        self.assertEqual("HTTP/1.1 408 Request Timeout", status(read_to_end(half)))
        self.assertEqual(b"", read_to_end(silent))
        runner.stop()

    def test_connections_beyond_the_limit_are_told_so_and_the_schedule_goes_on(self):
        runner = self.up({"tick": TICK})
        peers = [self.send(b"GET /") for _ in range(64)]
        late = connect(self.socket)
        self.addCleanup(late.close)
        self.assertEqual("HTTP/1.1 503 Service Unavailable", status(read_to_end(late)))
        before = len(runner.events("run_finished"))
        runner.wait_for("run_finished", nth=before + 20)
        for peer in peers:
            self.assertEqual("HTTP/1.1 408 Request Timeout", status(read_to_end(peer)))
            peer.close()
        self.assertEqual(200, ask(self.socket, "GET", "/healthz")[0])
        runner.stop()

    def test_a_peer_that_never_reads_its_answers_is_cut(self):
        tasks = {f"t{i}": QUIET for i in range(1000)}
        runner = self.up(tasks)
        runner.wait_for("task_added", nth=len(tasks))
        peer = connect(self.socket)
        peer.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
        peer.sendall(b"GET /v1/tasks HTTP/1.1\r\n\r\n" * 20)
        self.wait_until(lambda: self.is_cut(peer), "the end of the connection")
        self.assertEqual(200, ask(self.socket, "GET", "/healthz")[0])
        runner.stop()

    @staticmethod
    def is_cut(peer):
        try:
            peer.send(b"x", sockets.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except OSError:
            peer.close()
            return True
        return False

    def test_ten_thousand_connections_cost_nobody_a_run(self):
        runner = self.up({"tick": TICK})
        for number in range(10_000):
            peer = connect(self.socket, timeout=None)  # waits where the queue is full
            if number % 3 == 0:
                with contextlib.suppress(OSError):  # it may have been turned away
                    peer.send(HEALTH[:number % len(HEALTH)])
            peer.close()
        runner.wait_for("run_finished", nth=len(runner.events("run_finished")) + 20, outcome="success")
        self.wait_until(lambda: self.is_well(), "an answer")
        runner.stop()
        # A busy machine is late for some.
        self.assertEqual([], runner.events("run_skipped",
                                           reason=lambda reason: reason not in ("overlap", "missed", "stopping")))

    def is_well(self):
        """Whether it is answered; while all places are taken it is told so, or finds the queue full."""
        try:
            code, answer = ask(self.socket, "GET", "/healthz")
        except BlockingIOError:
            return False
        self.assertIn((code, answer.get("status", answer.get("error", {}).get("code"))),
                      [(200, "ok"), (503, "too_many_connections")])
        return code == 200

    def test_a_body_without_end_is_cut(self):
        """A gigabyte is announced and sent: what is refused is read for a while, so that the refusal arrives, and no
        further."""
        runner = self.up({"tick": TICK})
        peer = self.send(b"POST /v1/tasks HTTP/1.1\r\nContent-Length: 1000000000\r\n\r\n")
        sent = 0
        with self.assertRaises(OSError):
            while sent < 1_000_000_000:
                sent += peer.send(b"x" * 65536)
        self.assertLess(sent, 16 << 20)
        self.assertEqual(200, ask(self.socket, "GET", "/healthz")[0])
        runner.stop()

    def test_many_requests_at_once_are_each_answered(self):
        runner = self.up({"tick": TICK})
        peer = self.send(HEALTH * 200)
        content = b""
        while content.count(b"HTTP/1.1 200 OK") < 200:
            content += peer.recv(65536)
        runner.stop()

    def test_what_stands_in_the_place_of_the_socket_is_told(self):
        path = self.directory / "here"
        for kind, make in (("a directory", path.mkdir), ("a file", path.touch),
                           ("a symbolic link", lambda: path.symlink_to("elsewhere"))):
            make()
            runner = self.start({"a": QUIET}, "--socket", path)
            runner.ends_with(73)
            self.assertIn(f"cannot listen on '{path}': what stands there is {kind}", runner.stderr_text)
            path.rmdir() if kind == "a directory" else path.unlink()

    def test_a_socket_that_somebody_listens_on_is_left_alone(self):
        path = self.directory / "own.sock"
        with sockets.socket(sockets.AF_UNIX) as theirs:
            theirs.bind(str(path))
            theirs.listen()
            runner = self.start({"a": QUIET}, "--socket", path)
            runner.ends_with(73)
            self.assertIn(f"cannot listen on '{path}': somebody listens there already", runner.stderr_text)
            connect(path).close()

    def test_a_path_that_is_too_long_is_told(self):
        runner = self.start({"a": QUIET}, "--socket", self.directory / ("x" * 100))
        runner.ends_with(73)
        self.assertIn("a socket's at most 107", runner.stderr_text)

    def test_a_usual_place_that_cannot_be_is_a_warning(self):
        (self.runtime / "taskrun").write_text("")
        runner = self.start({"a": QUIET})
        self.assertIsNone(runner.wait_for("runner_started")["socket"])
        runner.stop()
        self.assertIn("this runner cannot be asked anything", runner.stderr_text)

    def test_a_socket_file_that_a_dead_runner_left_is_replaced(self):
        path = self.directory / "own.sock"
        dead = sockets.socket(sockets.AF_UNIX)
        dead.bind(str(path))
        dead.close()
        runner = self.up({"a": QUIET}, "--socket", path)
        self.assertEqual(200, ask(path, "GET", "/healthz")[0])
        runner.stop()
        self.assertFalse(path.exists())


if __name__ == "__main__":
    main()
