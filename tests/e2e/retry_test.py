"""`retry`: another attempt of the same run, after a growing wait, only once the last one's tree is gone."""

from datetime import datetime

from taskrun_harness import NASTY, RunnerTest, main, under_both_containments


@under_both_containments
class Retry(RunnerTest):
    def attempts(self, retry, task=None, expect=None):
        once = self.once({"task": {"command": ["false"], "retry": retry, **(task or {})}}, "task", "--quiet", expect=expect)
        return once, once.events("run_finished")

    def test_attempts_count_up_within_one_run(self):
        once, finished = self.attempts({"attempts": 3, "delay": "1ms"}, expect=1)
        self.assertEqual([(1, False, "manual"), (2, False, "retry"), (3, True, "retry")],
                         [(e["attempt"], e["final"], e["trigger"]) for e in finished])
        self.assertEqual(1, len({e["run_id"] for e in finished}))
        self.assertEqual(1, len({e["scheduled_at"] for e in finished}))
        self.assertEqual(3, len(once.events("run_started")))

    def test_success_ends_it(self):
        _, finished = self.attempts({"attempts": 5, "delay": "1ms"},
                                    {"command": ["sh", "-c", "test $TASKRUN_ATTEMPT -ge 2"]}, expect=0)
        self.assertEqual(["failure", "success"], [e["outcome"] for e in finished])

    def test_the_wait_grows_up_to_its_limit(self):
        _, finished = self.attempts({"attempts": 6, "delay": "20ms", "backoff": 3, "max_delay": "100ms", "jitter": 0})
        self.assertEqual([20, 60, 100, 100, 100], [round(e["retry_in_ms"]) for e in finished[:-1]])

    def test_the_wait_is_spread_by_its_jitter(self):
        _, finished = self.attempts({"attempts": 21, "delay": "10ms", "backoff": 1, "jitter": 0.5})
        waits = [e["retry_in_ms"] for e in finished[:-1]]
        self.assertTrue(all(5 <= w <= 15 for w in waits), waits)
        self.assertGreater(len(set(waits)), 10)

    def test_an_attempt_waits_as_long_as_told(self):
        _, finished = self.attempts({"attempts": 2, "delay": "300ms", "jitter": 0})
        first, second = (datetime.fromisoformat(e["started_at"].replace("Z", "+00:00")) for e in finished)
        self.assertGreaterEqual((second - first).total_seconds() * 1000, 299 + finished[0]["duration_ms"])

    def test_only_the_outcomes_in_on_are_tried_again(self):
        _, finished = self.attempts({"attempts": 3, "delay": "1ms", "on": ["timeout"]}, expect=1)
        self.assertEqual([(1, True)], [(e["attempt"], e["final"]) for e in finished])
        _, finished = self.attempts({"attempts": 2, "delay": "1ms", "on": ["timeout"]},
                                    {"command": [NASTY, "sleep"], "timeout": "200ms"}, expect=124)
        self.assertEqual(["timeout", "timeout"], [e["outcome"] for e in finished])

    def test_the_next_attempt_starts_once_the_tree_is_gone(self):
        shell = f"'{NASTY}' daemon stubborn; exit 1"
        once, finished = self.attempts({"attempts": 3, "delay": "1ms"}, {"command": ["sh", "-c", shell]}, expect=1)
        self.assertEqual([1, 1, 1], [e["leftovers_killed"] for e in finished])
        names = [(e["event"], e["attempt"]) for e in once.events() if e["event"] in ("run_started", "run_finished")]
        self.assertEqual([(name, n) for n in (1, 2, 3) for name in ("run_started", "run_finished")], names)

    def test_a_stop_ends_the_wait(self):
        runner = self.start({"task": {"command": ["false"], "run_at_start": True, "every": "1h",
                                      "retry": {"attempts": 2, "delay": "1h"}}})
        runner.wait_for("run_finished", attempt=1)
        runner.stop()
        self.assertEqual(1, len(runner.events("run_started")))


if __name__ == "__main__":
    main()
