"""C2: a process that escapes by two forks and a session of its own ends with its run, as `leftovers` says."""

import os
import signal

import processes
from taskrun_harness import NASTY, RunnerTest, main, under_both_containments

# plain; without our environment; deaf to signals; holding on to the output
KINDS = ("plain", "bare", "stubborn", "loud")


@under_both_containments
class DaemonLeftBehind(RunnerTest):
    def test_it_is_killed_and_counted_when_the_task_succeeds(self):
        tasks = {kind: {"command": [NASTY, "daemon", kind]} for kind in KINDS}
        once = self.once(tasks, *KINDS, expect=0)
        for kind in KINDS:
            finished = once.wait_for("run_finished", task=kind)
            self.assertEqual(("success", 0, 1), (finished["outcome"], finished["exit_code"], finished["leftovers_killed"]))

    def test_it_is_killed_and_counted_when_the_task_times_out(self):
        tasks = {kind: {"command": [NASTY, "daemon", kind, "60", "stay"], "timeout": "3s", "grace": "200ms"}
                 for kind in KINDS}
        once = self.once(tasks, *KINDS, expect=1)
        for kind in KINDS:
            finished = once.wait_for("run_finished", task=kind)
            self.assertEqual(("timeout", 1), (finished["outcome"], finished["leftovers_killed"]), kind)

    def test_it_is_killed_when_the_task_fails(self):
        once = self.once({"task": {"command": [NASTY, "daemon", "bare", "60", "3"]}}, "task", expect=3)
        finished = once.wait_for("run_finished")
        self.assertEqual(("failure", 3, 1), (finished["outcome"], finished["exit_code"], finished["leftovers_killed"]))

    def test_wait_lets_it_end_by_itself(self):
        once = self.once({"task": {"command": [NASTY, "daemon", "plain", "1"], "leftovers": "wait"}}, "task", expect=0)
        finished = once.wait_for("run_finished")
        self.assertEqual(0, finished.get("leftovers_killed", 0))
        self.assertGreaterEqual(finished["duration_ms"], 900)
        self.assertEqual([], once.events("kill_sent"))

    def test_wait_ends_with_the_timeout(self):
        once = self.once({"task": {"command": [NASTY, "daemon", "plain", "60"], "leftovers": "wait", "timeout": "3s"}},
                         "task", expect=124)
        finished = once.wait_for("run_finished")
        self.assertEqual(("timeout", "timeout", 1),
                         (finished["outcome"], finished["killed_by"], finished["leftovers_killed"]))

    def test_leave_lets_it_live_on(self):
        task = {"command": [NASTY, "daemon", "plain"], "leftovers": "leave"}
        once = self.once({"task": task}, "task", expect=0)
        self.assertEqual(0, once.wait_for("run_finished").get("leftovers_killed", 0))
        left = [p for p in self.leftover_processes() if p.state != "Z"]
        self.assertEqual(1, len(left), [str(p) for p in left])
        os.kill(left[0].pid, signal.SIGKILL)
        self.wait_until_gone()

    def test_a_run_takes_none_of_anothers_processes_along(self):
        """Two runs at once, each with a daemon: the end of one leaves the other's alone."""
        runner = self.start({
            "short": {"command": [NASTY, "daemon", "plain"], "run_at_start": True, "every": "1h"},
            "long": {"shell": f"'{NASTY}' daemon plain; echo up > up; while [ ! -e go ]; do sleep 0.05; done",
                     "run_at_start": True, "every": "1h", "timeout": "5m"},
        })
        self.wait_for_file("up")
        runner.wait_for("run_finished", task="short")
        alive = [p for p in self.leftover_processes() if processes.command_line(p.pid).startswith("nasty sleep")]
        self.assertEqual(1, len(alive), [str(p) for p in alive])
        self.write("go", "")
        finished = runner.wait_for("run_finished", task="long")
        self.assertEqual(1, finished["leftovers_killed"])
        runner.stop()


if __name__ == "__main__":
    main()
