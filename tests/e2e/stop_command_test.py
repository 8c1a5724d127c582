"""`taskrun stop` stops the runner as SIGTERM does, at once where asked, and waits for the end where asked."""

import json
import os
import signal
from pathlib import Path

from taskrun_harness import RunnerTest, main

WAITS = {"shell": "echo up > up; while [ ! -e go ]; do sleep 0.05; done", "timeout": "5m"}


class StopCommand(RunnerTest):
    def up(self):
        runner = self.start({"a": WAITS}, "--instance", "web", "--stop-timeout", "5m")
        runner.wait_for("task_added")
        self.command("trigger", "a", expect=0)
        self.wait_for_file("up")
        return runner

    def test_runs_may_finish(self):
        runner = self.up()
        self.assertEqual("web: is stopping\n", self.command("stop", expect=0).stdout)
        self.write("go", "")
        runner.ends_with(0)
        self.assertEqual("success", runner.events("run_finished")[0]["outcome"])

    def test_at_once_they_may_not(self):
        runner = self.up()
        self.assertEqual({"status": "stopping"}, json.loads(self.command("stop", "--now", "--json", expect=0).stdout))
        runner.ends_with(1)
        self.assertEqual("SIGKILL", runner.events("run_finished")[0]["signal"])

    def test_it_returns_when_all_is_over(self):
        runner = self.up()
        stopping = self.launch(["stop", "--wait"])
        runner.wait_for("runner_stopping")
        self.assertIsNone(stopping.popen.poll())
        self.write("go", "")
        stopping.ends_with(0)
        self.assertEqual("web: has stopped\n", stopping.stdout_text)
        self.assertEqual([], [path.name for path in self.runtime.glob("taskrun/*.sock")])
        runner.ends_with(0)

    def test_who_was_cut_off_goes_on_waiting(self):
        """A client that is suspended takes nothing, and after a while the runner gives it nothing more."""
        task = {"shell": "echo up > up; while [ ! -e flood ]; do sleep 0.05; done; seq 100000000 100060000; "
                         "while [ ! -e go ]; do sleep 0.05; done", "timeout": "5m", "output": {"mode": "lines"}}
        runner = self.start({"a": task}, "--instance", "web", "--stop-timeout", "5m")
        runner.wait_for("task_added")
        self.command("trigger", "a", expect=0)
        self.wait_for_file("up")
        stopping = self.launch(["stop", "--wait"])
        runner.wait_for("runner_stopping")
        self.wait_until(lambda: self.streams() == 1, "the client follows")
        stopping.signal(signal.SIGSTOP)
        self.write("flood", "")
        self.wait_until(lambda: self.streams() == 0, "the client is cut off")
        stopping.signal(signal.SIGCONT)
        self.wait_until(lambda: self.streams() == 1 or stopping.popen.poll() is not None, "the client follows again")
        self.assertIsNone(stopping.popen.poll(), stopping.story())
        self.write("go", "")
        stopping.ends_with(0)
        self.assertEqual("web: has stopped\n", stopping.stdout_text)
        runner.ends_with(0)

    def test_a_runner_that_is_killed_has_stopped(self):
        runner = self.up()
        stopping = self.launch(["stop", "--wait"])
        runner.wait_for("runner_stopping")
        self.command("status")  # what the client asked has been answered by then
        runner.checked = False
        os.kill(runner.daemon_pid, signal.SIGKILL)
        runner.wait()
        stopping.ends_with(0)

    @staticmethod
    def streams():
        """How many connections the runner has."""
        lines = Path("/proc/net/unix").read_text().splitlines()
        return sum(line.endswith("/web.sock") and line.split()[5] == "03" for line in lines)


if __name__ == "__main__":
    main()
