"""Event lines over the socket: the same lines as on stdout, from where the reader left off, to the last one."""

import json

from control_socket import UnixConnection, ask, connect
from taskrun_harness import RunnerTest, main

NOW = {"command": ["echo", "hello"], "every": "1h", "run_at_start": True}


class EventStream(RunnerTest):
    def follow(self, target):
        self.connection = UnixConnection(self.socket)
        self.addCleanup(self.connection.close)
        self.connection.request("GET", target)
        reply = self.connection.getresponse()
        self.assertEqual((200, "application/x-ndjson"), (reply.status, reply.getheader("Content-Type")))
        return reply

    def up(self, tasks):
        runner = self.start(tasks)
        self.socket = runner.wait_for("runner_started")["socket"]
        return runner

    def test_a_subscriber_reads_what_stdout_reads(self):
        runner = self.up({"a": NOW, "b": NOW})
        stream = self.follow("/v1/events?since=0")
        runner.wait_for("run_finished", nth=2)
        runner.stop()
        self.assertEqual(runner.stdout_text, stream.read().decode())

    def test_a_subscriber_goes_on_where_it_was(self):
        runner = self.up({"a": NOW})
        seq = runner.wait_for("run_finished")["seq"]
        stream = self.follow(f"/v1/events?since={seq}")
        runner.stop()
        lines = [json.loads(line) for line in stream.read().splitlines()]
        self.assertEqual("runner_stopped", lines[-1]["event"])
        self.assertEqual(seq + 1, lines[0]["seq"])

    def test_a_subscriber_to_one_task_reads_of_no_other(self):
        runner = self.up({"a": NOW, "b": NOW})
        runner.wait_for("run_finished", nth=2)
        stream = self.follow("/v1/events?since=0&task=b")
        runner.stop()
        told = [json.loads(line) for line in stream.read().splitlines()]
        self.assertEqual({"b"}, {event.get("task") for event in told})
        self.assertEqual([e for e in runner.events() if e.get("task") == "b"], told)

    def test_a_number_that_has_not_been_is_refused(self):
        runner = self.up({"a": NOW})
        runner.wait_for("run_finished")
        status, answer = ask(self.socket, "GET", "/v1/events?since=1000000")
        self.assertEqual((409, "unknown_seq"), (status, answer["error"]["code"]))
        runner.stop()

    def test_a_subscriber_that_does_not_read_holds_up_nobody(self):
        """A peer that takes nothing is cut; the others, and the tasks, do not notice."""
        runner = self.up({"flood": {"shell": "yes | head -n 100000", "every": "1h", "run_at_start": True,
                                    "output": {"mode": "lines"}, "timeout": "5m"}})
        peer = connect(self.socket)
        peer.sendall(b"GET /v1/events?since=0 HTTP/1.1\r\n\r\n")
        self.assertEqual("success", runner.wait_for("run_finished", task="flood")["outcome"])
        self.assertEqual(200, ask(self.socket, "GET", "/healthz")[0])
        peer.close()
        runner.stop()


if __name__ == "__main__":
    main()
