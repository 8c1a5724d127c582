"""G8: a run is shown as ended once that is in the history, and until then as one that is being recorded: whoever asks at
any moment, and whoever waits for it, is never told of a run that is neither alive nor over. What waits for its claim
when the stop comes does not start."""

import json
import signal
import sqlite3
import time

import history_database
from control_socket import ask
from taskrun_harness import RunnerTest, main

WAITS = {"shell": "echo up > up; while [ ! -e go ]; do sleep 0.01; done", "timeout": "5m"}


class UntoldEnd(RunnerTest):
    def hold(self, runner):
        """Nothing is recorded meanwhile: a disk that takes long."""
        lock = sqlite3.connect(history_database.path_of(self.directory, runner), isolation_level=None, timeout=60)
        lock.execute("BEGIN IMMEDIATE")
        return lock

    def test_it_is_alive_until_it_is_over(self):
        runner = self.start({"a": WAITS})
        socket = runner.wait_for("runner_started")["socket"]
        run = ask(socket, "POST", "/v1/tasks/a/trigger")[1]["run_id"]
        self.wait_for_file("up")
        lock = self.hold(runner)
        seen = []
        while not seen or seen[-1] != "over":
            task = ask(socket, "GET", "/v1/tasks/a")[1]
            alive = [each["state"] for each in task["runs"] if each["run_id"] == run]
            over = task["last_run"] is not None and task["last_run"]["run_id"] == run
            self.assertEqual(1, len(alive) + over, task)
            if over or alive[0] not in seen:
                seen.append("over" if over else alive[0])
            self.write("go", "")
        self.assertEqual(["running", "recording", "over"], seen)
        lock.execute("ROLLBACK")
        lock.close()
        runner.wait_for("history_restored")
        runner.stop()

    def test_a_name_is_never_nobodys_between_a_task_and_the_manifests_next(self):
        runner = self.start({"a": {**WAITS, "description": "old"}})
        socket = runner.wait_for("runner_started")["socket"]
        ask(socket, "POST", "/v1/tasks/a/trigger")
        self.wait_for_file("up")
        self.assertFalse(ask(socket, "DELETE", "/v1/tasks/a")[1]["gone"])
        self.manifest({"a": {"command": ["true"], "description": "new"}})
        self.assertEqual(1, ask(socket, "POST", "/v1/reload")[1]["added"])
        lock = self.hold(runner)
        self.write("go", "")
        seen = []
        deadline = time.monotonic() + 60
        while not seen or seen[-1] != "new":
            self.assertLess(time.monotonic(), deadline, seen)
            status, task = ask(socket, "GET", "/v1/tasks/a")
            self.assertEqual(200, status, task)
            if task["description"] not in seen:
                seen.append(task["description"])
        told = [event["event"] for event in runner.events()]
        if "history_degraded" not in told:  # unless this machine was so slow that the disk was waited for no more
            self.assertNotIn("task_removed", told)
        lock.execute("ROLLBACK")
        lock.close()
        runner.wait_for("task_added", nth=2)
        events = [event["event"] for event in runner.events() if event.get("task") == "a"]
        self.assertEqual(["run_finished", "task_removed", "task_added"], events[-3:])
        runner.stop()

    def test_what_waits_for_its_record_when_the_stop_comes_never_starts(self):
        runner = self.start({"a": {"command": ["true"]}})
        socket = runner.wait_for("runner_started")["socket"]
        lock = self.hold(runner)
        run = ask(socket, "POST", "/v1/tasks/a/trigger")[1]["run_id"]
        runner.signal(signal.SIGTERM)
        time.sleep(0.2)  # the stop is told only after what waits
        lock.execute("ROLLBACK")
        lock.close()
        runner.ends_with(0)
        events = [event["event"] for event in runner.events() if event.get("run_id", run) == run]
        if "run_started" in events:  # this machine was so slow that the disk was waited for no more
            self.assertLess(events.index("run_finished"), events.index("runner_stopped"))
            self.assertLess(events.index("run_started"), events.index("runner_stopping"))
        else:
            self.assertEqual("stopping", runner.wait_for("run_skipped", run_id=run)["reason"])
        shown = json.loads(self.command("show", run, "--json", expect=0).stdout)
        self.assertEqual("success" if "run_started" in events else "skipped", shown["attempts"][0].get("outcome", shown["state"]))


if __name__ == "__main__":
    main()
