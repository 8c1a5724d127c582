"""C11: exit codes and signals are told exactly, and apart."""

import os
import resource
import signal

from taskrun_harness import NASTY, RunnerTest, main

# Stopping, continuing and being ignored by default end nobody.
HARMLESS = {signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU, signal.SIGCONT, signal.SIGCHLD,
            signal.SIGURG, signal.SIGWINCH}
DEADLY = [s for s in range(1, 32) if s not in HARMLESS]


def name_of(number):
    if number > 31:
        return f"SIGRTMIN+{number - signal.SIGRTMIN}" if number > signal.SIGRTMIN else "SIGRTMIN"
    return signal.Signals(number).name


class ExitStatus(RunnerTest):
    def test_every_exit_code(self):
        tasks = {f"code{n}": {"command": [NASTY, "exit", str(n)]} for n in range(256)}
        once = self.once(tasks, "--all", "--jobs", "8", "--quiet", expect=1)
        for n in range(256):
            finished = once.wait_for("run_finished", task=f"code{n}")
            self.assertEqual(("failure" if n else "success", n), (finished["outcome"], finished["exit_code"]))
            self.assertNotIn("signal", finished)

    def test_death_by_every_signal(self):
        numbers = [*DEADLY, signal.SIGRTMIN, signal.SIGRTMIN + 3]
        tasks = {f"signal{n}": {"command": [NASTY, "signal", str(int(n))], "limits": {"core": "0"}} for n in numbers}
        once = self.once(tasks, "--all", "--jobs", "8", "--quiet", expect=1)
        for n in numbers:
            finished = once.wait_for("run_finished", task=f"signal{n}")
            self.assertEqual(("failure", name_of(n)), (finished["outcome"], finished["signal"]))
            self.assertNotIn("exit_code", finished)
            self.assertNotIn("killed_by", finished)

    def test_126_and_127_of_a_shell_are_exit_codes(self):
        for code in (126, 127, 124, 130, 137):
            finished = self.run_once({"shell": f"exit {code}"}, expect=code)
            self.assertEqual(("failure", code), (finished["outcome"], finished["exit_code"]))
            self.assertNotIn("error", finished)

    def test_a_command_that_a_shell_does_not_find_is_a_failure_not_an_error(self):
        finished = self.run_once({"shell": "no-such-program"}, expect=127)
        self.assertEqual(("failure", 127), (finished["outcome"], finished["exit_code"]))

    def test_a_core_dump_is_told(self):
        with open("/proc/sys/kernel/core_pattern") as file:
            if file.read(1) in ("|", "/"):
                self.skipTest("core files go elsewhere on this machine")
        if resource.getrlimit(resource.RLIMIT_CORE)[1] == 0:
            self.skipTest("no core files allowed here")
        finished = self.run_once({"command": [NASTY, "signal", "6"], "limits": {"core": "64MiB"}}, expect=134)
        self.assertEqual(("SIGABRT", True), (finished["signal"], finished["core_dumped"]))

    def test_no_core_dump_is_not_told(self):
        finished = self.run_once({"command": [NASTY, "signal", "6"], "limits": {"core": "0"}}, expect=134)
        self.assertFalse(finished.get("core_dumped", False))

    def test_a_signal_from_elsewhere_is_a_failure(self):
        runner = self.start({"task": {"command": [NASTY, "sleep"], "every": "1h", "run_at_start": True}})
        runner.wait_for("run_started")
        os.kill(self.main_process(), signal.SIGKILL)
        finished = runner.wait_for("run_finished")
        self.assertEqual(("failure", "SIGKILL"), (finished["outcome"], finished["signal"]))
        self.assertNotIn("killed_by", finished)
        runner.stop()

    def main_process(self):
        return self.wait_until(lambda: next((p.pid for p in self.leftover_processes() if p.name == "nasty"), None),
                               "the task's process")

    def test_success_codes_choose_what_success_is(self):
        for code, outcome in ((0, "failure"), (3, "success"), (5, "success"), (4, "failure")):
            finished = self.run_once({"command": [NASTY, "exit", str(code)], "success_codes": [3, 5]}, expect=None)
            self.assertEqual(outcome, finished["outcome"])


if __name__ == "__main__":
    main()
