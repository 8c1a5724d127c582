"""T5: ten thousand tasks due at once start in their order, no more at a time than max_parallel, and none is lost."""

from taskrun_harness import RunnerTest, main, under_both_containments

COUNT = 10_000


@under_both_containments
class Burst(RunnerTest):
    def test_ten_thousand_tasks_due_at_once(self):
        tasks = {f"task{n:05}": {"command": ["/bin/true"], "delay": "1d", "run_at_start": True, "timeout": "5m"}
                 for n in range(COUNT)}
        runner = self.start(tasks, top={"max_parallel": 64})
        runner.wait_for("run_finished", nth=COUNT, patience=240, outcome="success")
        runner.stop()
        started = [e["task"] for e in runner.events("run_started")]
        self.assertEqual(sorted(tasks), started, "first due, first started")
        alive = most = 0
        for event in runner.events():
            alive += (event["event"] == "run_started") - (event["event"] == "run_finished")
            most = max(most, alive)
        self.assertLessEqual(most, 64)
        self.assertGreater(max(e["lateness_ms"] for e in runner.events("run_started")), 0)


if __name__ == "__main__":
    main()
