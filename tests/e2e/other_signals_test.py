"""R5: of all signals only the documented ones act on the runner, whichever of its two processes they are sent to."""

import os
import pty
import signal

import processes
from control_socket import ask
from taskrun_harness import NASTY, RunnerTest, main, take_terminal

STOPPING = {signal.SIGTERM, signal.SIGINT}
RELOADING = {signal.SIGHUP}
# Nobody can be deaf to these, and those of a crash are not to be survived.
KERNEL = {signal.SIGKILL, signal.SIGSTOP}
CRASH = {signal.SIGILL, signal.SIGTRAP, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGSEGV, signal.SIGSYS}
OTHERS = sorted(signal.valid_signals() - STOPPING - RELOADING - KERNEL - CRASH)


class OtherSignals(RunnerTest):
    def up(self, **options):
        task = {"command": [NASTY, "state"], "every": "1h", "output": {"limit": "16KiB"}}
        runner = self.start({"task": task}, **options)
        self.socket = runner.wait_for("runner_started")["socket"]
        return runner

    def assert_it_works(self, runner, runs):
        self.assertEqual(200, ask(self.socket, "POST", "/v1/tasks/task/trigger")[0])
        finished = runner.wait_for("run_finished", nth=runs)
        self.assertEqual("success", finished["outcome"])
        for key in ("SigBlk", "SigIgn", "SigPnd", "ShdPnd"):
            self.assertIn(f"{key}:\t0000000000000000\n", finished["stdout"])

    def test_each_other_signal_does_nothing(self):
        runner = self.up()
        pids = (runner.pid, runner.daemon_pid)
        self.assertGreater(len(OTHERS), 40)
        for pid in pids:
            for number in OTHERS:
                os.kill(pid, number)
        self.assert_it_works(runner, 1)
        self.assertEqual([], [p for p in map(processes.look, pids) if p is None or p.state in "TtZ"])
        self.assertEqual([], runner.events("runner_stopping"))
        for pid in pids:
            os.kill(pid, signal.SIGTSTP)
            os.kill(pid, signal.SIGCONT)
        self.assert_it_works(runner, 2)
        runner.stop()
        self.assertEqual(["runner_stopped"], [runner.events()[-1]["event"]])
        self.assertEqual("", runner.stderr_text)

    def test_a_stopped_runner_goes_on_where_it_was(self):
        runner = self.up()
        for pid in (runner.pid, runner.daemon_pid):
            os.kill(pid, signal.SIGSTOP)
            self.wait_until(lambda: processes.look(pid).state == "T", "a stop")
            os.kill(pid, signal.SIGCONT)
        self.assert_it_works(runner, 1)
        runner.stop()

    def test_ctrl_z_at_a_terminal_does_nothing(self):
        primary, secondary = pty.openpty()
        self.addCleanup(os.close, primary)
        runner = self.up(stdin=secondary, before_exec=lambda: take_terminal(secondary))
        os.close(secondary)
        os.write(primary, b"\x1a\x1c")
        self.assert_it_works(runner, 1)
        self.assertEqual([], [p for p in (processes.look(runner.pid),) if p.state == "T"])
        runner.stop()


if __name__ == "__main__":
    main()
