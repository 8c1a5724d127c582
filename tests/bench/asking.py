"""Clients of a runner's socket, for the benchmarks: one that measures its answers, and 64 that do their worst."""

import os
import signal
import socket
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from control_socket import ask, connect  # noqa: E402, F401


def read_answer(peer, received=b""):
    """One whole answer: with its length, or in chunks."""
    while (head_end := received.find(b"\r\n\r\n")) < 0:
        received += peer.recv(1 << 20)
    head = received[:head_end].lower()
    if b"content-length:" in head:
        length = head_end + 4 + int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        parts, size = [received], len(received)
        while size < length:
            parts.append(peer.recv(1 << 20))
            size += len(parts[-1])
        return b"".join(parts)
    parts = [received]
    while not parts[-1].endswith(b"\r\n0\r\n\r\n"):
        parts.append(peer.recv(1 << 20))
        if len(parts[-1]) < 7:  # the end may be cut in two
            parts[-2:] = [parts[-2] + parts[-1]]
    return b"".join(parts)


def seconds_of(path, target, count):
    """How long each of so many answers took, one after the other on one connection."""
    peer = connect(path)
    request = f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    taken = []
    for _ in range(count):
        begin = time.perf_counter()
        peer.sendall(request)
        read_answer(peer)
        taken.append(time.perf_counter() - begin)
    peer.close()
    return taken


def example(path, target):
    """The bytes of one answer."""
    peer = connect(path)
    peer.sendall(f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    answer = read_answer(peer)
    peer.close()
    return answer


class Parrot:
    """The yardstick: a process that answers every request with the same bytes, and knows nothing."""

    def __init__(self, path, answer):
        self.path = str(path)
        self.answer = answer

    def __enter__(self):
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(self.path)
        listener.listen()
        self.pid = os.fork()
        if self.pid == 0:
            while True:
                peer = listener.accept()[0]
                while peer.recv(65536):
                    peer.sendall(self.answer)
        listener.close()
        return self

    def __exit__(self, *_):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.unlink(self.path)


class Scraper:
    """A process that asks for the metrics again and again, without a pause; of low priority, as the pests below."""

    def __init__(self, path):
        self.path = path

    def __enter__(self):
        self.pid = os.fork()
        if self.pid == 0:
            os.nice(19)
            while True:
                seconds_of(self.path, "/metrics", 10)
        return self

    def __exit__(self, *_):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


# 64 clients that do their worst, each again and again once it has been cut. -------------------------------------------

HALF = b"POST /v1/tasks HTTP/1.1\r\nContent-Le"
DRIP = b"GET /" + b"x" * 4096
GARBAGE = bytes(range(256)) * 64
NEVER_READS = b"GET /v1/tasks HTTP/1.1\r\n\r\n" * 50


class Pest:
    """One client; `step` is called again and again, and never waits."""

    def __init__(self, path, kind):
        self.path, self.kind, self.peer, self.sent = path, kind, None, 0

    def step(self):
        try:
            if self.peer is None:
                self.peer, self.sent = connect(self.path, timeout=0), 0
                first = {"half": HALF, "garbage": GARBAGE, "never reads": NEVER_READS, "drips": b"G", "storms": b""}
                self.peer.send(first[self.kind])
            elif self.kind == "drips":
                self.sent += 1
                self.peer.send(DRIP[self.sent:self.sent + 1])
            elif self.kind == "storms":
                self.end()
            elif self.kind == "garbage":
                self.peer.send(GARBAGE)
            elif self.kind == "half" and not self.peer.recv(65536):
                self.end()
        except BlockingIOError:
            pass
        except OSError:
            self.end()

    def end(self):
        if self.peer is not None:
            self.peer.close()
        self.peer = None


KINDS = ["half"] * 14 + ["drips"] * 14 + ["never reads"] * 14 + ["garbage"] * 11 + ["storms"] * 11


class Pests:
    """A process with all of them, of low priority: what they do to the runner counts, not what their own work costs."""

    def __init__(self, path):
        self.path = path

    def __enter__(self):
        self.pid = os.fork()
        if self.pid == 0:
            os.nice(19)
            pests = [Pest(self.path, kind) for kind in KINDS]
            while True:
                for pest in pests:
                    pest.step()
                time.sleep(0.001)
        return self

    def __exit__(self, *_):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
