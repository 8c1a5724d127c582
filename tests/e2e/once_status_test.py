"""`once` ends with the task's own exit code, or with the code of product.md that says what else happened."""

from taskrun_harness import NASTY, RunnerTest, main, under_both_containments


@under_both_containments
class OnceStatus(RunnerTest):
    def test_the_tasks_own_code(self):
        for code in (0, 1, 2, 42, 255):
            self.once({"task": {"command": [NASTY, "exit", str(code)]}}, "task", expect=code)

    def test_a_timeout_is_124_also_when_sigkill_was_needed(self):
        self.once({"task": {"command": [NASTY, "sleep"], "timeout": "200ms"}}, "task", expect=124)
        self.once({"task": {"command": [NASTY, "ignore-term"], "timeout": "500ms", "grace": "100ms"}}, "task", expect=124)

    def test_a_start_that_fails_is_125_126_or_127(self):
        self.once({"task": {"command": ["true"], "cwd": "/no/such/place"}}, "task", expect=125)
        self.once({"task": {"command": ["/etc/passwd"]}}, "task", expect=126)
        self.once({"task": {"command": ["no-such-program"]}}, "task", expect=127)

    def test_a_signal_is_128_and_its_number(self):
        for number in (1, 9, 11, 15):
            self.once({"task": {"command": [NASTY, "signal", str(number)], "limits": {"core": "0"}}}, "task",
                      expect=128 + number)

    def test_retries_count_only_by_their_end(self):
        task = {"shell": "exit $((5 - $TASKRUN_ATTEMPT))", "retry": {"attempts": 5, "delay": "1ms"}}
        self.once({"task": task}, "task", expect=0)
        self.once({"task": {**task, "retry": {"attempts": 3, "delay": "1ms"}}}, "task", expect=2)

    def test_success_codes_make_no_failure_green(self):
        wants_three = {"task": {"command": [NASTY, "exit", "0"], "success_codes": [3]}}
        self.assertEqual("failure", self.once(wants_three, "task", expect=1).wait_for("run_finished")["outcome"])
        wants_three["task"]["command"][2] = "3"
        self.assertEqual("success", self.once(wants_three, "task", expect=3).wait_for("run_finished")["outcome"])

    def test_a_disabled_task_is_75_unless_forced(self):
        tasks = {"off": {"shell": "echo > ran; exit 4", "enabled": False}}
        self.once(tasks, "off", expect=75)
        self.assertFalse((self.directory / "ran").exists())
        self.once(tasks, "off", "--force", expect=4)
        self.assertTrue((self.directory / "ran").exists())

    def test_an_unknown_task_is_78(self):
        done = self.once({"billing": {"command": ["true"]}}, "biling", expect=78)
        self.assertRegex(done.stderr_text, "did you mean .billing.\\?")
        self.assertEqual("", done.stdout_text)

    def test_an_interruption_ends_the_task(self):
        path = self.manifest({"task": {"command": [NASTY, "tree", "2", "2"], "timeout": "none"}}, stop_timeout="100ms")
        once = self.launch(["once", "task", "-m", path, *self.containment_flags()])
        once.wait_for("run_started")
        once.signal(2)
        self.assertNotEqual(0, once.wait())
        self.assertEqual("cancelled", once.wait_for("run_finished")["outcome"])


if __name__ == "__main__":
    main()
