"""R4: stop hooks that hang, fail, are missing, leave a daemon or flood are contained and told; the others still run."""

from taskrun_harness import NASTY, RunnerTest, main, under_both_containments

BAD = {
    "hangs": ({"command": [NASTY, "ignore-term"], "timeout": "1s"}, "timeout"),
    "fails": ({"shell": "exit 3"}, "failure"),
    "missing": ({"command": ["no-such-program"]}, "error"),
    "leaves": ({"command": [NASTY, "daemon", "stubborn"]}, "success"),
    "floods": ({"command": [NASTY, "write", "100000000", "flood "], "timeout": "2m"}, "success"),
    "fine": ({"shell": "echo said by $TASKRUN_TASK"}, "success"),
}


@under_both_containments
class StopHooks(RunnerTest):
    def stopped(self):
        tasks = {name: {"command": ["true"], "every": "1h", "grace": "200ms", "on_stop": hook}
                 for name, (hook, _) in BAD.items()}
        runner = self.start(tasks)
        runner.wait_for("task_added", nth=len(tasks))
        return runner.stop(expect=0)

    def test_each_is_told_with_its_own_outcome(self):
        runner = self.stopped()
        for name, (_, outcome) in BAD.items():
            told = runner.events("hook_finished", task=name, hook="on_stop")
            self.assertEqual([outcome], [e["outcome"] for e in told], name)
            self.assertNotIn("run_id", told[0])

    def test_each_is_told_in_full(self):
        runner = self.stopped()
        self.assertIn("no-such-program", runner.wait_for("hook_finished", task="missing")["error"])
        self.assertEqual(3, runner.wait_for("hook_finished", task="fails")["exit_code"])
        self.assertEqual("said by fine\n", runner.wait_for("hook_finished", task="fine")["stdout"])
        self.assertEqual(1, runner.wait_for("hook_finished", task="leaves")["leftovers_killed"])
        floods = runner.wait_for("hook_finished", task="floods")
        self.assertEqual(100_000_000, floods["output_bytes"])
        hangs = runner.wait_for("hook_finished", task="hangs")
        self.assertEqual(("SIGKILL", "timeout"), (hangs["signal"], hangs["killed_by"]))

    def test_a_hook_runs_after_the_last_run_of_its_task(self):
        runner = self.start({"task": {
            "shell": "echo up > up; while [ ! -e go ]; do sleep 0.05; done", "every": "1h", "run_at_start": True,
            "timeout": "5m", "on_stop": {"command": ["true"]}}}, "--stop-timeout", "5m")
        self.wait_for_file("up")
        runner.signal(15)
        runner.wait_for("runner_stopping")
        self.write("go", "")
        runner.ends_with(0)
        names = [e["event"] for e in runner.events()]
        self.assertLess(names.index("run_finished"), names.index("hook_finished"))

    def test_a_hook_runs_also_for_a_task_that_never_ran_and_not_for_a_disabled_one(self):
        runner = self.start({
            "idle": {"command": ["true"], "on_stop": {"command": ["true"]}},
            "off": {"command": ["true"], "enabled": False, "on_stop": {"command": ["true"]}},
        })
        runner.wait_for("task_added", task="idle")
        runner.stop()
        self.assertEqual(["idle"], [e["task"] for e in runner.events("hook_finished")])


if __name__ == "__main__":
    main()
