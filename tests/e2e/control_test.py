"""A running runner is asked and told over its socket: tasks are listed, added, paused, triggered, cancelled, removed, and
the runner is stopped. What is answered has taken effect."""

import json

from control_socket import UnixConnection, ask
from taskrun_harness import RunnerTest, main

WAITS = {"shell": "echo up > up; while [ ! -e go ]; do sleep 0.05; done", "every": "1h", "timeout": "5m"}
QUIET = {"command": ["true"], "every": "1h"}


class Control(RunnerTest):
    def up(self, tasks, *flags, **options):
        runner = self.start(tasks, *flags, **options)
        self.socket = runner.wait_for("runner_started")["socket"]
        runner.wait_for("task_added", nth=len(tasks))
        return runner

    def ask(self, method, target, body=None, status=200):
        got, answer = ask(self.socket, method, target, body)
        self.assertEqual(status, got, answer)
        return answer

    def refused(self, status, method, target, body=None):
        return self.ask(method, target, body, status)["error"]["code"]

    def test_the_runner_and_its_tasks_are_shown(self):
        runner = self.up({"a": {**QUIET, "description": "says yes", "tags": ["x"]}, "b": {**QUIET, "enabled": False}})
        shown = self.ask("GET", "/v1/runner")
        self.assertEqual(runner.daemon_pid, shown["pid"])
        self.assertEqual((2, 0, 0, False), tuple(shown[key] for key in ("tasks", "paused", "running", "stopping")))
        a, b = self.ask("GET", "/v1/tasks")["tasks"]
        self.assertEqual(("a", 0, "idle", "says yes", ["x"]),
                         tuple(a[key] for key in ("task", "task_id", "state", "description", "tags")))
        self.assertEqual(runner.wait_for("task_added", task="a")["next_run_at"], a["next_run_at"])
        self.assertEqual(("disabled", None), (b["state"], b["next_run_at"]))
        self.assertEqual(b, self.ask("GET", "/v1/tasks/1"))
        self.assertEqual({"status": "ok", "manifest_error": None}, self.ask("GET", "/healthz"))
        runner.stop()

    def test_a_task_is_added_runs_and_is_removed_and_its_id_goes_to_the_next(self):
        runner = self.up({"a": QUIET})
        task = {"command": ["echo", "hello"], "every": "1h", "run_at_start": True}
        added = self.ask("POST", "/v1/tasks", {"name": "b", "task": task}, 201)
        self.assertEqual(1, added["task_id"])
        self.assertEqual("hello\n", runner.wait_for("run_finished", task="b")["stdout"])
        self.wait_until(lambda: self.ask("GET", "/v1/tasks/b")["last_run"], "a last run")
        self.assertEqual(1, self.ask("GET", "/v1/tasks/b")["counts"]["success"])
        self.assertEqual("name_taken", self.refused(409, "POST", "/v1/tasks", {"name": "b", "task": task}))
        self.assertEqual({"task": "b", "task_id": 1, "gone": True}, self.ask("DELETE", "/v1/tasks/b"))
        self.assertEqual("unknown_task", self.refused(404, "GET", "/v1/tasks/b"))
        next_one = self.ask("POST", "/v1/tasks", {"name": "c", "task": QUIET}, 201)
        self.assertEqual((1, None), (next_one["task_id"], next_one["last_run"]))
        runner.stop()

    def test_a_wrong_task_is_told_as_a_wrong_manifest_would_be(self):
        runner = self.up({"a": QUIET})
        answer = self.ask("POST", "/v1/tasks", {"name": "b", "task": {"comand": ["true"], "every": "0s"}}, 400)
        messages = [d["message"] for d in answer["error"]["diagnostics"]]
        self.assertEqual("wrong_task", answer["error"]["code"])
        self.assertTrue(any("comand" in message for message in messages), messages)
        for name in ("", "../x", "a\nb", "x" * 65, "a\"b"):
            self.assertEqual("wrong_task", self.refused(400, "POST", "/v1/tasks", {"name": name, "task": QUIET}))
        self.assertEqual(1, len(self.ask("GET", "/v1/tasks")["tasks"]))
        runner.stop()

    def test_a_task_is_paused_and_resumed(self):
        runner = self.up({"a": QUIET})
        self.assertEqual("paused", self.ask("POST", "/v1/tasks/a/pause")["state"])
        self.assertEqual("paused", self.ask("POST", "/v1/tasks/a/pause")["state"])
        self.assertEqual("idle", self.ask("POST", "/v1/tasks/0/resume")["state"])
        self.assertEqual("unknown_task", self.refused(404, "POST", "/v1/tasks/b/pause"))
        runner.stop()
        self.assertEqual(1, len(runner.events("task_paused")))
        self.assertEqual(1, len(runner.events("task_resumed")))

    def test_a_task_is_triggered_and_the_reason_is_told_where_it_cannot_be(self):
        runner = self.up({"a": WAITS, "off": {**QUIET, "enabled": False}})
        run = self.ask("POST", "/v1/tasks/a/trigger")["run_id"]
        self.wait_for_file("up")
        self.assertEqual("manual", runner.wait_for("run_started", run_id=run)["trigger"])
        alive = self.ask("GET", "/v1/tasks/a")
        self.assertEqual(("running", run), (alive["state"], alive["runs"][0]["run_id"]))
        self.assertEqual(1, self.ask("GET", "/v1/runner")["running"])
        self.assertEqual("overlap", self.refused(409, "POST", "/v1/tasks/a/trigger"))
        self.assertEqual("disabled", self.refused(409, "POST", "/v1/tasks/off/trigger"))
        self.write("go", "")
        self.assertEqual("success", runner.wait_for("run_finished", run_id=run)["outcome"])
        runner.stop()

    def test_a_run_is_cancelled(self):
        runner = self.up({"a": WAITS})
        run = self.ask("POST", "/v1/tasks/a/trigger")["run_id"]
        self.wait_for_file("up")
        self.assertEqual(run, self.ask("POST", f"/v1/runs/{run}/cancel")["run_id"])
        finished = runner.wait_for("run_finished", run_id=run)
        self.assertEqual(("cancelled", "cancel"), (finished["outcome"], finished["killed_by"]))
        self.wait_until(lambda: not self.ask("GET", "/v1/tasks/a")["runs"], "the end of the run")
        self.assertEqual("unknown_run", self.refused(404, "POST", f"/v1/runs/{run}/cancel"))
        runner.stop()

    def test_a_task_is_removed_with_its_run_or_after_it(self):
        runner = self.up({"ends": WAITS, "stays": {**WAITS, "shell": WAITS["shell"].replace("up", "up2")}})
        for task, file in (("ends", "up"), ("stays", "up2")):
            self.ask("POST", f"/v1/tasks/{task}/trigger")
            self.wait_for_file(file)
        self.assertFalse(self.ask("DELETE", "/v1/tasks/ends?stop=true")["gone"])
        self.assertFalse(self.ask("DELETE", "/v1/tasks/stays")["gone"])
        self.assertEqual("cancelled", runner.wait_for("run_finished", task="ends")["outcome"])
        self.assertEqual("removed", self.ask("GET", "/v1/tasks/stays")["state"])
        self.write("go", "")
        self.assertEqual("success", runner.wait_for("run_finished", task="stays")["outcome"])
        runner.wait_for("task_removed", nth=2)
        self.assertEqual([], self.ask("GET", "/v1/tasks")["tasks"])
        runner.stop()

    def test_the_runner_is_stopped_and_its_socket_goes(self):
        runner = self.up({"a": QUIET})
        self.assertEqual({"status": "stopping"}, self.ask("POST", "/v1/stop"))
        runner.ends_with(0)
        self.assertEqual("request", runner.events("runner_stopping")[0]["cause"])
        self.assertEqual([], [p.name for p in self.runtime.glob("taskrun/*")])

    def test_while_it_stops_nothing_new_begins(self):
        runner = self.up({"a": WAITS}, "--stop-timeout", "5m")
        self.ask("POST", "/v1/tasks/a/trigger")
        self.wait_for_file("up")
        self.ask("POST", "/v1/stop")
        self.assertEqual("stopping", self.refused(503, "POST", "/v1/tasks/a/trigger"))
        self.assertEqual("stopping", self.refused(503, "POST", "/v1/tasks", {"name": "b", "task": QUIET}))
        self.assertEqual("stopping", self.refused(503, "GET", "/healthz"))
        self.ask("POST", "/v1/stop?now=true")
        runner.ends_with(1)

    def test_many_tasks_are_told_in_order_while_others_come_and_go(self):
        runner = self.up({f"t{number}": QUIET for number in range(1700)})
        connection = UnixConnection(self.socket)
        for number in range(20):
            connection.request("GET", "/v1/tasks")
            self.ask("POST", "/v1/tasks", {"name": "passing", "task": QUIET}, 201)
            self.ask("DELETE", "/v1/tasks/passing")
            told = json.loads(connection.getresponse().read())["tasks"]
            stays = [task for task in told if task["task"] != "passing"]
            self.assertEqual([(f"t{n}", n) for n in range(1700)], [(task["task"], task["task_id"]) for task in stays])
        connection.close()
        runner.stop()

    def test_one_connection_serves_many_requests(self):
        runner = self.up({"a": QUIET})
        connection = UnixConnection(self.socket)
        for _ in range(100):
            connection.request("GET", "/v1/tasks/a")
            self.assertEqual("a", json.loads(connection.getresponse().read())["task"])
        connection.close()
        runner.stop()


if __name__ == "__main__":
    main()
