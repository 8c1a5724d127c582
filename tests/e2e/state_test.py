"""The state directory of `start`: where it is, whose it is, and what becomes of a start that cannot have it."""

import json
import stat
import unittest

from control_socket import UnixConnection, connect
from taskrun_harness import RunnerTest, become_nobody, is_root, main

TASKS = {"task": {"command": ["true"], "every": "1h", "run_at_start": True}}


class State(RunnerTest):
    def state_of(self, *flags, **options):
        runner = self.start(self.path, *flags, **options)
        started = runner.wait_for("runner_started")
        state = started["state"]
        runner.wait_for("run_finished")
        self.metrics = self.metrics_of(started["socket"])
        runner.stop()
        self.errors = runner.stderr_text
        self.events = runner.events()
        self.degraded = runner.events("history_degraded")
        return state

    def metrics_of(self, socket):
        connection = UnixConnection(socket)
        self.addCleanup(connection.close)
        connection.request("GET", "/metrics")
        return connection.getresponse().read().decode()

    def setUp(self):
        super().setUp()
        self.path = self.manifest(TASKS, name="jobs")

    def test_the_flag_then_systemds_then_the_xdg_directory(self):
        systemd = {"STATE_DIRECTORY": str(self.directory / "systemd")}
        self.assertEqual(str(self.state / "taskrun" / "jobs"), self.state_of())
        self.assertEqual(str(self.directory / "systemd" / "jobs"), self.state_of(env=systemd))
        self.assertEqual(str(self.directory / "own" / "jobs"), self.state_of("--state", "own", env=systemd))
        self.assertEqual("", self.errors)

    def test_the_instance_has_a_directory_of_its_own(self):
        self.assertEqual(str(self.state / "taskrun" / "other"), self.state_of("--instance", "other"))

    def test_it_is_for_its_owner_only(self):
        made = [self.directory / "own", self.directory / "own" / "jobs"]
        self.state_of("--state", made[0])
        self.assertEqual([0o700] * 2, [stat.S_IMODE(p.stat().st_mode) for p in made])

    def test_no_state_leaves_nothing(self):
        self.assertIsNone(self.state_of("--no-state"))
        self.assertEqual([], list(self.state.iterdir()))
        self.assertEqual([], self.degraded)
        self.assertIn("\ntaskrun_history_degraded 0\n", self.metrics)

    def test_once_keeps_no_state(self):
        once = self.once(self.path, "task", expect=0)
        self.assertIsNone(once.wait_for("runner_started")["state"])
        self.assertEqual([], list(self.state.iterdir()))
        self.write("file", "x")
        once = self.once(self.path, "task", expect=0, env={"STATE_DIRECTORY": str(self.directory / "file")})
        self.assertEqual(([], ""), (once.events("history_degraded"), once.stderr_text))

    def test_a_refused_start_leaves_nothing(self):
        for flags in (["--only", "absent"], ["--no-state", "--state", "own"]):
            self.assertNotEqual(0, self.command("start", self.path, *flags).returncode)
        self.assertEqual([], list(self.state.iterdir()))
        self.assertFalse((self.directory / "own").exists())

    def test_one_that_cannot_be_made_is_a_warning(self):
        self.write("file", "x")
        self.assertIsNone(self.state_of(env={"STATE_DIRECTORY": str(self.directory / "file")}))
        self.assertRegex(self.errors, r"^taskrun start: warning: cannot make the directory '.*/file/jobs': Not a directory")

    def test_one_that_cannot_be_made_is_a_fact(self):
        """In the lines, in what is scraped and to subscribers, with the reason that stands on stderr."""
        self.write("file", "x")
        self.state_of(env={"STATE_DIRECTORY": str(self.directory / "file")})
        self.assertEqual(["runner_started", "history_degraded"], [event["event"] for event in self.events[:2]])
        self.assertEqual(1, len(self.degraded))
        self.assertIn(f"warning: {self.degraded[0]['error']}; nothing is kept over a restart", self.errors)
        self.assertIn("\ntaskrun_history_degraded 1\n", self.metrics)

    def test_subscribers_are_told_that_it_cannot_be_had(self):
        self.write("file", "x")
        runner = self.start(self.path, env={"STATE_DIRECTORY": str(self.directory / "file")})
        peer = connect(runner.wait_for("runner_started")["socket"])
        self.addCleanup(peer.close)
        peer.sendall(b"GET /v1/events?since=0 HTTP/1.0\r\n\r\n")
        with peer.makefile("rb") as answer:
            while answer.readline().strip():
                pass
            told = [json.loads(answer.readline()) for _ in range(2)]
        self.assertEqual(["runner_started", "history_degraded"], [event["event"] for event in told])
        self.assertEqual(runner.events("history_degraded"), told[1:])
        runner.stop()

    def test_one_that_was_asked_for_and_cannot_be_made_is_an_error(self):
        self.write("file", "x")
        done = self.command("start", self.path, "--state", "file", expect=73)
        self.assertEqual("", done.stdout)
        self.assertIn("cannot make the directory", done.stderr)

    @unittest.skipUnless(is_root(), "needs root, to become somebody else")
    def test_a_directory_of_somebody_else_is_refused(self):
        (self.state / "taskrun").mkdir(mode=0o755)
        (self.state / "taskrun" / "jobs").mkdir(mode=0o755)
        self.assertIsNone(self.state_of(before_exec=become_nobody))
        self.assertIn("it belongs to another user", self.errors)


if __name__ == "__main__":
    main()
