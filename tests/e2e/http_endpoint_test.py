"""H1: `start --http`: metrics and health over TCP, to GET and HEAD, under our own name, and nothing else; on the loopback
unless another address is named. What peers do there costs neither the schedule nor the socket anything."""

import http.client
import json
import select
import socket as sockets
from pathlib import Path

from control_socket import UnixConnection, ask, read_to_end
from taskrun_harness import RunnerTest, main

TICK = {"command": ["true"], "every": "50ms"}
QUIET = {"command": ["true"], "every": "1h"}
DEADLINE = 5


def listening_addresses(port):
    """Where somebody listens on that port, as the kernel spells it."""
    found = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        if Path(table).exists():
            for line in Path(table).read_text().splitlines()[1:]:
                local, state = line.split()[1], line.split()[3]
                if state == "0A" and int(local.split(":")[1], 16) == port:
                    found.append(local.split(":")[0])
    return found


class HttpEndpoint(RunnerTest):
    def up(self, tasks, *flags, address="127.0.0.1:0", **options):
        runner = self.start(tasks, "--http", address, *flags, **options)
        self.started = runner.wait_for("runner_started")
        self.ip, _, port = self.started["http"].rpartition(":")
        self.ip, self.port = self.ip.strip("[]"), int(port)
        runner.wait_for("task_added", nth=len(tasks))
        return runner

    def connect(self, content=b""):
        peer = sockets.create_connection((self.ip, self.port), timeout=60)
        self.addCleanup(peer.close)
        peer.sendall(content)
        return peer

    def request(self, method, target, **headers):
        """(status, headers, body) of one request."""
        connection = http.client.HTTPConnection(self.ip, self.port, timeout=60)
        try:
            connection.putrequest(method, target, skip_host="Host" in headers)
            for name, value in headers.items():
                connection.putheader(name, value)
            connection.endheaders()
            reply = connection.getresponse()
            return reply.status, reply.headers, reply.read().decode()
        finally:
            connection.close()

    def status(self, method, target, **headers):
        return self.request(method, target, **headers)[0]

    def raw_status(self, content):
        """Of what no HTTP library would send."""
        return int(read_to_end(self.connect(content)).split(b" ")[1])

    def test_metrics_and_health_are_told(self):
        runner = self.up({"tick": TICK})
        status, headers, text = self.request("GET", "/metrics")
        self.assertEqual((200, "text/plain; version=0.0.4; charset=utf-8"), (status, headers["Content-Type"]))
        self.assertIn('task_errors_total{task_name="tick"} 0\n', text)
        status, headers, text = self.request("GET", "/healthz")
        self.assertEqual((200, {"status": "ok", "manifest_error": None}), (status, json.loads(text)))
        self.assertEqual(self.started["http"], ask(self.started["socket"], "GET", "/v1/runner")[1]["http"])
        runner.stop()
        with self.assertRaises(ConnectionRefusedError):
            self.connect()

    def test_head_tells_the_same_but_the_body(self):
        runner = self.up({"quiet": QUIET})
        whole = self.request("GET", "/healthz")
        status, headers, text = self.request("HEAD", "/healthz")
        self.assertEqual((200, dict(whole[1]), ""), (status, dict(headers), text))
        status, headers, text = self.request("HEAD", "/metrics", Accept="application/openmetrics-text")
        self.assertEqual((200, ""), (status, text))
        self.assertIn("openmetrics", headers["Content-Type"])
        runner.stop()

    def test_a_large_answer_comes_whole_to_old_and_new_peers(self):
        runner = self.up({f"task-{number:05}": QUIET for number in range(1000)})
        recent = self.request("GET", "/metrics")[2]
        head, _, old = read_to_end(self.connect(b"GET /metrics HTTP/1.0\r\n\r\n")).decode().partition("\r\n\r\n")
        self.assertNotIn("chunked", head)
        names = [[line.split(" ")[0] for line in text.splitlines()] for text in (recent, old)]
        self.assertEqual(*names)
        self.assertGreater(len(old), 1_000_000)
        self.assertEqual((200, ""), self.request("HEAD", "/metrics")[::2])
        runner.stop()

    def test_other_methods_are_405(self):
        runner = self.up({"quiet": QUIET})
        for target in ("/metrics", "/healthz", "/v1/stop", "/v1/reload", "/v1/tasks", "/v1/tasks/quiet/trigger", "/nothing"):
            for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH"):
                status, headers, _ = self.request(method, target)
                self.assertEqual((405, "GET, HEAD"), (status, headers["Allow"]), (method, target))
        body = b"POST /v1/stop HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}"
        self.assertEqual(405, self.raw_status(body))
        self.assertEqual(200, self.status("GET", "/healthz"))
        runner.stop()
        self.assertEqual([], runner.events("run_started"))
        self.assertEqual(["SIGTERM"], [event["cause"] for event in runner.events("runner_stopping")])

    def test_whatever_else_is_asked_for_is_404(self):
        runner = self.up({"quiet": QUIET})
        for target in ("/", "/v1/runner", "/v1/tasks", "/v1/tasks/quiet", "/v1/events", "/metrics/", "//metrics", "/Metrics",
                       "/../../../../etc/passwd", "/metrics/../v1/runner", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc",
                       "/..%c0%af..%c0%afetc/passwd", "/metrics%00", "/%", "https://localhost/metrics",
                       "http://localhost/v1/runner", "*"):
            for method in ("GET", "HEAD"):
                self.assertEqual(404, self.status(method, target), (method, target))
        runner.stop()

    def test_a_query_is_not_looked_at(self):
        runner = self.up({"quiet": QUIET})
        for target in ("/metrics?x=y", "/metrics?collect[]=a&collect[]=b", "/healthz?x=y"):
            self.assertEqual(200, self.status("GET", target), target)
            self.assertEqual(200, self.status_by_socket(target), target)
        runner.stop()

    def status_by_socket(self, target):
        connection = UnixConnection(self.started["socket"])
        self.addCleanup(connection.close)
        connection.request("GET", target)
        return connection.getresponse().status

    def test_it_is_asked_as_a_proxy_is(self):
        """The name in the target is the one that counts, and is looked at as that in the head."""
        runner = self.up({"quiet": QUIET})
        here = f"http://127.0.0.1:{self.port}"
        self.assertIn("task_errors_total", self.request("GET", f"{here}/metrics")[2])
        self.assertEqual(200, self.status("GET", f"{here}/healthz", Host="evil.example"))
        self.assertEqual(403, self.status("GET", "http://evil.example/healthz", Host="localhost"))
        self.assertEqual(403, self.status("GET", "http://evil.example/v1/runner", Host="localhost"))
        self.assertEqual(405, self.status("POST", f"{here}/v1/stop"))
        self.assertEqual(400, self.raw_status(b"GET http://localhost/metrics HTTP/1.1\r\nConnection: close\r\n\r\n"))
        self.assertEqual(200, self.status_by_socket("http://x/v1/runner"))
        runner.stop()

    def test_what_is_accepted_may_stand_in_several_lines(self):
        runner = self.up({"quiet": QUIET})
        head = (b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nAccept: text/plain;q=0.5\r\n"
                b"Accept: application/openmetrics-text\r\nConnection: close\r\n\r\n")
        self.assertIn(b"\r\nContent-Type: application/openmetrics-text;", read_to_end(self.connect(head)))
        runner.stop()

    def test_a_head_that_is_too_large_is_431(self):
        runner = self.up({"quiet": QUIET})
        for content in (b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 10_000 + b"\r\n\r\n",
                        b"GET /" + b"x" * 10_000 + b" HTTP/1.1\r\n\r\n",
                        b"GET /metrics HTTP/1.1\r\n" + b"".join(b"X-%d: y\r\n" % i for i in range(2000)) + b"\r\n"):
            self.assertEqual(431, self.raw_status(content))
        runner.stop()

    def test_a_slow_head_is_cut(self):
        """Half a head and silence, a byte now and then, and nothing at all: each is over after the deadline, not before."""
        runner = self.up({"tick": TICK})
        half = self.connect(b"GET /metrics HTTP/1.1\r\nHost: loc")
        silent = self.connect()
        drips = self.connect(b"GET /")
        while not select.select([drips], [], [], 0.1)[0]:
            drips.sendall(b"x")
        self.assertEqual("HTTP/1.1 408 Request Timeout", read_to_end(drips).split(b"\r\n")[0].decode())
        self.assertEqual("HTTP/1.1 408 Request Timeout", read_to_end(half).split(b"\r\n")[0].decode())
        self.assertEqual(b"", read_to_end(silent))
        runner.stop()

    def test_a_foreign_host_is_403(self):
        runner = self.up({"quiet": QUIET}, "--http-host", "metrics.example.org,proxy")
        for host in ("evil.example", f"evil.example:{self.port}", "localhost.evil.example", "10.0.0.1", "", "[::1", "a:b:c"):
            for target in ("/metrics", "/healthz", "/nothing"):
                self.assertEqual(403, self.status("GET", target, Host=host), (host, target))
        self.assertEqual(403, self.status("POST", "/v1/stop", Host="evil.example"))
        for host in ("localhost", "LOCALHOST:1", f"127.0.0.1:{self.port}", "127.8.8.8", "[::1]:80", "metrics.example.org",
                     "proxy:80"):
            self.assertEqual(200, self.status("GET", "/healthz", Host=host), host)
        self.assertEqual(400, self.raw_status(b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n"))
        two = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
        self.assertEqual(400, self.raw_status(two))
        self.assertEqual(200, self.raw_status(b"GET /healthz HTTP/1.0\r\n\r\n"))
        runner.stop()

    def test_a_port_alone_is_on_the_loopback(self):
        runner = self.up({"quiet": QUIET}, address="0")
        self.assertEqual("127.0.0.1", self.ip)
        self.assertEqual(["0100007F"], listening_addresses(self.port))
        runner.stop()

    def test_another_address_has_to_be_named(self):
        path = self.manifest({"quiet": QUIET})
        for address in (":9464", "*:9464", "example.org:9464", "127.0.0.1", "", "127.0.0.1:65536", "::1:80"):
            done = self.command("start", path, "--http", address)
            self.assertEqual((2, ""), (done.returncode, done.stdout), address)
            self.assertIn("--http", done.stderr)
        self.assertIn('"0.0.0.0:9464" for all of this machine', self.command("start", path, "--http", ":9464").stderr)
        runner = self.up({"quiet": QUIET}, address="0.0.0.0:0")
        self.assertEqual(["00000000"], listening_addresses(self.port))
        self.ip = "127.0.0.1"
        self.assertEqual(200, self.status("GET", "/healthz", Host="192.0.2.7:80"))
        self.assertEqual(403, self.status("GET", "/healthz", Host="evil.example"))
        runner.stop()

    def test_it_listens_by_version_6(self):
        if not Path("/proc/net/if_inet6").exists():
            self.skipTest("no IPv6 on this machine")
        runner = self.up({"quiet": QUIET}, address="[::1]:0")
        self.assertRegex(self.started["http"], r"^\[::1\]:\d+$")
        self.assertEqual(200, self.status("GET", "/healthz"))
        runner.stop()

    def test_a_port_that_is_taken_is_73_and_leaves_nothing(self):
        with sockets.create_server(("127.0.0.1", 0)) as theirs:
            port = theirs.getsockname()[1]
            refused = self.start({"tick": TICK}, "--http", str(port)).ends_with(73)
            self.assertIn(f"cannot listen on '127.0.0.1:{port}': Address already in use", refused.stderr_text)
            self.assertEqual("", refused.stdout_text)
        self.assertEqual([], [path.name for path in self.runtime.rglob("*.sock")])
        self.up({"tick": TICK}, address=str(port)).stop()

    def test_a_port_is_free_at_once_for_the_next_runner(self):
        runner = self.up({"quiet": QUIET})
        self.raw_status(b"GET /healthz HTTP/1.0\r\n\r\n")  # we close last: the kernel remembers their end
        runner.stop()
        again = self.up({"quiet": QUIET}, address=f"127.0.0.1:{self.port}")
        self.assertEqual(200, self.status("GET", "/healthz"))
        again.stop()

    def test_it_needs_no_socket(self):
        (self.runtime / "taskrun").write_text("")  # where the socket's directory would be
        runner = self.up({"quiet": QUIET})
        self.assertIsNone(self.started["socket"])
        self.assertEqual(200, self.status("GET", "/metrics"))
        runner.stop()

    def test_without_it_nothing_listens(self):
        runner = self.start({"quiet": QUIET})
        self.assertIsNone(runner.wait_for("runner_started")["http"])
        self.assertIsNone(ask(runner.wait_for("runner_started")["socket"], "GET", "/v1/runner")[1]["http"])
        runner.stop()
        self.assertIsNone(self.once({"quiet": QUIET}, "quiet", expect=0).wait_for("runner_started")["http"])
        path = self.manifest({"quiet": QUIET})
        self.command("once", "quiet", "-m", path, "--http", "0", expect=2)
        self.command("start", path, "--http-host", "proxy", expect=2)
        for name in ("node-1:9464", "*", "x y"):
            self.assertIn(f"'{name}'", self.command("start", path, "--http", "0", "--http-host", name, expect=2).stderr)

    def test_a_crowd_out_there_costs_nobody_a_run_or_the_socket(self):
        runner = self.up({"tick": TICK})
        peers = [self.connect(b"GET /") for _ in range(64)]
        self.assertEqual(503, int(read_to_end(self.connect()).split(b" ")[1]))
        self.assertEqual(200, ask(self.started["socket"], "GET", "/healthz")[0])
        before = len(runner.events("run_finished"))
        runner.wait_for("run_finished", nth=before + 20)
        for peer in peers:
            self.assertEqual("HTTP/1.1 408 Request Timeout", read_to_end(peer).split(b"\r\n")[0].decode())
        self.wait_until(lambda: self.status("GET", "/healthz") == 200, "a free place")
        runner.stop()

    def test_no_secret_is_told(self):
        runner = self.up({"task": {"command": ["false", self.canary], "every": "1h", "run_at_start": True,
                                   "env": {"TOKEN": self.canary}}})
        runner.wait_for("run_finished")
        (self.directory / "taskrun.json").write_text(json.dumps(
            {"version": 1, "tasks": {"task": {"command": ["true"], "timeout": "${CANARY_SECRET}"}}}))
        ask(self.started["socket"], "POST", "/v1/reload")
        health = self.request("GET", "/healthz")[2]
        self.assertIsNotNone(json.loads(health)["manifest_error"])
        for text in (health, self.request("GET", "/metrics")[2], self.request("GET", "/" + "x")[2]):
            self.assertNotIn(self.canary, text)
        runner.stop()


if __name__ == "__main__":
    main()
