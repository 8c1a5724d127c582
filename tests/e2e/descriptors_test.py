"""C5: a task has the descriptors 0, 1 and 2, and 3 where it may give a result; and the runner keeps none."""

import os

import processes
from taskrun_harness import NASTY, RunnerTest, main, under_both_containments

LIST = [NASTY, "descriptors"]


@under_both_containments
class Descriptors(RunnerTest):
    def test_a_task_has_three(self):
        once = self.once({"plain": {"command": LIST}, "lines": {"command": LIST, "output": {"mode": "lines"}},
                          "fed": {"command": LIST, "stdin": "text"}}, "--all", expect=0)
        self.assertEqual("0 1 2\n", once.wait_for("run_finished", task="plain")["stdout"])
        self.assertEqual("0 1 2\n", once.wait_for("run_finished", task="fed")["stdout"])
        self.assertEqual("0 1 2", once.wait_for("run_output", task="lines")["line"])

    def test_a_task_with_a_result_has_a_fourth(self):
        once = self.once({"plain": {"command": LIST, "result": True}}, "--all", expect=0)
        self.assertEqual("0 1 2 3\n", once.wait_for("run_finished")["stdout"])

    def test_also_with_eight_starts_at_once(self):
        tasks = {f"task{n}": {"command": LIST, "result": n % 2 == 1} for n in range(64)}
        once = self.once(tasks, "--all", "--jobs", "8", expect=0)
        for n in range(64):
            expected = "0 1 2 3\n" if n % 2 == 1 else "0 1 2\n"
            self.assertEqual(expected, once.wait_for("run_finished", task=f"task{n}")["stdout"])

    def test_hooks_have_three(self):
        task = {"command": ["true"], "on_success": {"command": LIST}}
        once = self.once({"task": task}, "task", expect=0)
        self.assertEqual("0 1 2\n", once.wait_for("hook_finished")["stdout"])

    def test_what_the_runner_inherited_is_not_handed_on(self):
        read, write = os.pipe()
        try:
            os.set_inheritable(write, True)
            once = self.once({"plain": {"command": LIST}}, "plain", expect=0, pass_fds=[write])
            self.assertEqual("0 1 2\n", once.wait_for("run_finished")["stdout"])
        finally:
            os.close(read)
            os.close(write)

    def test_the_runner_keeps_none_of_a_run(self):
        runner = self.start({
            "quick": {"shell": "echo out; echo err >&2", "every": "10ms", "result": True, "stdin": "text"},
            "daemon": {"command": [NASTY, "daemon", "loud"], "every": "50ms"},
            "absent": {"command": ["no-such-program"], "every": "20ms"},
            "late": {"command": [NASTY, "sleep"], "every": "100ms", "timeout": "20ms"},
        })
        runner.wait_for("run_finished", nth=3, task="late")
        pid = runner.daemon_pid
        seen = [processes.descriptors_of(pid) for _ in range(50)]
        runner.wait_for("run_finished", nth=150, task="quick")
        runner.wait_for("run_finished", nth=20, task="late")
        later = [processes.descriptors_of(pid) for _ in range(50)]
        # A run alive at the moment of counting holds a few; a leak would by now hold hundreds.
        self.assertLess(min(later), max(seen) + 20, (seen, later))
        runner.stop()


if __name__ == "__main__":
    main()
