"""C13: children that nobody waits for are all reaped, and the runner takes no exit status for another's."""

from taskrun_harness import NASTY, RunnerTest, main, under_both_containments


@under_both_containments
class UnreapedChildren(RunnerTest):
    def test_ten_thousand_of_them(self):
        runner = self.start({
            "many": {"command": [NASTY, "orphans", "10000"], "every": "1h", "run_at_start": True, "timeout": "2m"},
            "code": {"command": [NASTY, "exit", "7"], "every": "20ms"},
        })
        finished = runner.wait_for("run_finished", task="many")
        self.assertEqual(("success", 0), (finished["outcome"], finished["exit_code"]))
        runner.wait_for("run_finished", nth=len(runner.events("run_finished", task="code")) + 2, task="code")
        self.assertEqual({7}, {e["exit_code"] for e in runner.events("run_finished", task="code")})
        self.wait_until(lambda: not [p for p in self.leftover_processes() if p.state == "Z"], "zombies reaped")
        runner.stop()

    def test_a_task_that_is_not_init_is_not_disturbed(self):
        """The runner must not reap, or signal, what the task itself waits for."""
        finished = self.run_once({"shell": "(exit 5) & wait $!; echo $?"})
        self.assertEqual("5\n", finished["stdout"])


if __name__ == "__main__":
    main()
