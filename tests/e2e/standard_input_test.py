"""C15 and `stdin`: a task reads what the manifest gives it, else the end of the file at once, and has no terminal."""

import os
import pty

from taskrun_harness import NASTY, RunnerTest, main, take_terminal


class StandardInput(RunnerTest):
    def test_without_stdin_there_is_the_end_of_file(self):
        self.assertEqual("0\n", self.run_once({"shell": "cat | wc -c"})["stdout"])

    def test_the_text_arrives_whole_and_is_not_interpolated(self):
        text = "one\n${HOME} $$\tgrün\n"
        self.assertEqual(text, self.run_once({"command": ["cat"], "stdin": text})["stdout"])

    def test_a_text_larger_than_a_pipe(self):
        finished = self.run_once({"shell": "sleep 0.2; wc -c", "stdin": "x" * 1_000_000})
        self.assertEqual("1000000", finished["stdout"].strip())

    def test_a_task_that_does_not_read_it(self):
        self.assertEqual("success", self.run_once({"command": ["true"], "stdin": "x" * 1_000_000})["outcome"])

    def test_a_task_that_closes_it(self):
        finished = self.run_once({"shell": "exec <&-; sleep 0.2; echo fine", "stdin": "x" * 1_000_000})
        self.assertEqual("fine\n", finished["stdout"])

    def test_every_attempt_reads_it_from_the_start(self):
        task = {"shell": "cat; exit 1", "stdin": "again", "retry": {"attempts": 2, "delay": "1ms"}}
        once = self.once({"task": task}, "task", expect=1)
        self.assertEqual(["again", "again"], [e["stdout"] for e in once.events("run_finished")])

    def test_there_is_no_controlling_terminal_even_where_the_runner_has_one(self):
        primary, secondary = pty.openpty()
        try:
            once = self.once({"task": {"command": [NASTY, "state"]}}, "task", "--quiet", expect=0,
                             before_exec=lambda: take_terminal(secondary))
            self.assertIn("terminal: No such device or address", once.wait_for("run_finished")["stdout"])
        finally:
            os.close(primary)
            os.close(secondary)

    def test_reading_the_terminal_fails_at_once(self):
        finished = self.run_once({"shell": "read line < /dev/tty"}, expect=None)
        self.assertEqual("failure", finished["outcome"])


if __name__ == "__main__":
    main()
