"""C12: a task that cannot start is a result line that names the stage, the object and the reason; the runner goes on."""

import unittest

from taskrun_harness import RunnerTest, is_root, main, under_both_containments


class StartFailures(RunnerTest):
    def assert_error(self, task, status, *parts):
        once = self.once({"task": task}, "task", "--quiet", expect=status)
        finished = once.wait_for("run_finished")
        self.assertEqual("error", finished["outcome"])
        self.assertNotIn("exit_code", finished)
        self.assertNotIn("signal", finished)
        self.assertEqual([], once.events("run_started"))
        for part in parts:
            self.assertIn(part, finished["error"])
        return finished["error"]

    def test_a_program_that_is_not_there(self):
        self.assert_error({"command": ["no-such-program", "argument"]}, 127, "no-such-program", "No such file")

    def test_a_path_that_is_not_there(self):
        self.assert_error({"command": ["/no/such/program"]}, 127, "/no/such/program", "No such file")

    def test_a_file_that_is_not_executable(self):
        path = self.write("plain.txt", "text", mode=0o644)
        self.assert_error({"command": [str(path)]}, 126, "plain.txt", "Permission denied")

    def test_a_directory(self):
        self.assert_error({"command": [str(self.directory)]}, 126, str(self.directory), "directory")

    def test_a_script_whose_interpreter_is_not_there(self):
        path = self.write("script", "#!/no/such/interpreter\n", mode=0o755)
        self.assert_error({"command": [str(path)]}, 126, "script", "/no/such/interpreter")

    def test_a_file_of_no_known_format(self):
        path = self.write("noise", b"\x01\x02\x03 not a program", mode=0o755)
        self.assert_error({"command": [str(path)]}, 126, "noise", "Exec format error")

    def test_a_working_directory_that_is_not_there(self):
        self.assert_error({"command": ["true"], "cwd": "/no/such/directory"}, 125, "/no/such/directory", "No such file")

    def test_a_working_directory_that_is_a_file(self):
        path = self.write("file", "text")
        self.assert_error({"command": ["true"], "cwd": str(path)}, 125, "file", "Not a directory")

    def test_an_environment_too_large_names_the_largest_variable_only(self):
        value = "secret-value-" * 20_000
        env = {"SMALL": "s", "ENORMOUS": value, "MEDIUM": "m" * 1000}
        once = self.once({"task": {"command": ["true"], "env": env}}, "task", "--quiet")
        self.assertIn(once.status, (125, 126))
        error = once.wait_for("run_finished", outcome="error")["error"]
        self.assertIn("ENORMOUS", error)
        self.assertIn("Argument list too long", error)
        self.assertNotIn("secret-value", error)

    @unittest.skipUnless(is_root(), "needs root")
    def test_a_user_that_does_not_exist(self):
        self.assert_error({"command": ["true"], "user": "no-such-user"}, 125, "no-such-user")

    @unittest.skipUnless(is_root(), "needs root")
    def test_a_group_that_does_not_exist(self):
        self.assert_error({"command": ["true"], "group": "no-such-group"}, 125, "no-such-group")

    def test_arguments_are_never_told(self):
        error = self.assert_error({"command": ["no-such-program", "--password", "hunter2"]}, 127)
        self.assertNotIn("hunter2", error)


@under_both_containments
class StartFailuresInARunner(RunnerTest):
    def test_the_runner_goes_on(self):
        runner = self.start({
            "absent": {"command": ["no-such-program"], "every": "20ms"},
            "fine": {"command": ["true"], "every": "20ms"},
        })
        runner.wait_for("run_finished", nth=20, task="absent", outcome="error")
        runner.wait_for("run_finished", nth=20, task="fine", outcome="success")
        runner.stop()

    def test_an_error_is_retried_like_a_failure(self):
        once = self.once({"absent": {"command": ["./later"], "retry": {"attempts": 3, "delay": "1ms"}}}, "absent",
                         expect=127)
        self.assertEqual([(1, False), (2, False), (3, True)],
                         [(e["attempt"], e["final"]) for e in once.events("run_finished", outcome="error")])


if __name__ == "__main__":
    main()
