"""R10: one instance has one runner. Whoever comes second exits with 75, names the first, and disturbs nothing."""

from control_socket import ask
from taskrun_harness import RunnerTest, main

QUIET = {"command": ["true"], "every": "1h"}


class OneRunner(RunnerTest):
    def assert_loses(self, runner, to):
        runner.ends_with(75)
        self.assertEqual("", runner.stdout_text)
        self.assertIn("another runner holds the instance", runner.stderr_text)
        self.assertIn(f"pid {to.daemon_pid} ", runner.stderr_text)
        self.assertIn(str(to.pid), runner.stderr_text)

    def test_the_second_loses_by_the_state_or_by_the_socket(self):
        first = self.start({"a": QUIET})
        socket = first.wait_for("runner_started")["socket"]
        first.wait_for("task_added")
        manifest = self.directory / "taskrun.json"
        self.assert_loses(self.start(manifest), first)
        self.assert_loses(self.start(manifest, "--no-state"), first)
        self.assert_loses(self.start(manifest, "--socket", self.directory / "own.sock"), first)
        self.assertEqual(first.daemon_pid, ask(socket, "GET", "/v1/runner")[1]["pid"])
        first.stop()

    def test_a_socket_that_another_instance_holds_is_told_as_the_socket(self):
        first = self.start({"a": QUIET}, "--instance", "one", "--socket", self.directory / "one.sock")
        first.wait_for("task_added")
        second = self.start(self.directory / "taskrun.json", "--instance", "two", "--socket",
                            self.directory / "one.sock")
        second.ends_with(75)
        self.assertRegex(second.stderr_text, rf"another runner holds the socket '.*/one\.sock': pid {first.daemon_pid} ")
        self.assertNotIn("'two'", second.stderr_text)
        first.stop()

    def test_of_a_hundred_at_once_one_wins(self):
        self.manifest({"a": QUIET})
        manifest = self.directory / "taskrun.json"
        runners = [self.start(manifest) for _ in range(100)]

        def winners():
            return [r for r in runners if r.events("task_added")]

        def losers():
            return [r for r in runners if r.popen.poll() is not None]
        self.wait_until(lambda: winners() and len(losers()) == len(runners) - 1, "one winner")
        (winner,) = winners()
        self.assertEqual([75] * 99, [r.wait() for r in losers()], [r.stderr_text for r in losers()])
        for loser in losers():
            self.assertIn(f"pid {winner.daemon_pid} ", loser.stderr_text)
        winner.stop()

    def test_instances_of_other_names_live_side_by_side(self):
        manifest = self.manifest({"a": QUIET})
        runners = [self.start(manifest, "--instance", name) for name in ("one", "two")]
        sockets = [r.wait_for("runner_started")["socket"] for r in runners]
        self.assertEqual(2, len(set(sockets)))
        for socket, runner in zip(sockets, runners):
            self.assertEqual(runner.daemon_pid, ask(socket, "GET", "/v1/runner")[1]["pid"])
        for runner in runners:
            runner.stop()

    def test_the_instance_is_free_again_once_its_runner_was_killed(self):
        first = self.start({"a": QUIET})
        first.checked = False
        first.wait_for("task_added")
        first.signal(9)
        first.wait()
        self.wait_until_gone()
        second = self.start(self.directory / "taskrun.json")
        self.assertEqual(200, ask(second.wait_for("runner_started")["socket"], "GET", "/healthz")[0])
        second.stop()


if __name__ == "__main__":
    main()
