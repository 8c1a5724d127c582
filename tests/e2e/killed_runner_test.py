"""R1: when the runner dies, whichever half of it and however, its tasks are gone soon after."""

import os
import signal

import processes
from taskrun_harness import NASTY, RunnerTest, main, under_both_containments

TASKS = {
    "tree": {"command": [NASTY, "tree", "3", "2"], "run_at_start": True, "every": "1h", "timeout": "none"},
    "deaf": {"command": [NASTY, "ignore-term"], "run_at_start": True, "every": "1h", "timeout": "none"},
    "daemon": {"command": [NASTY, "daemon", "stubborn", "60", "stay"], "run_at_start": True, "every": "1h",
               "timeout": "none"},
    "bare": {"command": [NASTY, "daemon", "bare", "60", "stay"], "run_at_start": True, "every": "1h",
             "timeout": "none"},
}


@under_both_containments
class KilledRunner(RunnerTest):
    def running(self):
        """A runner whose tasks have all put out their processes."""
        runner = self.start(TASKS)
        runner.checked = False  # what it had to say is cut off
        runner.wait_for("run_started", nth=len(TASKS))
        self.wait_until(lambda: self.count("nasty") >= 13 + 1 + 2 + 2, "all processes of the tasks")
        return runner

    def count(self, name):
        return sum(p.name == name and p.state != "Z" for p in self.leftover_processes())

    def test_the_daemon_dies(self):
        runner = self.running()
        os.kill(runner.daemon_pid, signal.SIGKILL)
        self.assertNotEqual(0, runner.wait())
        self.assertEqual(0, self.count("nasty"), "the keeper ends only once every process is gone")

    def test_the_daemon_dies_by_a_signal_that_it_does_not_catch(self):
        runner = self.running()
        os.kill(runner.daemon_pid, signal.SIGSEGV)
        self.assertNotEqual(0, runner.wait())
        self.assertEqual(0, self.count("nasty"))
        self.wait_until_gone()

    def test_the_keeper_dies(self):
        runner = self.running()
        runner.signal(signal.SIGKILL)
        self.assertEqual(128 + signal.SIGKILL, runner.wait())
        self.wait_until_gone()

    def test_both_die(self):
        """Nobody is left to act: the kernel ends the main processes; a control group holds the rest for the next start."""
        runner = self.running()
        daemon = runner.daemon_pid
        runner.signal(signal.SIGSTOP)
        os.kill(daemon, signal.SIGKILL)
        runner.signal(signal.SIGKILL)
        runner.wait()
        own = {p.pid for p in self.processes}

        def mains_gone():
            processes.reap_adopted(own)
            return not [p for p in self.leftover_processes() if "ignore-term" in processes.command_line(p.pid)
                        and processes.command_line(p.pid).startswith(NASTY)]
        self.wait_until(mains_gone, "the main processes")
        if self.containment == "cgroup":
            self.start({"task": {"command": ["true"]}}, "--for", "10ms").ends_with(0)
            self.wait_until_gone()
        self.end_everything()

    def test_once_is_no_different(self):
        path = self.manifest({"task": TASKS["tree"]})
        once = self.launch(["once", "task", "-m", path, *self.containment_flags()])
        once.checked = False
        self.wait_until(lambda: self.count("nasty") >= 13, "all processes of the task")
        os.kill(once.daemon_pid, signal.SIGKILL)
        self.assertNotEqual(0, once.wait())
        self.assertEqual(0, self.count("nasty"))


if __name__ == "__main__":
    main()
