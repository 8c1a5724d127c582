"""C10: the end of a run is the end of its main process, not the end of its pipes."""

from taskrun_harness import NASTY, RunnerTest, main, under_both_containments


@under_both_containments
class HeldPipe(RunnerTest):
    def test_a_child_that_holds_the_pipe_does_not_hold_the_run(self):
        once = self.once({"task": {"shell": "echo said; sleep 60 & exit 0"}}, "task", expect=0)
        finished = once.wait_for("run_finished")
        self.assertEqual(("success", 0, "said\n"), (finished["outcome"], finished["exit_code"], finished["stdout"]))
        self.assertIs(False, finished["output_complete"])
        self.assertEqual(1, finished["leftovers_killed"])

    def test_what_is_written_during_the_drain_still_counts(self):
        """By what sees the main process reaped, and so the drain begun."""
        once = self.once({"task": {"shell": "(while kill -0 $$ 2>/dev/null; do :; done; echo late) & echo early"}}, "task", expect=0)
        finished = once.wait_for("run_finished")
        self.assertEqual("early\nlate\n", finished["stdout"])
        self.assertIs(True, finished.get("output_complete", True))

    def test_an_escaped_process_that_holds_the_pipe(self):
        once = self.once({"task": {"command": [NASTY, "daemon", "loud"]}}, "task", expect=0)
        finished = once.wait_for("run_finished")
        self.assertEqual((1, False), (finished["leftovers_killed"], finished["output_complete"]))

    def test_leave_ends_the_run_all_the_same(self):
        once = self.once({"task": {"shell": "setsid sleep 60 & exit 0", "leftovers": "leave"}}, "task", expect=0)
        finished = once.wait_for("run_finished")
        self.assertEqual(("success", False), (finished["outcome"], finished["output_complete"]))
        for process in self.leftover_processes():
            process.kill()
        self.wait_until_gone()


if __name__ == "__main__":
    main()
