"""R12: the runner as process 1 of a PID namespace, as in a container without an init: it reaps what others leave, default
signals act, and its end is the end of all."""

import os
import signal
import subprocess
from pathlib import Path

import processes
from taskrun_harness import NASTY, RunnerTest, is_root, main, under_both_containments

NAMESPACE = ["unshare", *([] if is_root() else ["--user", "--map-root-user"]), "--pid", "--fork", "--mount-proc"]
FOREVER = {"command": [NASTY, "sleep"], "every": "1h", "run_at_start": True, "timeout": "none"}


def refusal():
    """Why there can be no PID namespace here; "" where there can."""
    try:
        tried = subprocess.run([*NAMESPACE, "true"], capture_output=True, text=True)
    except FileNotFoundError as error:
        return str(error)
    return tried.stderr.strip() if tried.returncode != 0 else ""


@under_both_containments
class FirstProcess(RunnerTest):
    def setUp(self):
        super().setUp()
        if reason := refusal():
            self.skipTest(f"no PID namespace here: {reason}")

    def up(self, tasks):
        """A runner, its keeper and its daemon as they are known outside of the namespace."""
        runner = self.start(tasks, wrapper=NAMESPACE)
        self.assertEqual(2, runner.wait_for("runner_started")["pid"])
        (keeper,) = processes.children_of(runner.pid)
        self.assertIn(f"NSpid:\t{keeper}\t1\n", Path(f"/proc/{keeper}/status").read_text())
        daemon = min(p for p in processes.children_of(keeper) if "start" in processes.command_line(p))
        return runner, keeper, daemon

    def test_what_others_leave_is_reaped(self):
        leaves = {"shell": "for n in 1 2 3 4 5; do (setsid sh -c 'sleep 0.1 & sleep 0.1' &); done", "every": "50ms",
                  "leftovers": "leave", "overlap": "skip"}
        runner, keeper, daemon = self.up({"leaves": leaves})
        runner.wait_for("run_finished", nth=10)
        os.kill(daemon, signal.SIGSTOP)  # so that nothing new is left

        def dead():
            return [p for p in processes.carrying(self.marker, keeper) if p.state == "Z" and p.parent == keeper]
        self.wait_until(lambda: not dead(), "the end of all zombies of process 1")
        os.kill(daemon, signal.SIGCONT)
        os.kill(keeper, signal.SIGTERM)
        runner.ends_with(0)

    def test_signals_act_as_ever(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            runner, keeper, _ = self.up({"task": {"command": ["true"], "every": "1h"}})
            os.kill(keeper, signal.SIGUSR1)
            os.kill(keeper, number)
            runner.ends_with(0)
            self.assertEqual("runner_stopped", runner.events()[-1]["event"])

    def test_its_end_ends_all(self):
        runner, keeper, _ = self.up({"task": FOREVER})
        runner.wait_for("run_started")
        runner.checked = False
        os.kill(keeper, signal.SIGKILL)
        runner.wait()
        self.wait_until_gone()
        if self.containment == "cgroup":  # nobody was left to remove the group: the next runner does
            self.start({"task": {"command": ["true"]}}, "--for", "10ms").ends_with(0)

    def test_it_ends_with_its_daemon_and_takes_all_with_it(self):
        runner, _, daemon = self.up({"task": FOREVER})
        runner.wait_for("run_started")
        runner.checked = False
        os.kill(daemon, signal.SIGKILL)
        runner.ends_with(128 + signal.SIGKILL)
        self.wait_until_gone()


if __name__ == "__main__":
    main()
