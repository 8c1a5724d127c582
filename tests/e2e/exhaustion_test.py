"""R9: no descriptors or no processes left: a run is an `error`, the runner goes on, and starts again once it can."""

import os
import resource
import unittest

from taskrun_harness import NASTY, RunnerTest, is_root, main, under_both_containments


def few_descriptors(count):
    def before_exec():
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, count))
    return before_exec


def few_processes(user, count):
    def before_exec():
        resource.setrlimit(resource.RLIMIT_NPROC, (count, count))
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    return before_exec


class Exhaustion(RunnerTest):
    def test_no_descriptors_left(self):
        tasks = {f"task{n}": {"shell": "sleep 0.2", "every": "300ms"} for n in range(40)}
        runner = self.start(tasks, before_exec=few_descriptors(64))
        error = runner.wait_for("run_finished", outcome="error")
        self.assertIn("Too many open files", error["error"])
        runner.wait_for("run_finished", nth=40, outcome="success")
        runner.stop()

    @unittest.skipUnless(is_root(), "needs root, to become a user of its own")
    def test_no_processes_left(self):
        user = 50_000 + os.getpid() % 10_000
        self.directory.chmod(0o777)
        tasks = {f"task{n}": {"command": [NASTY, "sleep", "1"], "every": "1500ms"} for n in range(8)}
        runner = self.start(tasks, before_exec=few_processes(user, 6))
        error = runner.wait_for("run_finished", outcome="error")
        self.assertIn("Resource temporarily unavailable", error["error"])
        runner.wait_for("run_finished", nth=8, outcome="success")
        runner.stop()


@under_both_containments
class DescriptorLimit(RunnerTest):
    def test_tasks_get_the_limit_that_the_runner_was_given(self):
        def soft_limit():
            resource.setrlimit(resource.RLIMIT_NOFILE, (123, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
        finished = self.run_once({"shell": "ulimit -Sn"}, before_exec=soft_limit)
        self.assertEqual("123\n", finished["stdout"])

    def test_the_runner_itself_uses_the_hard_limit(self):
        def soft_limit():
            resource.setrlimit(resource.RLIMIT_NOFILE, (32, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
        tasks = {f"task{n}": {"shell": "while [ ! -e go ]; do sleep 0.05; done", "every": "1h", "run_at_start": True,
                              "timeout": "none"} for n in range(60)}
        runner = self.start(tasks, before_exec=soft_limit)
        runner.wait_for("run_started", nth=60)
        self.write("go", "")
        runner.wait_for("run_finished", nth=60, outcome="success")
        runner.stop()


if __name__ == "__main__":
    main()
