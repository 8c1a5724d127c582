"""R6: stdout closed, full, or not read: the schedule does not care, nothing is orphaned, and the exit code is never 0."""

import os
import signal
import subprocess

from taskrun_harness import NASTY, TASKRUN, RunnerTest, main, under_both_containments

BUSY = {
    "often": {"command": ["true"], "every": "10ms"},
    "long": {"command": [NASTY, "tree", "2", "2"], "every": "1h", "run_at_start": True, "timeout": "none"},
}


@under_both_containments
class StdoutClosed(RunnerTest):
    def start_into(self, stdout, *flags, tasks=BUSY):
        runner = self.start(tasks, "--stop-timeout", "100ms", *flags, stdout=stdout)
        runner.checked = False
        return runner

    def test_a_reader_that_goes_away_stops_the_runner(self):
        read, write = os.pipe()
        runner = self.start_into(write)
        os.close(write)
        seen = b""
        while b"run_started" not in seen:
            seen += os.read(read, 4096)
        os.close(read)
        self.assertEqual(74, runner.wait(), runner.story())

    def test_head(self):
        path = self.manifest(BUSY)
        command = subprocess.run(
            ["bash", "-c", 'set -o pipefail; "$@" | head -n 1; exit "${PIPESTATUS[0]}"', "-", TASKRUN, "start",
             str(path), "--stop-timeout", "100ms", *self.containment_flags()],
            env=self.environment(), cwd=self.directory, capture_output=True, timeout=60)
        self.assertEqual(74, command.returncode, command.stderr)
        self.assertEqual(1, command.stdout.count(b"\n"))

    def test_continue_goes_on(self):
        read, write = os.pipe()
        os.close(read)
        runner = self.start_into(write, "--on-stdout-closed", "continue",
                                 tasks={"count": {"shell": "echo >> count", "every": "20ms"}})
        os.close(write)
        self.wait_until(lambda: (self.directory / "count").exists() and
                        (self.directory / "count").stat().st_size >= 20, "runs that go on")
        self.assertIsNone(runner.popen.poll())
        runner.signal(signal.SIGTERM)
        self.assertEqual(74, runner.wait(), runner.story())

    def test_a_full_disk(self):
        with open("/dev/full", "wb") as full:
            runner = self.start_into(full)
        self.assertEqual(74, runner.wait(), runner.story())
        self.assertIn("No space left on device", runner.stderr_text)

    def test_once_tells_too(self):
        path = self.manifest({"task": {"command": ["true"]}})
        with open("/dev/full", "wb") as full:
            once = self.launch(["once", "task", "-m", path, *self.containment_flags()], stdout=full)
        self.assertEqual(74, once.wait(), once.story())

    def test_commands_that_answer_tell_too(self):
        path = self.manifest({"task": {"command": ["true"]}})
        for arguments in (["list", path], ["schema", "manifest"], ["builtins"]):
            with open("/dev/full", "wb") as full:
                answer = self.launch(arguments, stdout=full)
            self.assertEqual(74, answer.wait(), arguments)

    def test_a_reader_that_sleeps_stops_nothing(self):
        """Nobody reads until the runner has run for a while; then every line is there or its loss is told."""
        runner = self.start({
            "count": {"shell": "echo >> count", "every": "20ms"},
            "loud": {"command": [NASTY, "write", "8000000", "0123456789abcdef\n"], "every": "200ms",
                     "output": {"mode": "lines"}},
        }, read=False)
        self.wait_until(lambda: (self.directory / "count").exists() and
                        (self.directory / "count").stat().st_size >= 100, "runs that go on")
        runner.read_now()
        runner.wait_for("events_dropped")
        runner.wait_for("run_finished", nth=100, task="count", outcome="success")
        runner.stop()


if __name__ == "__main__":
    main()
