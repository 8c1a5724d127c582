"""R3: SIGTERM once, twice and a thousand times; SIGINT from a terminal. The stop is in order and is told once."""

import os
import pty
import signal

from taskrun_harness import NASTY, RunnerTest, main, take_terminal, under_both_containments

HOURLY = {"every": "1h", "run_at_start": True}


@under_both_containments
class StopSignals(RunnerTest):
    def test_an_idle_runner_ends_at_once_with_0(self):
        runner = self.start({"task": {"command": ["true"], "every": "1h"}})
        runner.wait_for("task_added")
        runner.stop(expect=0)
        self.assertEqual(["runner_stopping", "runner_stopped"], [e["event"] for e in runner.events()[-2:]])

    def test_a_run_may_finish_within_the_stop_timeout(self):
        runner = self.start({"task": {"shell": "echo up > up; while [ ! -e go ]; do sleep 0.05; done", "timeout": "5m", **HOURLY}},
                            "--stop-timeout", "5m")
        self.wait_for_file("up")
        runner.signal(signal.SIGTERM)
        runner.wait_for("runner_stopping")
        self.write("go", "")
        runner.ends_with(0)
        self.assertEqual("success", runner.wait_for("run_finished")["outcome"])
        self.assertEqual([], runner.events("kill_sent"))

    def test_a_run_that_does_not_finish_is_ended(self):
        runner = self.start({"task": {"command": [NASTY, "sleep"], "timeout": "none", **HOURLY}}, "--stop-timeout", "200ms")
        runner.wait_for("run_started")
        runner.stop(expect=1)
        finished = runner.wait_for("run_finished")
        self.assertEqual(("cancelled", "SIGTERM", "stop"),
                         (finished["outcome"], finished["signal"], finished["killed_by"]))

    def test_one_that_is_deaf_gets_sigkill_after_its_grace(self):
        runner = self.start({"task": {"command": [NASTY, "ignore-term"], "output": {"mode": "lines"}, "timeout": "none",
                                      "grace": "300ms", **HOURLY}}, top={"stop_timeout": "100ms"})
        runner.wait_for("run_output", line="ready")
        runner.stop(expect=1)
        finished = runner.wait_for("run_finished")
        self.assertEqual(("cancelled", "SIGKILL", "stop"),
                         (finished["outcome"], finished["signal"], finished["killed_by"]))
        self.assertEqual(["stop", "kill"], [e["stage"] for e in runner.events("kill_sent")])

    def test_a_second_signal_skips_the_waiting(self):
        runner = self.start({"task": {"command": [NASTY, "ignore-term"], "output": {"mode": "lines"}, "timeout": "none",
                                      "grace": "5m", **HOURLY}}, "--stop-timeout", "5m")
        runner.wait_for("run_output", line="ready")
        runner.signal(signal.SIGTERM)
        runner.wait_for("runner_stopping")
        runner.signal(signal.SIGTERM)
        runner.ends_with(1)
        self.assertEqual("SIGKILL", runner.wait_for("run_finished")["signal"])

    def test_a_thousand_signals(self):
        runner = self.start({
            "task": {"command": [NASTY, "sleep"], "timeout": "none", **HOURLY, "on_stop": {"shell": "sleep 0.2"}},
        }, "--stop-timeout", "5m")
        runner.wait_for("run_started")
        for _ in range(999):
            runner.signal(signal.SIGTERM)
        runner.wait_for("runner_stopping")  # signals that are not yet read are one
        runner.signal(signal.SIGTERM)
        runner.ends_with(1)
        self.assertEqual(1, len(runner.events("runner_stopped")))
        self.assertEqual(1, len(runner.events("runner_stopping")))
        self.assertEqual(1, len(runner.events("hook_finished", hook="on_stop", outcome="success")))

    def test_nothing_starts_once_the_stop_has_begun(self):
        runner = self.start({
            "holds": {"shell": "echo up > up; while [ ! -e go ]; do sleep 0.05; done", **HOURLY},
            "often": {"command": ["true"], "every": "10ms"},
            "again": {"command": ["false"], "every": "1h", "run_at_start": True,
                      "retry": {"attempts": 5, "delay": "1h"}},
        }, "--stop-timeout", "5m")
        self.wait_for_file("up")
        runner.wait_for("run_finished", task="again", attempt=1)
        runner.signal(signal.SIGTERM)
        stopping = runner.wait_for("runner_stopping")
        self.wait_until(lambda: runner.events("run_finished", task="again", final=True) or
                        runner.events("run_skipped", task="again"), "the end of the retry's wait")
        self.write("go", "")
        runner.ends_with(0)
        self.assertEqual([], runner.events("run_started", seq=lambda seq: seq > stopping["seq"]))
        self.assertEqual([1], [event["attempt"] for event in runner.events("run_started", task="again")])

    def test_waiting_runs_are_recorded(self):
        runner = self.start({
            "first": {"shell": "echo up > up; while [ ! -e go ]; do sleep 0.05; done", **HOURLY},
            "second": {"command": ["true"], **HOURLY},
        }, "--stop-timeout", "5m", top={"max_parallel": 1})
        self.wait_for_file("up")
        runner.signal(signal.SIGTERM)
        skipped = runner.wait_for("run_skipped", task="second")
        self.assertEqual("stopping", skipped["reason"])
        self.write("go", "")
        runner.ends_with(0)

    def test_sigint_to_the_runner(self):
        runner = self.start({"task": {"command": ["true"], "every": "1h"}})
        runner.wait_for("task_added")
        runner.signal(signal.SIGINT)
        runner.ends_with(0)

    def test_sigterm_stops_one_that_was_started_with_it_ignored(self):
        runner = self.start({"task": {"command": ["true"], "every": "1h"}},
                            before_exec=lambda: signal.signal(signal.SIGTERM, signal.SIG_IGN))
        runner.wait_for("task_added")
        runner.signal(signal.SIGTERM)
        runner.ends_with(0)

    def test_ctrl_c_at_a_terminal_reaches_the_runner_and_not_the_tasks(self):
        primary, secondary = pty.openpty()
        try:
            runner = self.start({"task": {"shell": "echo up > up; while [ ! -e go ]; do sleep 0.05; done", "timeout": "5m", **HOURLY}},
                                "--stop-timeout", "5m", stdin=secondary,
                                before_exec=lambda: take_terminal(0))
            self.wait_for_file("up")
            os.write(primary, b"\x03")
            runner.wait_for("runner_stopping")
            self.write("go", "")
            runner.ends_with(0)
            self.assertEqual("success", runner.wait_for("run_finished")["outcome"])
        finally:
            os.close(primary)
            os.close(secondary)

    def test_a_signal_to_the_daemon_alone_stops_too(self):
        runner = self.start({"task": {"command": ["true"], "every": "1h"}})
        os.kill(runner.daemon_pid, signal.SIGTERM)
        runner.ends_with(0)


if __name__ == "__main__":
    main()
