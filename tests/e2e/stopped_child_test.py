"""C4: a task that stops itself is still timed out, continued so that it can end, and killed where it does not."""

from taskrun_harness import NASTY, RunnerTest, main, under_both_containments


@under_both_containments
class StoppedChild(RunnerTest):
    def test_the_stop_signal_reaches_it(self):
        task = {"command": [NASTY, "stop-self"], "timeout": "1s", "grace": "30s"}
        once = self.once({"stopped": task}, "stopped", expect=124)
        finished = once.wait_for("run_finished")
        self.assertEqual(("timeout", "SIGTERM"), (finished["outcome"], finished["signal"]))
        self.assertEqual(["stop"], [e["stage"] for e in once.events("kill_sent")])

    def test_the_stop_signal_is_followed_by_cont(self):
        task = {"shell": "trap 'echo term; exit 7' TERM; kill -STOP $$; echo continued; while :; do sleep 0.05; done",
                "timeout": "1s", "grace": "30s"}
        once = self.once({"stopped": task}, "stopped", expect=124)
        finished = once.wait_for("run_finished")
        self.assertEqual(("timeout", 7), (finished["outcome"], finished["exit_code"]))
        self.assertIn("term\n", finished["stdout"])

    def test_kill_works_on_one_that_is_stopped_and_deaf(self):
        task = {"shell": "trap '' TERM; while :; do kill -STOP $$; done", "timeout": "1s", "grace": "200ms"}
        once = self.once({"stopped": task}, "stopped", expect=124)
        self.assertEqual("SIGKILL", once.wait_for("run_finished")["signal"])

    def test_a_stopped_leftover_is_killed(self):
        once = self.once({"task": {"shell": "setsid sh -c 'kill -STOP $$' & sleep 0.3"}}, "task", expect=0)
        self.assertGreaterEqual(once.wait_for("run_finished")["leftovers_killed"], 1)


if __name__ == "__main__":
    main()
