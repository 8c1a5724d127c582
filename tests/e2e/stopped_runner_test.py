"""A runner that was stopped for longer than a task may take: what ended by itself meanwhile is not told as a timeout."""

import os
import signal
import time

import processes
from taskrun_harness import RunnerTest, main, under_both_containments

TIMEOUT = 6.0


@under_both_containments
class StoppedRunner(RunnerTest):
    def test_a_run_that_ended_in_time_is_no_timeout(self):
        task = {"shell": "echo $$ > pid; while [ ! -e go ]; do sleep 0.01; done", "timeout": f"{TIMEOUT:.0f}s",
                "run_at_start": True}
        runner = self.start({"a": task})
        pid = int(self.wait_for_file("pid"))
        begun = time.monotonic()
        runner.wait_for("run_started")
        os.kill(runner.daemon_pid, signal.SIGSTOP)
        self.write("go", "")
        self.wait_until(lambda: processes.look(pid).state == "Z", "the end of the task")
        self.wait_until(lambda: time.monotonic() > begun + TIMEOUT + 0.1, "the moment of its timeout")
        os.kill(runner.daemon_pid, signal.SIGCONT)
        finished = runner.wait_for("run_finished")
        self.assertEqual("success", finished["outcome"], runner.story())
        self.assertNotIn("killed_by", finished)
        self.assertEqual([], runner.events("kill_sent"))
        runner.stop()


if __name__ == "__main__":
    main()
