"""R7: a runner started with 0, 1 or 2 closed opens /dev/null in their place, so that no file of its own lands there."""

import os

from taskrun_harness import NASTY, RunnerTest, main, under_both_containments


def close(*descriptors):
    def before_exec():
        for descriptor in descriptors:
            os.close(descriptor)
    return before_exec


@under_both_containments
class ClosedDescriptors(RunnerTest):
    TASKS = {"task": {"shell": f"'{NASTY}' descriptors > seen; echo out; echo err >&2; cat; exit 5"}}

    def run_with_closed(self, *descriptors):
        path = self.manifest(self.TASKS)
        once = self.launch(["once", "task", "-m", path, *self.containment_flags()], before_exec=close(*descriptors))
        self.assertEqual(5, once.wait(), once.story())
        self.assertEqual("0 1 2\n", (self.directory / "seen").read_text())
        return once

    def test_stdin_closed(self):
        once = self.run_with_closed(0)
        self.assertEqual(("out\n", "err\n"), (once.wait_for("run_finished")["stdout"],
                                              once.wait_for("run_finished")["stderr"]))

    def test_stdout_closed(self):
        self.run_with_closed(1)

    def test_stderr_closed(self):
        once = self.run_with_closed(2)
        self.assertEqual("err\n", once.wait_for("run_finished")["stderr"])

    def test_all_closed(self):
        self.run_with_closed(0, 1, 2)

    def test_commands_that_answer(self):
        path = self.manifest(self.TASKS)
        check = self.launch(["check", path], before_exec=close(0, 2))
        self.assertEqual(0, check.wait())


if __name__ == "__main__":
    main()
