"""R9: no descriptors or no processes left: a run is an `error`, the runner goes on, and starts again once it can."""

import os
import resource
import unittest

from control_socket import connect, read_to_end
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


def processor_time(pid):
    """Seconds in user and kernel mode."""
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Exhaustion(RunnerTest):
    def test_no_descriptors_left(self):
        tasks = {f"task{n}": {"shell": "sleep 0.2", "every": "300ms"} for n in range(40)}
        runner = self.start(tasks, before_exec=few_descriptors(64))
        error = runner.wait_for("run_finished", outcome="error")
        self.assertIn("Too many open files", error["error"])
        runner.wait_for("run_finished", nth=40, outcome="success")
        runner.stop()

    def test_peers_that_cannot_be_accepted_cost_no_processor_time(self):
        """A socket that is ready and cannot be accepted from must not make the loop spin: it costs no more than the
        same time without."""
        runner = self.start({"tick": {"command": ["true"], "every": "50ms"}}, before_exec=few_descriptors(64))
        socket = runner.wait_for("runner_started")["socket"]

        def cost():
            """Processor time of the runner over 40 due times."""
            begin = len(runner.events("run_finished"))
            spent = processor_time(runner.daemon_pid)
            runner.wait_for("run_finished", nth=begin + 40)
            runner.wait_for("run_finished", outcome="success")
            return processor_time(runner.daemon_pid) - spent
        alone = cost()
        peers = [connect(socket) for _ in range(64)]  # each is in the queue; most stay there
        for peer in peers:
            peer.sendall(b"GET /")
        runner.wait_for("run_finished", outcome="error", error=lambda text: text and "Too many open files" in text)
        crowded = cost()
        self.assertLess(crowded, alone + 0.5, "2 s of a spinning loop take 2 s")
        for peer in peers:
            peer.close()
        after = len(runner.events("run_finished", outcome="success"))
        runner.wait_for("run_finished", nth=after + 3, outcome="success")
        last = connect(socket)
        last.sendall(b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n")
        self.assertTrue(read_to_end(last).startswith(b"HTTP/1.1 200 OK"))
        last.close()
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
