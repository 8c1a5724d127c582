"""C9: a task that closes its output and runs on: its timeout holds, and nobody spins on the closed pipe."""

import processes
from taskrun_harness import NASTY, RunnerTest, main, under_both_containments


@under_both_containments
class ClosedOutput(RunnerTest):
    def test_the_timeout_holds(self):
        once = self.once({"task": {"command": [NASTY, "close-output"], "timeout": "1s"}}, "task", expect=124)
        finished = once.wait_for("run_finished")
        self.assertEqual(("timeout", 0), (finished["outcome"], finished["output_bytes"]))
        self.assertIs(True, finished.get("output_complete", True))

    def test_the_runner_sleeps_meanwhile(self):
        runner = self.start({"task": {"command": [NASTY, "close-output"], "every": "1h", "run_at_start": True,
                                      "timeout": "2s"}})
        runner.wait_for("run_started")
        before = processes.cpu_seconds(runner.daemon_pid)
        runner.wait_for("run_finished", outcome="timeout")
        self.assertLess(processes.cpu_seconds(runner.daemon_pid) - before, 0.5)
        runner.stop()

    def test_an_end_after_closing_is_a_success(self):
        once = self.once({"task": {"shell": "exec >&- 2>&-; sleep 0.2; exit 0"}}, "task", expect=0)
        self.assertEqual("success", once.wait_for("run_finished")["outcome"])


if __name__ == "__main__":
    main()
