"""C3: a process that runs away by forking again every millisecond is caught."""

import unittest

import oracle
from taskrun_harness import NASTY, RunnerTest, main, under_both_containments
from tracing import need_tracing, traced


@under_both_containments
class ForkChain(RunnerTest):
    def test_none_is_left_of_a_chain_that_outlives_its_task(self):
        once = self.once({"chain": {"command": [NASTY, "chain", "4000"]}}, "chain", expect=0)
        finished = once.wait_for("run_finished")
        self.assertEqual("success", finished["outcome"])
        self.assertGreaterEqual(finished["leftovers_killed"], 1)
        self.assertEqual([], once.events("containment_failed"))

    def test_none_is_left_of_four_chains_at_once(self):
        tasks = {f"chain{n}": {"command": [NASTY, "chain", "4000"]} for n in range(4)}
        once = self.once(tasks, "--all", "--jobs", "4", expect=0)
        self.assertEqual(4, len(once.events("run_finished", outcome="success")))

    def test_the_runner_still_schedules_meanwhile(self):
        runner = self.start({
            "chain": {"command": [NASTY, "chain", "2000"], "run_at_start": True, "every": "1h"},
            "other": {"command": ["true"], "every": "50ms"},
        })
        runner.wait_for("run_finished", task="chain")
        runner.wait_for("run_finished", nth=5, task="other", outcome="success")
        runner.stop()


@unittest.skipUnless(oracle.cgroup_is_writable(), "no writable cgroup v2 on this machine")
class UnseenChain(RunnerTest):
    """The kernel ends a group as a whole, also what was never there when somebody looked; under a subreaper, what is
    ended was seen."""

    containment = "cgroup"

    def test_what_was_never_seen_is_counted_too(self):
        need_tracing(self)
        slow_to_look = traced("openat", "delay_enter=5000")
        once = self.once({"chain": {"command": [NASTY, "chain", "20000"]}}, "chain", expect=0, wrapper=slow_to_look,
                         env={"ASAN_OPTIONS": "detect_leaks=0"})  # that, too, wants to trace
        self.assertGreaterEqual(once.wait_for("run_finished")["leftovers_killed"], 1)


if __name__ == "__main__":
    main()
