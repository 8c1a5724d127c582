"""T2, T3: due times that pass while nobody looks, counted to the last one. The tasks are due every second."""

import datetime
import os
import signal
import time

import history_database
from taskrun_harness import RunnerTest, main

EVERY_SECOND = {"cron": "* * * * * *", "timezone": "UTC", "overlap": "parallel", "command": ["/bin/true"]}
SECOND = 1_000_000_000


def second_of(text):
    """Seconds since 1970 of an event's time, which is a whole second."""
    return round(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())


def answers(events, task="t"):
    """How many due times the lines of a task answer, by the first one that each line names."""
    found = {}
    for event in events:
        final = event["event"] == "run_skipped" or (event["event"] == "run_finished" and event["final"])
        if final and event["task"] == task:
            due = second_of(event["scheduled_at"])
            assert due not in found, f"{due} is answered twice"
            found[due] = event.get("count", 1)
    return found


class Missed(RunnerTest):
    def begin(self, **policy):
        return self.start({"t": {**EVERY_SECOND, **policy}}, "--state", self.directory / "state")

    def after_a_downtime(self, seconds, **policy):
        """A runner that begins when the one before it was last seen so many seconds ago; the second of its mark."""
        first = self.begin(**policy)
        first.wait_for("run_finished")  # the mark is on disk with its claim
        first.stop()
        mark = int(time.time()) - seconds
        history_database.set_mark(history_database.path_of(self.directory, first), "t", mark * SECOND)
        runner = self.begin(**policy)
        runner.wait_for("run_finished", trigger="schedule")
        return runner.stop(), mark

    def assert_all_answered(self, events, after):
        """Every second from `after` to the last that is answered has its line, or is counted in one."""
        found = answers(events)
        self.assertEqual(max(found) - after, sum(found.values()), found)

    def test_none_is_one_line_however_many_they_are(self):
        for seconds in (1, 100, 1_000_000):
            runner, mark = self.after_a_downtime(seconds)
            missed = runner.wait_for("run_skipped", reason="missed")
            self.assertEqual(mark + 1, second_of(missed["scheduled_at"]))
            self.assertGreaterEqual(missed.get("count", 1), seconds)
            self.assertEqual([], runner.events("run_started", trigger="catch_up"))
            self.assert_all_answered(runner.events(), mark)

    def test_latest_runs_the_last_of_them(self):
        for seconds in (1, 100, 1_000_000):
            runner, mark = self.after_a_downtime(seconds, catch_up="latest")
            caught = runner.events("run_started", trigger="catch_up")
            self.assertEqual(1, len(caught))
            self.assertGreaterEqual(second_of(caught[0]["scheduled_at"]), mark + seconds)
            self.assert_all_answered(runner.events(), mark)

    def test_all_runs_the_newest_of_them_in_their_order(self):
        for seconds, most in ((1, 5), (100, 7), (1_000_000, 20)):
            runner, mark = self.after_a_downtime(seconds, catch_up="all", catch_up_limit=most)
            self.assert_all_answered(runner.events(), mark)
            begin = runner.wait_for("runner_started")["time"]  # a slow machine may owe some later ones too
            caught = [second_of(e["scheduled_at"]) for e in runner.events("run_started", trigger="catch_up")
                      if e["scheduled_at"] <= begin]
            self.assertLessEqual(len(caught), most)
            self.assertEqual(list(range(caught[0], caught[0] + len(caught))), caught)

    def test_restarts_leave_no_gap_and_answer_nothing_twice(self):
        events = []
        for _ in range(3):
            runner = self.begin()
            runner.wait_for("run_finished", trigger="schedule")
            events += runner.stop().events()
        found = answers(events)
        self.assertEqual(max(found) - min(found) + 1, sum(found.values()), found)

    def test_a_runner_that_is_killed_starts_nothing_again(self):
        started = []
        for _ in range(3):
            runner = self.begin(catch_up="all")
            runner.checked = False  # what it had to say is cut off
            runner.wait_for("run_started", nth=2)
            os.kill(runner.daemon_pid, signal.SIGKILL)
            runner.wait()
            started += [second_of(event["scheduled_at"]) for event in runner.events("run_started")]
        self.assertEqual(len(set(started)), len(started), started)
        self.wait_until_gone()

    def test_a_runner_that_was_stopped_runs_the_last_one_and_counts_the_others(self):
        runner = self.begin()
        runner.wait_for("run_finished")
        os.kill(runner.daemon_pid, signal.SIGSTOP)
        stopped = time.time()
        self.wait_until(lambda: time.time() > stopped + 5, "five seconds to pass")
        os.kill(runner.daemon_pid, signal.SIGCONT)
        runner.wait_for("run_skipped", reason="missed", count=lambda count: count is not None and count >= 3)
        runner.wait_for("run_finished", nth=len(runner.events("run_finished")) + 2)
        runner.stop()
        self.assertEqual([], runner.events("clock_jumped"))
        self.assertEqual([], runner.events("run_started", trigger="catch_up"))
        self.assert_all_answered(runner.events(), second_of(runner.events("run_started")[0]["scheduled_at"]) - 1)

    def test_without_a_state_directory_nothing_is_missed(self):
        for _ in range(2):
            runner = self.start({"t": {**EVERY_SECOND, "catch_up": "all"}}, "--no-state")
            runner.wait_for("run_finished")
            runner.stop()
            self.assertEqual([], runner.events("run_started", trigger="catch_up"))


if __name__ == "__main__":
    main()
