"""R1, G1, G2: what a runner that was killed leaves in the history, and what the next one makes of it."""

import json
import os
import signal

import history_database
from taskrun_harness import RunnerTest, main, under_both_containments

LONG = {"command": ["sleep", "60"], "run_at_start": True, "every": "1h", "timeout": "none"}


@under_both_containments
class HistoryCrash(RunnerTest):
    def kill_both(self, runner):
        """The keeper and the daemon at once, so that nobody is left to say or to write anything."""
        runner.checked = False  # what it had to say is cut off
        daemon = runner.daemon_pid
        runner.signal(signal.SIGSTOP)
        os.kill(daemon, signal.SIGKILL)
        runner.signal(signal.SIGKILL)
        runner.wait()
        self.end_everything()

    def died(self, runner):
        return {(e["task"], e["run_id"], e["scheduled_at"]) for e in
                runner.events("run_finished", outcome="error", error="runner died", final=True)}

    def test_each_run_that_was_alive_is_ended_once_by_the_next_runner(self):
        runner = self.start({"a": LONG, "b": LONG})
        runner.wait_for("run_started", nth=2)
        alive = {(e["task"], e["run_id"], e["scheduled_at"]) for e in runner.events("run_started")}
        self.kill_both(runner)
        path = history_database.path_of(self.directory, runner)
        self.assertEqual(2, history_database.open_runs(path))

        quiet = {name: {**LONG, "run_at_start": False} for name in ("a", "b")}
        second = self.start(quiet)
        second.wait_for("run_finished", nth=2)
        second.stop()
        self.assertEqual(alive, self.died(second))
        self.assertEqual(0, history_database.open_runs(path))
        self.assertTrue(history_database.is_whole(path))

        third = self.start(quiet)
        third.wait_for("task_added", nth=2)
        third.stop()
        self.assertEqual([], third.events("run_finished"))

    def test_until_then_nobody_calls_it_running(self):
        runner = self.start({"a": LONG})
        run = runner.wait_for("run_started")["run_id"]
        listed = lambda: json.loads(self.command("history", "--json", expect=0).stdout)  # noqa: E731
        self.assertEqual(["running"], [entry["state"] for entry in listed()])
        self.kill_both(runner)
        self.assertEqual(["unfinished"], [entry["state"] for entry in listed()])
        self.assertRegex(self.command("history", expect=0).stdout, r"a +unfinished +- +\w{8} +its runner is gone, start\n")
        shown = self.command("show", run, expect=0).stdout
        self.assertIn("outcome    unfinished, its runner is gone\n", shown)
        self.assertNotIn("alive for", shown)
        self.assertEqual("unfinished", json.loads(self.command("show", run, "--json", expect=0).stdout)["state"])
        second = self.start({"a": {**LONG, "run_at_start": False}})
        second.wait_for("run_finished", run_id=run, error="runner died")
        second.stop()

    def test_a_run_of_a_task_that_is_no_more_is_ended_too(self):
        runner = self.start({"gone": LONG})
        run = runner.wait_for("run_started")["run_id"]
        self.kill_both(runner)
        second = self.start({"other": {"command": ["true"], "every": "1h"}})
        self.assertEqual("gone", second.wait_for("run_finished", run_id=run, error="runner died")["task"])
        second.stop()

    def test_a_run_that_waited_for_its_next_attempt_died_as_well(self):
        runner = self.start({"a": {"command": ["false"], "run_at_start": True, "every": "1h",
                                   "retry": {"attempts": 3, "delay": "1h"}}})
        run = runner.wait_for("run_finished", final=False)["run_id"]
        self.kill_both(runner)
        second = self.start({"a": {"command": ["true"], "every": "1h"}})
        second.wait_for("run_finished", run_id=run, error="runner died", final=True)
        second.stop()

    def test_the_daemon_alone_dies(self):
        runner = self.start({"a": LONG})
        run = runner.wait_for("run_started")["run_id"]
        runner.checked = False
        os.kill(runner.daemon_pid, signal.SIGKILL)
        runner.wait()
        second = self.start({"a": {**LONG, "run_at_start": False}})
        second.wait_for("run_finished", run_id=run, error="runner died")
        second.stop()

    def test_a_clean_stop_leaves_nothing_open(self):
        runner = self.start({"a": LONG, "b": {"command": ["true"], "every": "50ms"}}, "--stop-timeout", "0s")
        runner.wait_for("run_finished", nth=3, task="b")
        runner.stop(expect=1)
        path = history_database.path_of(self.directory, runner)
        self.assertEqual(0, history_database.open_runs(path))
        self.assertFalse((path.parent / "history.db-wal").exists(), "the file alone is the whole history")

    def test_without_state_nothing_is_on_disk(self):
        runner = self.start({"a": {"command": ["true"], "every": "50ms"}}, "--no-state")
        runner.wait_for("run_finished", nth=3)
        runner.stop()
        self.assertEqual([], list(self.state.iterdir()))


if __name__ == "__main__":
    main()
