"""M3: a manifest that is read again is taken over whole or not at all. What is unchanged goes on as if nothing had been,
what runs keeps its definition, and a broken file costs nothing but a line."""

import json
import os
import signal
from datetime import datetime, timedelta

from control_socket import ask
from taskrun_harness import SANITIZED, RunnerTest, main, take_terminal

QUIET = {"command": ["true"], "every": "1h"}
WAITS = {"shell": "echo up >> up; while [ ! -e go ]; do sleep 0.05; done; echo old", "every": "1h",
         "run_at_start": True, "timeout": "5m"}


class Reload(RunnerTest):
    def up(self, tasks, *flags, **options):
        runner = self.start(tasks, *flags, **options)
        self.socket = runner.wait_for("runner_started")["socket"]
        runner.wait_for("task_added", nth=len(tasks))
        return runner

    def ask(self, method, target, status=200, body=None):
        got, answer = ask(self.socket, method, target, body)
        self.assertEqual(status, got, answer)
        return answer

    def reload(self, tasks, **top):
        self.manifest(tasks, **top)
        return self.ask("POST", "/v1/reload")

    def counts(self, line):
        return tuple(line[key] for key in ("added", "changed", "removed"))

    def test_a_reload_changes_what_is_different_and_nothing_else(self):
        runner = self.up({"same": QUIET, "other": QUIET, "gone": QUIET})
        before = self.ask("GET", "/v1/tasks/same")
        other = {**QUIET, "shell": "echo new", "description": "changed"}
        del other["command"]
        self.manifest({"new": QUIET, "other": other, "same": QUIET})
        runner.signal(signal.SIGHUP)
        told = runner.wait_for("manifest_reloaded")
        self.assertEqual((1, 1, 1), self.counts(told))
        self.assertEqual(3, told["tasks"])
        self.assertEqual(before, self.ask("GET", "/v1/tasks/same"))
        self.assertEqual("changed", self.ask("GET", "/v1/tasks/other")["description"])
        self.ask("GET", "/v1/tasks/gone", 404)
        self.assertEqual(1, len(runner.events("task_removed", task="gone")))
        self.ask("POST", "/v1/tasks/other/trigger")
        self.assertEqual("new\n", runner.wait_for("run_finished", task="other")["stdout"])
        self.assertEqual({"added": 0, "changed": 0, "removed": 0, "unchanged": 3}, self.ask("POST", "/v1/reload"))
        runner.stop()

    def test_layout_order_and_defaults_spelled_out_are_no_change(self):
        runner = self.up({"a": QUIET, "b": QUIET}, top={"defaults": {"timeout": "7s"}})
        (self.directory / "taskrun.json").write_text(json.dumps(
            {"version": 1, "tasks": {"b": {**QUIET, "timeout": "7s"}, "a": {**QUIET, "timeout": "7s"}}}))
        self.assertEqual({"added": 0, "changed": 0, "removed": 0, "unchanged": 2}, self.ask("POST", "/v1/reload"))
        runner.stop()

    def test_a_run_that_is_alive_keeps_its_definition(self):
        runner = self.up({"a": WAITS})
        self.wait_for_file("up")
        self.assertEqual(1, self.reload({"a": {**QUIET, "timeout": "1s"}})["changed"])
        self.write("go", "")
        finished = runner.wait_for("run_finished", task="a")
        self.assertEqual(("success", "old\n"), (finished["outcome"], finished["stdout"]))
        self.ask("POST", "/v1/tasks/a/trigger")
        self.assertEqual("", runner.wait_for("run_finished", nth=2, task="a")["stdout"])
        runner.stop()

    def test_a_task_that_is_removed_may_finish_and_then_runs_its_hook(self):
        runner = self.up({"a": {**WAITS, "on_stop": {"shell": "echo bye > bye"}}})
        self.wait_for_file("up")
        self.assertEqual(1, self.reload({"b": QUIET})["removed"])
        self.assertEqual("removed", self.ask("GET", "/v1/tasks/a")["state"])
        self.write("go", "")
        self.assertEqual("success", runner.wait_for("run_finished", task="a")["outcome"])
        runner.wait_for("task_removed", task="a")
        self.assertEqual("bye\n", (self.directory / "bye").read_text())
        runner.stop()

    def test_a_task_that_comes_back_waits_until_its_predecessor_is_gone(self):
        runner = self.up({"a": WAITS, "b": QUIET})
        self.wait_for_file("up")
        self.reload({"b": QUIET})
        self.assertEqual(1, self.reload({"a": {**QUIET, "run_at_start": True}, "b": QUIET})["added"])
        self.assertEqual(1, len(runner.events("task_added", task="a")))
        self.write("go", "")
        runner.wait_for("task_added", nth=2, task="a")
        self.assertEqual("", runner.wait_for("run_finished", nth=2, task="a")["stdout"])
        runner.stop()
        order = [e["event"] for e in runner.events() if e.get("task") == "a"]
        self.assertEqual(["task_added", "run_started", "run_finished", "task_removed",
                          "task_added", "run_started", "run_finished"], order)

    def test_a_broken_file_leaves_everything_as_it_was(self):
        runner = self.up({"a": QUIET})
        before = self.ask("GET", "/v1/tasks")
        self.write("taskrun.json", '{"version": 1,\n "tasks": {"a": {"comand": ["true"], "every": "0s"}}}')
        runner.signal(signal.SIGHUP)
        told = runner.wait_for("manifest_rejected")
        self.assertEqual(2, told["diagnostics"][0]["line"])
        self.assertTrue(any("comand" in d["message"] for d in told["diagnostics"]), told)
        self.assertIn(told["diagnostics"][0]["message"], self.ask("GET", "/healthz")["manifest_error"])
        self.assertEqual(before, self.ask("GET", "/v1/tasks"))
        refused = self.ask("POST", "/v1/reload", 400)["error"]
        self.assertEqual(("wrong_manifest", told["diagnostics"]), (refused["code"], refused["diagnostics"]))
        self.assertEqual(1, self.reload({"a": QUIET, "b": QUIET})["added"])
        self.assertIsNone(self.ask("GET", "/healthz")["manifest_error"])
        runner.stop()
        self.assertIn("taskrun.json:2:", runner.stderr_text)

    def test_a_manifest_that_is_gone_is_no_empty_one(self):
        runner = self.up({"a": QUIET})
        (self.directory / "taskrun.json").unlink()
        refused = self.ask("POST", "/v1/reload", 400)["error"]
        self.assertEqual("unreadable_manifest", refused["code"])
        self.assertIn("No such file", refused["message"])
        self.assertEqual(1, len(self.ask("GET", "/v1/tasks")["tasks"]))
        runner.stop()

    def test_stdin_cannot_be_read_again(self):
        manifest = self.manifest({"a": QUIET})
        with open(manifest, "rb") as stdin:
            runner = self.launch(["start", "-"], stdin=stdin)
            self.socket = runner.wait_for("runner_started")["socket"]
            self.assertIn("stdin", self.ask("POST", "/v1/reload", 400)["error"]["message"])
            runner.stop()

    def test_a_mistake_repeated_a_thousand_times_fits_into_a_line(self):
        runner = self.up({"a": QUIET})
        self.manifest({f"task-{i}": {"comand": "x" * 50, "every": "1h"} for i in range(1000)})
        runner.signal(signal.SIGHUP)
        told = runner.wait_for("manifest_rejected")
        self.assertGreater(told["count"], len(told["diagnostics"]))
        runner.stop()

    def test_clients_tasks_stay_and_what_clients_took_out_comes_back(self):
        runner = self.up({"a": QUIET, "b": QUIET})
        self.ask("POST", "/v1/tasks", 201, {"name": "mine", "task": QUIET})
        self.ask("DELETE", "/v1/tasks/b")
        self.assertEqual({"added": 1, "changed": 0, "removed": 1, "unchanged": 0}, self.reload({"b": QUIET}))
        self.assertEqual({"mine", "b"}, {t["task"] for t in self.ask("GET", "/v1/tasks")["tasks"]})
        self.assertEqual(1, self.reload({"b": QUIET, "mine": {**QUIET, "every": "2h"}})["added"])
        self.assertEqual("every 2h", self.ask("GET", "/v1/tasks/mine")["schedule"])
        self.assertEqual(1, self.reload({"b": QUIET})["removed"])
        self.assertEqual({"b"}, {t["task"] for t in self.ask("GET", "/v1/tasks")["tasks"]})
        runner.stop()

    def test_limits_change_with_the_manifest(self):
        tasks = {name: WAITS for name in ("a", "b", "c")}
        runner = self.up(tasks, top={"max_parallel": 1})
        runner.wait_for("run_started")
        self.assertEqual(1, len(runner.events("run_started")))
        self.assertEqual(3, self.reload(tasks, max_parallel=3)["unchanged"])
        runner.wait_for("run_started", nth=3)
        self.write("go", "")
        runner.wait_for("run_finished", nth=3)
        runner.stop()

    def test_a_selection_holds_for_what_is_read_again(self):
        runner = self.up({"a": QUIET}, "--only", "a")
        self.assertEqual(1, self.reload({"a": QUIET, "b": QUIET})["unchanged"])
        self.manifest({"b": QUIET})
        self.assertIn("'a'", self.ask("POST", "/v1/reload", 400)["error"]["message"])
        runner.stop()

    def test_a_thousand_reloads_in_a_row(self):
        reloads = 100 if SANITIZED else 1000
        runner = self.up({"same": {"command": ["true"], "every": "50ms"}, "odd": QUIET})
        for i in range(reloads):
            answer = self.reload({"same": {"command": ["true"], "every": "50ms"}, ("even", "odd")[i % 2]: QUIET})
            self.assertEqual(1, answer["unchanged"])
        runner.stop()
        self.assertEqual(reloads, len(runner.events("manifest_reloaded")))
        due = [e["scheduled_at"] for e in runner.events() if e["event"] in ("run_started", "run_skipped")]
        self.assertEqual(len(set(due)), len(due), "a due time came twice")
        since_first = [datetime.fromisoformat(time) - datetime.fromisoformat(due[0]) for time in due]
        self.assertEqual({timedelta()}, {wait % timedelta(milliseconds=50) for wait in since_first}, "the phase moved")

    def test_many_at_once_are_answered_and_the_last_one_holds(self):
        runner = self.up({"a": QUIET})
        for i in range(50):
            self.manifest({f"task-{i}": QUIET})
            runner.signal(signal.SIGHUP)
        self.ask("POST", "/v1/reload")
        self.assertEqual(["task-49"], [t["task"] for t in self.ask("GET", "/v1/tasks")["tasks"]])
        runner.stop()

    def test_a_runner_that_stops_does_not_reload(self):
        runner = self.up({"a": {**WAITS, "shell": "trap '' TERM; " + WAITS["shell"]}}, "--stop-timeout", "5m")
        self.wait_for_file("up")
        runner.signal(signal.SIGTERM)
        runner.wait_for("runner_stopping")
        self.assertEqual("stopping", self.ask("POST", "/v1/reload", 503)["error"]["code"])
        self.write("go", "")
        self.assertEqual(0, runner.wait())

    def test_a_reading_that_hangs_does_not_hold_up_the_end(self):
        read, write = os.pipe()  # nobody reads the mistakes that it wants to tell
        os.set_blocking(write, False)
        with self.assertRaises(BlockingIOError):
            while True:
                os.write(write, b"x" * 4096)
        os.set_blocking(write, True)
        runner = self.start({"a": QUIET}, stderr=write)
        self.addCleanup(os.close, read)
        os.close(write)
        self.socket = runner.wait_for("runner_started")["socket"]
        runner.wait_for("task_added")
        self.write("taskrun.json", "{")
        threads = f"/proc/{runner.daemon_pid}/task"
        before = len(os.listdir(threads))
        runner.signal(signal.SIGHUP)
        self.wait_until(lambda: len(os.listdir(threads)) == before + 1, "the thread that reads")
        runner.stop()

    def test_a_hang_up_with_the_terminal_there_reloads_and_stops_when_it_is_gone(self):
        primary, secondary = os.openpty()
        runner = self.start({"a": QUIET}, stdin=secondary, before_exec=lambda: take_terminal(secondary))
        os.close(secondary)
        runner.wait_for("task_added")
        self.manifest({"b": QUIET})
        runner.signal(signal.SIGHUP)
        runner.wait_for("manifest_reloaded")
        os.close(primary)
        self.assertEqual("SIGHUP", runner.wait_for("runner_stopping")["cause"])
        self.assertEqual(0, runner.wait())


if __name__ == "__main__":
    main()
