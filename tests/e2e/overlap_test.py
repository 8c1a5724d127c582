"""T7 and `overlap`: a due time that finds a run of its task alive is skipped, queued, run beside it, or replaces it."""

from datetime import datetime, timedelta

from taskrun_harness import NASTY, RunnerTest, main, under_both_containments

HOLD = "echo up > up; while [ ! -e go ]; do sleep 0.02; done"


@under_both_containments
class Overlap(RunnerTest):
    def hold(self, overlap, **how):
        """A runner whose task is due every 100 ms and holds on until the file `go` is there."""
        runner = self.start({"task": {"shell": HOLD, "every": "100ms", "overlap": overlap, "timeout": "5m", **how}})
        self.wait_for_file("up")
        return runner

    def test_skip_records_every_due_time_it_leaves_out(self):
        runner = self.hold("skip")
        runner.wait_for("run_skipped", nth=5, task="task", reason="overlap")
        self.write("go", "")
        runner.wait_for("run_finished", nth=3)
        runner.stop()
        told = sorted((datetime.fromisoformat(e["scheduled_at"]), e.get("count", 1))
                      for e in runner.events() if e["event"] in ("run_started", "run_skipped"))
        self.assert_no_gap(told, timedelta(milliseconds=100))

    def assert_no_gap(self, told, step):
        """Due times, each with how many it stands for, are exactly a step apart: none has been left out or told twice."""
        for (earlier, count), (later, _) in zip(told, told[1:]):
            self.assertLessEqual(abs(later - earlier - count * step), timedelta(microseconds=2), told)

    def test_skip_is_the_default(self):
        runner = self.start({"task": {"shell": HOLD, "every": "50ms", "timeout": "5m"}})
        runner.wait_for("run_skipped", nth=2, reason="overlap")
        self.write("go", "")
        runner.wait_for("run_finished")
        runner.stop()

    def test_queue_keeps_one(self):
        runner = self.hold("queue")
        runner.wait_for("run_skipped", nth=3, reason="overlap")
        self.assertEqual(1, len(runner.events("run_started")))
        self.write("go", "")
        queued = runner.wait_for("run_started", nth=2)
        self.assertEqual("queue", queued["trigger"])
        first = runner.wait_for("run_finished")
        names = [(e["event"], e.get("run_id")) for e in runner.events()]
        self.assertLess(names.index(("run_finished", first["run_id"])), names.index(("run_started", queued["run_id"])))
        runner.stop()

    def test_parallel_runs_them_side_by_side(self):
        runner = self.hold("parallel")
        runner.wait_for("run_started", nth=4)
        self.assertEqual([], runner.events("run_finished"))
        self.write("go", "")
        runner.wait_for("run_finished", nth=4, outcome="success")
        runner.stop()
        self.assertEqual([], runner.events("run_skipped", reason="overlap"))

    def test_replace_ends_the_old_one_first(self):
        runner = self.start({"task": {"command": [NASTY, "tree", "2", "2"], "every": "300ms", "overlap": "replace",
                                      "timeout": "5m"}}, "--stop-timeout", "0s")
        runner.wait_for("run_started", nth=4)
        runner.signal(15)
        runner.wait()
        told = [(e["event"], e["run_id"]) for e in runner.events()
                if e["event"] in ("run_started", "run_finished")]
        alive = []
        for event, run in told:
            if event == "run_started":
                self.assertEqual([], alive, "the old run is gone before the new one starts")
                alive.append(run)
            elif run in alive:  # one that was replaced before it began has no start to tell
                alive.remove(run)
        replaced = runner.events("run_finished", killed_by="replace")
        self.assertGreaterEqual(len(replaced), 3)
        self.assertEqual({"cancelled"}, {e["outcome"] for e in replaced})

    def test_a_retry_wait_counts_as_alive(self):
        runner = self.start({"task": {"command": ["false"], "every": "200ms", "retry": {"attempts": 2, "delay": "1h"}}})
        runner.wait_for("run_skipped", nth=2, reason="overlap")
        self.assertEqual(1, len(runner.events("run_started")))
        runner.stop()


if __name__ == "__main__":
    main()
