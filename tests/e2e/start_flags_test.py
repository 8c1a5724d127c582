"""The flags of `start`: --for, --fail-on-error, --only, --tag, --events, --stop-timeout, and what they refuse."""

import unittest

from taskrun_harness import NASTY, RunnerTest, become_nobody, is_root, main, under_both_containments

GOOD = {"command": ["true"], "every": "50ms", "run_at_start": True}
BAD = {"command": ["false"], "every": "50ms", "run_at_start": True}


@under_both_containments
class StartFlags(RunnerTest):
    def test_for_ends_by_itself(self):
        runner = self.start({"task": GOOD}, "--for", "400ms", "--no-state").ends_with(0)
        self.assertTrue(runner.events("run_finished", outcome="success"))
        self.assertEqual(["runner_stopping", "runner_stopped"],
                         [e["event"] for e in runner.events() if e["event"].startswith("runner_stop")])

    def test_failed_runs_leave_the_exit_code_alone(self):
        self.start({"task": BAD}, "--for", "300ms", "--no-state").ends_with(0)

    def test_fail_on_error_tells_by_the_exit_code(self):
        self.start({"good": GOOD, "bad": BAD}, "--for", "300ms", "--fail-on-error", "--no-state").ends_with(1)
        self.start({"good": GOOD}, "--for", "300ms", "--fail-on-error", "--no-state").ends_with(0)

    def test_only_and_tag_choose_tasks(self):
        tasks = {"a": {**GOOD, "tags": ["x"]}, "b": {**GOOD, "tags": ["y"]}, "c": {**GOOD, "tags": ["x", "y"]}}
        for flags, expected in ((["--only", "b"], {"b"}), (["--tag", "x"], {"a", "c"})):
            runner = self.start(tasks, *flags)
            for name in expected:
                runner.wait_for("run_finished", nth=2, task=name)
            runner.stop()
            self.assertEqual(expected, {e["task"] for e in runner.events("run_started")})

    def test_only_with_an_unknown_name_is_78(self):
        runner = self.start({"billing": GOOD}, "--only", "biling").ends_with(78)
        self.assertRegex(runner.stderr_text, "did you mean .billing.\\?")

    def test_events_results_leaves_out_the_rest(self):
        runner = self.start({"task": {"shell": "echo x", "every": "50ms", "output": {"mode": "lines"}}}, "--events",
                            "results")
        runner.wait_for("run_finished", nth=3)
        runner.stop()
        told = {e["event"] for e in runner.events()} - {"run_skipped"}  # a result, too, which a slow machine has
        self.assertEqual({"runner_started", "run_finished", "runner_stopping", "runner_stopped"},
                         told | {"runner_stopping"})

    def test_stop_timeout_overrides_the_manifest(self):
        runner = self.start({"task": {"command": [NASTY, "sleep"], "every": "1h", "run_at_start": True,
                                      "timeout": "none"}}, "--stop-timeout", "50ms", top={"stop_timeout": "1h"})
        runner.wait_for("run_started")
        runner.stop(expect=1)

    def test_containment_is_told(self):
        runner = self.start({"task": GOOD})
        self.assertEqual(self.containment, runner.wait_for("runner_started")["containment"])
        runner.stop()

    def test_the_runner_tells_who_it_is(self):
        runner = self.start({"a": GOOD, "b": GOOD}, top={"name": "accounts"})
        started = runner.wait_for("runner_started")
        self.assertEqual(("accounts", 2), (started["instance"], started["tasks"]))
        self.assertEqual(self.command("--version", expect=0).stdout.split()[-1], started["version"])
        runner.stop()
        self.assertEqual({"accounts"}, {e["instance"] for e in runner.events() if "instance" in e})

    def test_a_manifest_without_tasks_waits_for_its_end(self):
        runner = self.start({})
        runner.wait_for("runner_started")
        runner.stop()


class StartRefuses(RunnerTest):
    def test_usage(self):
        path = self.manifest({"task": GOOD})
        for arguments in (["start", path, "--no-such-flag"], ["start", path, "--for", "soon"], ["start", path, "--for"],
                          ["start", path, "extra"], ["no-such-command"], ["once"], ["once", "--jobs", "0", "task", "-m", path],
                          ["start", path, "--events", "some"], ["start", path, "--containment", "jail"],
                          ["start", path, "--on-stdout-closed", "shrug"], ["start", path, "--stop-timeout", "-1s"]):
            done = self.command(*arguments)
            self.assertEqual((2, ""), (done.returncode, done.stdout), (arguments, done.stderr))
            self.assertTrue(done.stderr, arguments)

    @unittest.skipUnless(is_root(), "needs root, to become somebody who has no control group")
    def test_a_containment_that_is_not_there_is_70(self):
        """No writable control group: asked for by name it is an error, by `auto` it is the other kind."""
        path = self.manifest({"task": {"command": ["true"]}})
        for command in (["start", path], ["once", "task", "-m", path]):
            refused = self.launch([*command, "--containment", "cgroup"], before_exec=become_nobody)
            self.assertEqual(70, refused.wait(), refused.story())
            self.assertIn("cgroup", refused.stderr_text)
        once = self.launch(["once", "task", "-m", path, "--containment", "auto"], before_exec=become_nobody)
        self.assertEqual(0, once.wait(), once.story())
        self.assertEqual("subreaper", once.wait_for("runner_started")["containment"])


class ManifestLookup(RunnerTest):
    def test_the_working_directory_then_its_parents(self):
        self.manifest({"outer": {"command": ["true"]}})
        (self.directory / "a" / "b").mkdir(parents=True)
        self.assertIn("outer", self.command("list", cwd=self.directory / "a" / "b", expect=0).stdout)
        self.write("a/taskrun.json", {"version": 1, "tasks": {"inner": {"command": ["true"]}}})
        self.assertIn("inner", self.command("list", cwd=self.directory / "a" / "b", expect=0).stdout)

    def test_the_environment_wins(self):
        self.manifest({"outer": {"command": ["true"]}})
        other = self.write("other.json", {"version": 1, "tasks": {"other": {"command": ["true"]}}})
        done = self.command("list", env={"TASKRUN_MANIFEST": str(other)}, expect=0)
        self.assertIn("other", done.stdout)

    def test_standard_input(self):
        done = self.command("list", "-", stdin_text='{"version": 1, "tasks": {"piped": {"command": ["true"]}}}', expect=0)
        self.assertIn("piped", done.stdout)
        done = self.command("check", "-", stdin_text='{"version": 1}', expect=78)
        self.assertIn("<stdin>:1:1: error: ", done.stderr)

    def test_none_is_66(self):
        done = self.command("check", cwd="/", expect=66)
        self.assertIn("taskrun.json", done.stderr)


if __name__ == "__main__":
    main()
