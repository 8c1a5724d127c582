"""`on_success`, `on_failure`, `on_stop`: run after the run, told apart from it, and never change its outcome."""

from taskrun_harness import NASTY, RunnerTest, main, under_both_containments

BOTH = {"on_success": {"shell": "echo good"}, "on_failure": {"shell": "echo bad"}}


@under_both_containments
class Hooks(RunnerTest):
    def hooks(self, task, expect=None, **options):
        once = self.once({"task": {**BOTH, **task}}, "task", "--quiet", expect=expect, **options)
        return once, [(e["hook"], e["stdout"]) for e in once.events("hook_finished")]

    def test_on_success(self):
        self.assertEqual([("on_success", "good\n")], self.hooks({"command": ["true"]}, expect=0)[1])

    def test_on_failure_follows_every_other_outcome(self):
        for task in ({"command": ["false"]}, {"command": ["no-such-program"]},
                     {"command": [NASTY, "sleep"], "timeout": "200ms"}, {"command": [NASTY, "signal", "9"]}):
            self.assertEqual([("on_failure", "bad\n")], self.hooks(task)[1])

    def test_on_failure_runs_once_after_the_last_attempt(self):
        once, hooks = self.hooks({"command": ["false"], "retry": {"attempts": 3, "delay": "1ms"}})
        self.assertEqual([("on_failure", "bad\n")], hooks)
        names = [e["event"] for e in once.events()]
        self.assertGreater(names.index("hook_finished"), max(i for i, n in enumerate(names) if n == "run_finished"))

    def test_on_success_runs_after_a_retry_that_succeeds(self):
        task = {"shell": "test $TASKRUN_ATTEMPT = 2", "retry": {"attempts": 3, "delay": "1ms"}}
        self.assertEqual([("on_success", "good\n")], self.hooks(task, expect=0)[1])

    def test_a_hook_sees_how_the_run_ended(self):
        show = ("echo $TASKRUN_TASK $TASKRUN_HOOK $TASKRUN_OUTCOME code=$TASKRUN_EXIT_CODE signal=$TASKRUN_SIGNAL "
                "attempt=$TASKRUN_ATTEMPT; test -n \"$TASKRUN_RUN_ID\" -a -n \"$TASKRUN_SCHEDULED_AT\"")
        for command, told in ((["false"], "failure code=1 signal="), ([NASTY, "signal", "9"], "failure code= signal=SIGKILL"),
                              (["no-such-program"], "error code= signal=")):
            once = self.once({"task": {"command": command, "on_failure": {"shell": show}}}, "task", "--quiet")
            hook = once.wait_for("hook_finished")
            self.assertEqual(f"task on_failure {told} attempt=1\n", hook["stdout"])
            self.assertEqual("success", hook["outcome"])

    def test_a_hook_never_changes_the_outcome(self):
        once = self.once({"task": {"command": ["true"], "on_success": {"shell": "exit 9"}}}, "task", expect=0)
        self.assertEqual("success", once.wait_for("run_finished")["outcome"])
        hook = once.wait_for("hook_finished")
        self.assertEqual(("failure", 9), (hook["outcome"], hook["exit_code"]))

    def test_a_hook_has_its_own_timeout_and_environment(self):
        once = self.once({"task": {"command": ["true"], "env": {"A": "task", "B": "task"}, "grace": "100ms", "on_success": {
            "shell": "echo $A $B; exec sleep 60", "timeout": "3s", "env": {"B": "hook"}}}}, "task", expect=0)
        hook = once.wait_for("hook_finished")
        self.assertEqual(("timeout", "task hook\n", "timeout"), (hook["outcome"], hook["stdout"], hook["killed_by"]))
        kills = once.events("kill_sent")
        self.assertEqual({"on_success"}, {e["hook"] for e in kills})
        self.assertNotIn("run_id", kills[0])

    def test_a_hooks_leftovers_end_with_it(self):
        once = self.once({"task": {"command": ["true"], "on_success": {"command": [NASTY, "daemon", "bare"]}}}, "task",
                         expect=0)
        self.assertEqual(1, once.wait_for("hook_finished")["leftovers_killed"])

    def test_a_hook_can_be_a_built_in(self):
        old = self.write("old/file", "x")
        once = self.once({"task": {"command": ["true"], "on_success": {
            "builtin": "cleanup", "with": {"directory": str(old.parent), "keep_newest": 0}}}}, "task")
        self.assertEqual("success", once.wait_for("hook_finished")["outcome"], once.story())

    def test_hooks_run_for_each_run(self):
        runner = self.start({"task": {"command": ["true"], "every": "50ms", **BOTH}})
        runner.wait_for("hook_finished", nth=3, hook="on_success", outcome="success")
        runner.stop()

    def test_once_runs_on_stop_too(self):
        once = self.once({"task": {"command": ["true"], "on_stop": {"shell": "echo bye"}}}, "task", expect=0)
        self.assertEqual(["on_stop"], [e["hook"] for e in once.events("hook_finished")])


if __name__ == "__main__":
    main()
