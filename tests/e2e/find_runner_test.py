"""A command finds the runner that is meant: the only one there is, or the one that is named."""

import os
import re
import shutil
import socket
import unittest

from taskrun_harness import RunnerTest, become_nobody, is_root, main

QUIET = {"a": {"command": ["true"], "every": "1h"}}


class FindRunner(RunnerTest):
    def up(self, instance, **options):
        runner = self.start(QUIET, "--instance", instance, **options)
        self.socket = runner.wait_for("runner_started")["socket"]
        return runner

    def test_the_only_runner_needs_no_name(self):
        runner = self.up("web")
        self.assertIn(f"web: taskrun 0.1.0, pid {runner.daemon_pid}", self.command("status", expect=0).stdout)
        runner.stop()

    def test_without_a_runner_the_places_are_told(self):
        done = self.command("status", expect=69)
        self.assertIn("no runner answers: looked in ", done.stderr)
        self.assertIn(str(self.runtime / "taskrun"), done.stderr)
        self.assertEqual("", done.stdout)

    def test_of_several_one_must_be_named(self):
        first, second = self.up("web"), self.up("accounts")
        both = re.compile(rf"--instance NAME says which.*\n.*accounts  pid {second.daemon_pid}  /.*\n"
                          rf".*web +pid {first.daemon_pid}  /")
        # One that does not answer at a glance is named without its pid.
        self.wait_until(lambda: both.search(self.command("status", expect=2).stderr), "both with their pids")
        self.assertIn("web: ", self.command("status", "--instance", "web", expect=0).stdout)
        self.assertIn("accounts: ", self.command("status", "--socket", self.socket, expect=0).stdout)
        self.assertIn("exclude each other", self.command("status", "--socket", self.socket, "--instance", "web",
                                                         expect=2).stderr)
        first.stop()
        self.assertIn("accounts: ", self.command("status", expect=0).stdout)
        second.stop()

    def test_a_name_that_no_runner_has_is_told_with_those_there_are(self):
        runner = self.up("web")
        done = self.command("status", "--instance", "wbe", expect=69)
        self.assertIn("no runner 'wbe' answers", done.stderr)
        self.assertIn("there is 'web'", done.stderr)
        runner.stop()

    def test_the_socket_of_a_dead_runner_is_passed_over(self):
        runner = self.up("web")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(self.runtime / "taskrun" / "old.sock"))
        self.assertIn("web: ", self.command("status", expect=0).stdout)
        (self.runtime / "taskrun" / "old.sock").unlink()
        runner.stop()

    def test_a_runner_below_another_users_directory_is_not_asked(self):
        runner = self.up("web")
        stranger = self.directory / "stranger" / "taskrun"
        stranger.parent.mkdir()
        os.symlink(self.runtime / "taskrun", stranger)
        done = self.command("status", env={"RUNTIME_DIRECTORY": str(stranger)}, expect=69)
        self.assertIn("not asked: ", done.stderr)
        runner.stop()

    @unittest.skipUnless(is_root(), "needs a second user")
    def test_what_another_user_put_in_the_place_is_not_asked(self):
        planted = self.directory / "planted" / "taskrun"
        planted.mkdir(parents=True)
        os.chown(planted, 12345, 12345)
        done = self.command("status", env={"RUNTIME_DIRECTORY": str(planted)}, expect=69,
                            preexec_fn=become_nobody)
        self.assertIn("not asked: ", done.stderr)
        shutil.rmtree(planted.parent)


if __name__ == "__main__":
    main()
