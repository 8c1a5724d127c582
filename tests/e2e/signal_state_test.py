"""C6: a task starts with every signal at its default and none blocked, whatever state the runner itself was started in."""

import signal

from taskrun_harness import NASTY, RunnerTest, main, under_both_containments


def masks(text):
    return {key: int(value, 16) for key, _, value in (line.partition(":\t") for line in text.splitlines())
            if key in ("SigBlk", "SigIgn", "SigCgt", "SigPnd", "ShdPnd")}


CLEAN = {"SigBlk": 0, "SigIgn": 0, "SigCgt": 0, "SigPnd": 0, "ShdPnd": 0}


def disturb():
    """What a careless parent hands down."""
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGUSR2, signal.SIGCHLD, signal.SIGRTMIN})


@under_both_containments
class SignalState(RunnerTest):
    def test_a_task_finds_it_clean(self):
        finished = self.run_once({"command": [NASTY, "state"], "output": {"limit": "16KiB"}})
        self.assertEqual(CLEAN, masks(finished["stdout"]))

    def test_also_where_the_runners_parent_left_it_dirty(self):
        finished = self.run_once({"command": [NASTY, "state"]}, before_exec=disturb)
        self.assertEqual(CLEAN, masks(finished["stdout"]))

    def test_a_runner_started_with_sigterm_blocked_still_stops(self):
        runner = self.start({"task": {"command": ["true"], "every": "1h"}}, before_exec=disturb)
        runner.wait_for("task_added")
        runner.stop()

    def test_hooks_find_it_clean(self):
        once = self.once({"task": {"command": ["true"], "on_success": {"command": [NASTY, "state"]}}}, "task", expect=0,
                         before_exec=disturb)
        self.assertEqual(CLEAN, masks(once.wait_for("hook_finished")["stdout"]))

    def test_a_broken_pipe_inside_a_task_stays_silent(self):
        finished = self.run_once({"shell": "yes | head -n 1"})
        self.assertEqual(("y\n", ""), (finished["stdout"], finished["stderr"]))

    def test_a_task_leads_its_own_session_and_group(self):
        stdout = self.run_once({"command": [NASTY, "state"]})["stdout"]
        self.assertIn("leads its session: yes\n", stdout)
        self.assertIn("leads its group: yes\n", stdout)


if __name__ == "__main__":
    main()
