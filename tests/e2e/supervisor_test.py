"""R11, and what systemd is told: ready, status, stopping, and from the scheduling loop that it turns."""

import os
import signal
import socket

from taskrun_harness import RunnerTest, main

TASKS = {"fails": {"shell": "exit 3", "every": "1h", "run_at_start": True}, "idle": {"command": ["true"], "every": "1h"}}


class Supervisor(RunnerTest):
    def setUp(self):
        super().setUp()
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.socket.close)
        self.path = str(self.directory / "notify")
        self.socket.bind(self.path)
        self.socket.settimeout(60)

    def runner(self, **more):
        return self.start(TASKS, env={"NOTIFY_SOCKET": self.path, **more})

    def hear(self, wanted):
        """All that is told until a text holds `wanted`, this one last."""
        told = []
        while not told or wanted not in told[-1]:
            told.append(self.socket.recv(4096).decode())
        return told

    def test_ready_status_and_stopping(self):
        runner = self.runner()
        self.assertEqual(["READY=1"], self.hear("READY"))
        self.assertEqual("STATUS=2 tasks, 0 running, last failure: fails", self.hear("last failure")[-1])
        runner.stop()
        self.assertEqual("STOPPING=1\nSTATUS=stopping: SIGTERM", self.hear("STOPPING")[-1])

    def test_a_reload_is_announced_and_its_end_too(self):
        runner = self.runner()
        self.hear("READY")
        for text in (None, "{"):
            if text:
                self.write("taskrun.json", text)
            runner.signal(signal.SIGHUP)
            self.assertIn("MONOTONIC_USEC=", self.hear("RELOADING=1")[-1])
            self.hear("READY=1")
        runner.wait_for("manifest_rejected")
        runner.stop()

    def test_the_watchdog_is_fed_from_the_loop(self):
        runner = self.runner(WATCHDOG_USEC="400000", WATCHDOG_PID=None)
        for _ in range(3):
            self.hear("WATCHDOG=1")
        os.kill(runner.daemon_pid, signal.SIGSTOP)
        self.socket.settimeout(2)  # five times the timeout
        with self.assertRaises(TimeoutError):
            while True:
                self.hear("WATCHDOG=1")
        os.kill(runner.daemon_pid, signal.SIGCONT)
        self.socket.settimeout(60)
        self.hear("WATCHDOG=1")
        runner.stop()

    def test_a_watchdog_of_somebody_else_is_not_fed(self):
        runner = self.runner(WATCHDOG_USEC="20000", WATCHDOG_PID="1")
        self.hear("STATUS=")
        runner.stop()
        self.assertNotIn("WATCHDOG=1", self.hear("STOPPING"))

    def test_a_manager_that_is_gone_disturbs_nothing(self):
        self.socket.close()
        os.unlink(self.path)
        runner = self.runner(WATCHDOG_USEC="20000")
        runner.wait_for("run_finished", task="fails")
        runner.stop()

    def test_a_task_is_told_nothing_of_it(self):
        task = {"shell": "env | grep -cE 'NOTIFY|WATCHDOG|LISTEN'; true", "every": "1h", "run_at_start": True}
        runner = self.start({"task": task}, env={"NOTIFY_SOCKET": self.path, "WATCHDOG_USEC": "400000"})
        self.assertEqual("0\n", runner.wait_for("run_finished")["stdout"])
        runner.stop()


if __name__ == "__main__":
    main()
