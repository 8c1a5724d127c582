"""A client of a runner's socket, in Python's standard library: what any other language would do."""

import http.client
import json
import socket


class UnixConnection(http.client.HTTPConnection):
    """An HTTP connection to a socket in the file system."""

    def __init__(self, path, timeout=30):
        super().__init__("localhost", timeout=timeout)
        self.path = str(path)

    def connect(self):
        self.sock = connect(self.path, self.timeout)


def connect(path, timeout=30):
    """A connected socket: for what no HTTP library would send."""
    peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    peer.settimeout(timeout)
    peer.connect(str(path))
    return peer


def ask(path, method, target, body=None):
    """(status, answer) of one request; the answer is JSON."""
    connection = UnixConnection(path)
    try:
        connection.request(method, target, json.dumps(body) if body is not None else None)
        reply = connection.getresponse()
        return reply.status, json.loads(reply.read())
    finally:
        connection.close()


def read_to_end(peer):
    """Everything until the other side closes."""
    content = b""
    while True:
        try:
            chunk = peer.recv(65536)
        except ConnectionResetError:
            return content
        if not chunk:
            return content
        content += chunk
