"""`taskrun events` prints the runner's event lines as they are: those it still has, or on until it ends."""

import os
import signal

from taskrun_harness import RunnerTest, main

QUIET = {"command": ["true"], "every": "1h"}


class EventsCommand(RunnerTest):
    def up(self):
        runner = self.start({"a": QUIET, "b": QUIET})
        runner.wait_for("task_added", nth=2)
        self.command("trigger", "a", expect=0)
        runner.wait_for("run_finished", task="a")
        return runner

    def test_what_the_runner_still_has(self):
        runner = self.up()
        shown = self.command("events", expect=0).stdout
        self.assertEqual(runner.stdout_text, shown)
        self.assertEqual(shown, self.command("events", "--json", expect=0).stdout)
        runner.stop()

    def test_of_one_task_and_after_a_number(self):
        runner = self.up()
        of_b = [line for line in runner.stdout_text.splitlines() if '"task":"b"' in line]
        self.assertEqual(of_b, self.command("events", "--task", "b", expect=0).stdout.splitlines())
        last = runner.events()[-1]["seq"]
        self.assertEqual("", self.command("events", "--since", last, expect=0).stdout)
        self.assertEqual(1, len(self.command("events", "--since", last - 1, expect=0).stdout.splitlines()))
        self.assertIn("there is no event", self.command("events", "--since", last + 100, expect=1).stderr)
        self.command("events", "--since", "x", expect=2)
        runner.stop()

    def test_on_until_the_runner_ends(self):
        runner = self.up()
        following = self.launch(["events", "--follow"])
        of_a = self.launch(["events", "--follow", "--task", "a"])
        for process in (following, of_a):
            process.wait_for("run_finished", task="a")
        self.command("trigger", "a", expect=0)
        for process in (following, of_a):
            process.wait_for("run_finished", task="a", nth=2)
        runner.stop()
        following.ends_with(0)
        of_a.ends_with(0)
        self.assertEqual(runner.stdout_text, following.stdout_text)
        self.assertEqual({"a"}, {event.get("task", "a") for event in of_a.events()})

    def test_a_task_that_is_not_there_may_come(self):
        runner = self.up()
        done = self.command("events", "--task", "nope", expect=0)
        self.assertEqual(("", "taskrun events: warning: there is no task 'nope' now\n"), (done.stdout, done.stderr))
        runner.stop()

    def test_a_runner_that_dies_is_not_one_that_ended(self):
        runner = self.up()
        following = self.launch(["events", "--follow"])
        following.wait_for("run_finished", task="a")
        runner.checked = False
        os.kill(runner.daemon_pid, signal.SIGKILL)
        runner.wait()
        following.ends_with(69)
        self.assertIn("went away", following.stderr_text)


if __name__ == "__main__":
    main()
