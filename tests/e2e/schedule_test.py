"""`every`, `delay`, `run_at_start`, `jitter`, `start_deadline`, `enabled`: when a task starts, and what is told where
it does not."""

from datetime import datetime

from taskrun_harness import RunnerTest, main


def seconds(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


class When(RunnerTest):
    def test_every_is_a_fixed_rate(self):
        runner = self.start({"task": {"command": ["true"], "every": "50ms"}})
        runner.wait_for("run_finished", nth=6)
        runner.stop()
        due = [seconds(e["scheduled_at"]) for e in runner.events()
               if e["event"] in ("run_started", "run_skipped") and e["task"] == "task"]
        base = due[0]
        for time in due:
            steps = (time - base) / 0.05
            self.assertAlmostEqual(round(steps), steps, delta=0.01, msg="due times keep their phase")

    def test_every_is_first_due_one_interval_after_the_start(self):
        runner = self.start({"task": {"command": ["true"], "every": "300ms"}})
        added = runner.wait_for("task_added")
        self.assertEqual("schedule", runner.wait_for("run_started")["trigger"])
        runner.stop()
        first = self.due_times(runner)[0]
        self.assertEqual(added["next_run_at"], first)
        self.assertGreaterEqual(seconds(first), seconds(runner.wait_for("runner_started")["time"]) + 0.2)

    def test_next_run_at_tells_the_next_due_time(self):
        runner = self.start({"task": {"command": ["true"], "every": "400ms"}})
        finished = runner.wait_for("run_finished")
        runner.wait_for("run_started", nth=2)
        runner.stop()
        self.assertIn(finished["next_run_at"], self.due_times(runner))
        self.assertGreater(finished["next_run_at"], finished["scheduled_at"])

    def due_times(self, runner):
        """All that were answered: a runner that is late skips some."""
        return sorted(e["scheduled_at"] for e in runner.events() if e["event"] in ("run_started", "run_skipped"))

    def test_delay_counts_from_the_end_of_the_run(self):
        runner = self.start({"task": {"shell": "sleep 0.3", "delay": "100ms"}})
        runner.wait_for("run_finished", nth=3)
        runner.stop()
        ends = [seconds(e["started_at"]) + e["duration_ms"] / 1000 for e in runner.events("run_finished")]
        due = [seconds(e["scheduled_at"]) for e in runner.events("run_finished")]
        for end, following in zip(ends, due[1:]):
            self.assertGreaterEqual(following - end, 0.09)
        self.assertEqual([], runner.events("run_skipped"))

    def test_run_at_start_is_one_run_more(self):
        runner = self.start({"task": {"command": ["true"], "every": "200ms", "run_at_start": True}})
        runner.wait_for("run_finished", nth=3)
        runner.stop()
        self.assertEqual(["start", "schedule", "schedule"],
                         [e["trigger"] for e in runner.events("run_started")][:3])

    def test_a_task_on_request_never_starts_by_itself(self):
        runner = self.start({"idle": {"command": ["true"]}, "other": {"command": ["true"], "every": "50ms"}})
        added = runner.wait_for("task_added", task="idle")
        self.assertIsNone(added["next_run_at"])
        runner.wait_for("run_finished", nth=5, task="other")
        runner.stop()
        self.assertEqual([], [e for e in runner.events("run_started") if e["task"] == "idle"])

    def test_a_disabled_task_never_starts(self):
        runner = self.start({
            "off": {"command": ["true"], "every": "20ms", "run_at_start": True, "enabled": False},
            "named": {"command": ["true"], "every": "20ms", "enabled": "${SWITCH:-0}"},
            "on": {"command": ["true"], "every": "20ms", "enabled": "${OTHER_SWITCH:-true}"},
        })
        runner.wait_for("run_finished", nth=5, task="on")
        runner.stop()
        self.assertEqual({"on"}, {e["task"] for e in runner.events("run_started")})

    def test_jitter_puts_each_start_off_within_its_bound(self):
        runner = self.start({"task": {"command": ["true"], "every": "100ms", "jitter": "60ms"}}, top={"name": "host"})
        runner.wait_for("run_started", nth=15)
        runner.stop()
        late = [e["lateness_ms"] for e in runner.events("run_started")]
        self.assertGreater(max(late) - min(late), 5, "spread")
        self.assertEqual([], [e for e in runner.events("run_started") if e["lateness_ms"] < 0])

    def test_a_start_deadline_gives_up_and_says_so(self):
        runner = self.start({
            "holds": {"shell": "while [ ! -e go ]; do sleep 0.02; done", "run_at_start": True, "every": "1h",
                      "timeout": "none"},
            "waits": {"command": ["true"], "run_at_start": True, "every": "1h", "start_deadline": "300ms"},
            "patient": {"command": ["true"], "run_at_start": True, "every": "1h"},
        }, top={"max_parallel": 1})
        skipped = runner.wait_for("run_skipped", task="waits")
        self.assertEqual("late", skipped["reason"])
        self.write("go", "")
        runner.wait_for("run_finished", task="patient", outcome="success")
        runner.stop()
        self.assertEqual([], runner.events("run_started", task="waits"))

    def test_task_added_tells_the_timeout_in_force(self):
        runner = self.start({
            "default": {"command": ["true"], "every": "1h"},
            "own": {"command": ["true"], "every": "1h", "timeout": "1m30s"},
            "none": {"command": ["true"], "every": "1h", "timeout": "none"},
        })
        told = {name: runner.wait_for("task_added", task=name)["timeout_ms"] for name in ("default", "own", "none")}
        self.assertEqual({"default": 10_000, "own": 90_000, "none": None}, told)
        runner.stop()

    def test_a_task_without_timeout_runs_on(self):
        finished = self.run_once({"shell": "sleep 1.2", "timeout": "none"},
                                 top={"defaults": {"timeout": "1s"}})
        self.assertEqual("success", finished["outcome"])


if __name__ == "__main__":
    main()
