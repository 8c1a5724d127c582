"""A real HTTP server on loopback for tests: remembers what it was asked, answers what it was told."""

import threading
from collections import namedtuple
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Request = namedtuple("Request", "method path headers body")


class LocalServer:
    """`answers` maps a path to (status, body) or (status, body, headers); any other path is 200 with "fine"."""

    def __init__(self, answers=None, hold=False):
        self.answers = answers or {}
        self.requests = []
        self.asked = threading.Event()
        self.release = threading.Event()
        if not hold:
            self.release.set()
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                owner.requests.append(Request(self.command, self.path, dict(self.headers), body.decode()))
                owner.asked.set()
                owner.release.wait(120)
                status, text, *headers = owner.answers.get(self.path, (200, "fine"))
                content = text.encode()
                try:
                    self.send_response(status)
                    for name, value in (headers[0] if headers else {}).items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(content)))
                    self.end_headers()
                    if self.command != "HEAD":
                        self.wfile.write(content)
                except OSError:
                    pass  # the client has been ended meanwhile

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = do_PATCH = answer

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def paths(self, method=None):
        return [r.path for r in self.requests if method in (None, r.method)]

    def close(self):
        self.release.set()
        self.server.shutdown()
        self.server.server_close()
