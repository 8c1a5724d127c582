"""`max_parallel` and `pools`: a due run over the limit waits in its order and stays due."""

from taskrun_harness import RunnerTest, main, under_both_containments

SHORT = {"shell": "sleep 0.05", "run_at_start": True, "every": "1h"}


@under_both_containments
class Concurrency(RunnerTest):
    def most_alive(self, runner, wanted=lambda event: True):
        alive = most = 0
        for event in runner.events():
            if event["event"] in ("run_started", "run_finished") and wanted(event):
                alive += 1 if event["event"] == "run_started" else -1
                most = max(most, alive)
        return most

    def test_max_parallel_holds(self):
        runner = self.start({f"task{n:02}": SHORT for n in range(20)}, top={"max_parallel": 3})
        runner.wait_for("run_finished", nth=20, outcome="success")
        runner.stop()
        self.assertEqual(3, self.most_alive(runner))
        self.assertEqual([f"task{n:02}" for n in range(20)], [e["task"] for e in runner.events("run_started")])

    def test_a_pool_holds_its_own_tasks_only(self):
        tasks = {f"db{n}": {**SHORT, "pool": "db"} for n in range(6)}
        tasks |= {f"free{n}": {"shell": "echo up > up$TASKRUN_TASK; while [ ! -e go ]; do sleep 0.02; done",
                               "run_at_start": True, "every": "1h"} for n in range(3)}
        runner = self.start(tasks, top={"pools": {"db": 1}})
        for n in range(3):
            self.wait_for_file(f"upfree{n}")
        runner.wait_for("run_finished", nth=6, outcome="success", task=lambda t: t.startswith("db"))
        self.write("go", "")
        runner.wait_for("run_finished", nth=3, task=lambda t: t.startswith("free"))
        runner.stop()
        self.assertEqual(1, self.most_alive(runner, lambda e: e["task"].startswith("db")))

    def test_a_pool_of_two(self):
        runner = self.start({f"db{n}": {**SHORT, "pool": "db"} for n in range(8)}, top={"pools": {"db": 2}})
        runner.wait_for("run_finished", nth=8, outcome="success")
        runner.stop()
        self.assertEqual(2, self.most_alive(runner))

    def test_a_run_that_waits_is_late_not_lost(self):
        runner = self.start({f"task{n}": SHORT for n in range(4)}, top={"max_parallel": 1})
        runner.wait_for("run_finished", nth=4)
        runner.stop()
        self.assertGreater(runner.events("run_started")[-1]["lateness_ms"], 100)

    def test_a_retry_wait_frees_its_place(self):
        runner = self.start({
            "first": {"command": ["false"], "run_at_start": True, "every": "1h",
                      "retry": {"attempts": 2, "delay": "1h"}, "pool": "one"},
            "second": {"command": ["true"], "run_at_start": True, "every": "1h", "pool": "one"},
        }, top={"pools": {"one": 1}})
        runner.wait_for("run_finished", task="second", outcome="success")
        runner.stop()


if __name__ == "__main__":
    main()
