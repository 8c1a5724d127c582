"""C1: a task that ignores SIGTERM is gone after its timeout and its grace."""

from taskrun_harness import NASTY, RunnerTest, main, under_both_containments

DEAF = {"command": [NASTY, "ignore-term"], "timeout": "3s", "grace": "200ms"}


@under_both_containments
class IgnoredTerm(RunnerTest):
    def test_sigkill_follows_the_grace(self):
        once = self.once({"deaf": DEAF}, "deaf", expect=124)
        finished = once.wait_for("run_finished")
        self.assertEqual(("timeout", "SIGKILL", "timeout"),
                         (finished["outcome"], finished["signal"], finished["killed_by"]))
        self.assertNotIn("exit_code", finished)
        self.assertEqual("ready\n", finished["stdout"])

    def test_both_signals_are_told_in_order(self):
        once = self.once({"deaf": DEAF}, "deaf", expect=124)
        told = [e for e in once.events() if e.get("task") == "deaf" and e["event"] != "task_added"]
        self.assertEqual(["run_started", "kill_sent", "kill_sent", "run_finished"], [e["event"] for e in told])
        self.assertEqual([("stop", "SIGTERM", "timeout"), ("kill", "SIGKILL", "timeout")],
                         [(e["stage"], e["signal"], e["killed_by"]) for e in told[1:3]])

    def test_a_timeout_is_no_shorter_than_it_says(self):
        finished = self.once({"deaf": DEAF}, "deaf").wait_for("run_finished")
        self.assertGreaterEqual(finished["duration_ms"], 3200)

    def test_a_task_that_obeys_gets_no_sigkill(self):
        once = self.once({"meek": {"command": [NASTY, "sleep"], "timeout": "300ms", "grace": "30s"}}, "meek", expect=124)
        self.assertEqual("SIGTERM", once.wait_for("run_finished")["signal"])
        self.assertEqual(["stop"], [e["stage"] for e in once.events("kill_sent")])

    def test_the_stop_signal_is_the_tasks_choice(self):
        once = self.once({"own": {"command": [NASTY, "signals"], "timeout": "3s", "stop_signal": "USR1"}}, "own", expect=124)
        finished = once.wait_for("run_finished")
        self.assertEqual("timeout", finished["outcome"])
        self.assertEqual(0, finished["exit_code"])
        self.assertIn("USR1\n", finished["stdout"])
        self.assertEqual(["SIGUSR1"], [e["signal"] for e in once.events("kill_sent")])

    def test_the_whole_tree_gets_the_stop_signal(self):
        once = self.once({"tree": {"command": [NASTY, "tree", "3", "2"], "timeout": "3s", "grace": "30s"}}, "tree",
                         expect=124)
        self.assertEqual(["stop"], [e["stage"] for e in once.events("kill_sent")])


if __name__ == "__main__":
    main()
