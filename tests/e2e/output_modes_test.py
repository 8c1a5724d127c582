"""`output` and `result`: what becomes of what a task writes."""

from taskrun_harness import NASTY, RunnerTest, main, under_both_containments

SAY = "echo one; echo two >&2; echo three"


@under_both_containments
class OutputModes(RunnerTest):
    def test_tail_is_the_default(self):
        finished = self.run_once({"shell": SAY})
        self.assertEqual(("one\nthree\n", "two\n"), (finished["stdout"], finished["stderr"]))
        self.assertEqual(14, finished["output_bytes"])

    def test_tail_keeps_the_end(self):
        finished = self.run_once({"shell": "seq 1 100000", "output": {"mode": "tail", "limit": "16"}})
        self.assertEqual("\n99998\n99999\n100000\n"[-16:], finished["stdout"])

    def test_lines_are_events_in_their_order(self):
        once = self.once({"task": {"shell": "seq 1 500; echo last >&2", "output": {"mode": "lines"}}}, "task", "--quiet", expect=0)
        lines = once.events("run_output")
        self.assertEqual([str(n) for n in range(1, 501)], [e["line"] for e in lines if e["stream"] == "stdout"])
        self.assertEqual(["last"], [e["line"] for e in lines if e["stream"] == "stderr"])
        finished = once.wait_for("run_finished")
        self.assertEqual("", finished.get("stdout", ""))
        self.assertEqual({"info"}, {e["level"] for e in lines})

    def test_raw_goes_to_the_runners_stderr(self):
        runner = self.start({"task": {"shell": SAY, "every": "1h", "run_at_start": True, "output": {"mode": "raw"}}})
        finished = runner.wait_for("run_finished")
        runner.stop()
        for line in ("one\n", "two\n", "three\n"):
            self.assertIn(line, runner.stderr_text)
        self.assertEqual("", finished.get("stdout", ""))

    def test_none_keeps_nothing(self):
        finished = self.run_once({"shell": SAY, "output": {"mode": "none"}})
        self.assertEqual(("", ""), (finished.get("stdout", ""), finished.get("stderr", "")))

    def test_an_empty_output_is_told_as_such(self):
        finished = self.run_once({"command": ["true"]})
        self.assertEqual((0, ""), (finished["output_bytes"], finished.get("stdout", "")))


@under_both_containments
class Results(RunnerTest):
    def result(self, shell, **task):
        return self.run_once({"shell": shell, "result": True, **task})

    def test_one_object_becomes_the_result(self):
        finished = self.result("""echo '{"billed": 3, "names": ["é", "b"], "nested": {"a": null}}' >&3""")
        self.assertEqual({"billed": 3, "names": ["é", "b"], "nested": {"a": None}}, finished["result"])
        self.assertNotIn("error", finished)

    def test_the_descriptor_is_named(self):
        self.assertEqual({"fd": 3}, self.result("""echo "{\\"fd\\": $TASKRUN_RESULT_FD}" >&3""")["result"])

    def test_without_the_key_there_is_no_such_descriptor(self):
        finished = self.run_once({"shell": "echo ${TASKRUN_RESULT_FD-unset}"})
        self.assertEqual("unset\n", finished["stdout"])

    def test_what_is_no_object_is_told_and_changes_no_outcome(self):
        for text in ("[1]", "1", "null", "{", "{} {}", "{\"a\": 1, \"a\": 2}", "\\377", "nonsense"):
            finished = self.result(f"printf '{text}' >&3")
            self.assertEqual("success", finished["outcome"], text)
            self.assertNotIn("result", finished, text)
            self.assertTrue(finished["error"], text)

    def test_one_that_is_too_large_is_told(self):
        finished = self.result(f"printf '{{\"a\": \"' >&3; '{NASTY}' write 20000 x >&3; printf '\"}}' >&3")
        self.assertNotIn("result", finished)
        self.assertTrue(finished["error"])
        self.assertEqual("success", finished["outcome"])

    def test_one_of_almost_the_limit_is_whole(self):
        finished = self.result(f"printf '{{\"a\": \"' >&3; '{NASTY}' write 8000 x >&3; printf '\"}}' >&3; "
                               f"'{NASTY}' write 100000 y")
        self.assertEqual("x" * 8000, finished["result"]["a"])

    def test_nothing_written_is_no_mistake(self):
        finished = self.result("true")
        self.assertNotIn("result", finished)
        self.assertNotIn("error", finished)

    def test_a_failed_run_gives_one_too(self):
        finished = self.run_once({"shell": "echo '{\"failed\": 2}' >&3; exit 1", "result": True}, expect=1)
        self.assertEqual(("failure", {"failed": 2}), (finished["outcome"], finished["result"]))

    def test_a_flood_of_it_stops_nobody(self):
        finished = self.result(f"'{NASTY}' write 50000000 z >&3; echo done")
        self.assertEqual("done\n", finished["stdout"])


if __name__ == "__main__":
    main()
