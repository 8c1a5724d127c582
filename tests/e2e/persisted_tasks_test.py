"""Tasks that a client adds to stay: answered means on disk, back at the next start, gone once they are removed, and no
file that cannot be read or written costs anybody else's task."""

import json
import os
import signal
import time

from control_socket import ask
import history_database
from taskrun_harness import RunnerTest, main

QUIET = {"command": ["true"], "every": "1h"}


class PersistedTasks(RunnerTest):
    def up(self, tasks, *flags, **options):
        """What is asked is answered once every task is there."""
        runner = self.start(tasks, "--instance", "i", *flags, **options)
        self.socket = runner.wait_for("runner_started")["socket"]
        return runner

    def ask(self, method, target, body=None, status=200):
        got, answer = ask(self.socket, method, target, body)
        self.assertEqual(status, got, answer)
        return answer

    def add(self, name, task, status=201, **more):
        return self.ask("POST", "/v1/tasks", {"name": name, "task": task, **more}, status)

    def names(self):
        return {task["task"]: task["persisted"] for task in self.ask("GET", "/v1/tasks")["tasks"]}

    @property
    def file(self):
        return self.state / "taskrun" / "i" / "tasks"

    def test_what_was_answered_is_back_after_a_stop_and_after_a_kill(self):
        runner = self.up({"mine": QUIET})
        self.assertFalse(self.add("passing", QUIET)["persisted"])
        self.assertTrue(self.add("stays", {**QUIET, "env": {"KEY": self.canary}}, persist=True)["persisted"])
        runner.stop()
        self.assertEqual(0o600, self.file.stat().st_mode & 0o7777)
        runner = self.up({"mine": QUIET})
        self.assertEqual(2, runner.wait_for("runner_started")["tasks"])
        self.assertEqual({"mine": False, "stays": True}, self.names())
        self.add("later", QUIET, persist=True)
        runner.checked = False
        os.kill(runner.pid, signal.SIGKILL)
        runner.wait()
        self.wait_until_gone()
        runner = self.up({"mine": QUIET})
        self.assertEqual({"mine": False, "later": True, "stays": True}, self.names())
        self.assertTrue(self.ask("DELETE", "/v1/tasks/stays")["gone"])
        runner.stop()
        runner = self.up({"mine": QUIET})
        self.assertEqual({"mine": False, "later": True}, self.names())
        runner.stop()

    def test_what_passed_while_no_runner_was_there_is_answered(self):
        runner = self.up({})
        self.add("daily", {"command": ["true"], "cron": "0 0 * * *", "timezone": "UTC", "catch_up": "latest"},
                 persist=True)
        runner.stop()
        days_ago = int(time.time()) - 10 * 86_400
        history_database.set_mark(self.file.with_name(history_database.NAME), "daily", days_ago * 1_000_000_000)
        runner = self.up({})
        self.assertEqual("catch_up", runner.wait_for("run_started", task="daily")["trigger"])
        self.assertEqual(9, runner.wait_for("run_skipped", task="daily", reason="missed")["count"])
        runner.wait_for("run_finished", task="daily")
        runner.stop()

    def test_without_a_state_directory_it_is_refused_and_not_added(self):
        runner = self.up({}, "--no-state")
        error = self.add("a", QUIET, 409, persist=True)["error"]
        self.assertEqual("no_state", error["code"])
        self.assertIn("state directory", error["message"])
        self.assertEqual({}, self.names())
        runner.stop()

    def test_where_it_cannot_be_written_nothing_is_added_or_removed(self):
        runner = self.up({})
        self.add("a", QUIET, persist=True)
        state = self.file.parent
        away = state.rename(state.with_name("away"))
        error = self.add("b", QUIET, 503, persist=True)["error"]
        self.assertEqual("state_failed", error["code"])
        self.assertIn(str(self.file), error["message"])
        self.assertEqual("state_failed", self.ask("DELETE", "/v1/tasks/a", status=503)["error"]["code"])
        self.assertEqual({"a": True}, self.names())
        away.rename(state)
        self.assertEqual(2, len(self.file.read_text().splitlines()))
        self.ask("DELETE", "/v1/tasks/a")
        runner.stop()
        self.assertEqual(["taskrun-tasks 1 0"], self.file.read_text().splitlines())

    def test_the_manifest_wins_and_the_file_keeps_it(self):
        runner = self.up({})
        self.add("a", {**QUIET, "description": "added"}, persist=True)
        runner.stop()
        runner = self.up({"a": {**QUIET, "description": "written"}})
        self.assertEqual("written", self.ask("GET", "/v1/tasks/a")["description"])
        self.assertEqual({"a": False}, self.names())
        runner.stop()
        self.assertIn("'a' does not come back: the manifest has a task of its name", runner.stderr_text)
        runner = self.up({})
        self.assertEqual("added", self.ask("GET", "/v1/tasks/a")["description"])
        runner.stop()

    def test_a_name_that_the_manifest_takes_and_drops_again_is_the_clients_again(self):
        runner = self.up({})
        before = self.add("a", {**QUIET, "description": "added"}, persist=True)
        for _ in range(2):
            self.manifest({"a": {**QUIET, "description": "written"}})
            self.ask("POST", "/v1/reload")
            self.assertEqual("written", self.ask("GET", "/v1/tasks/a")["description"])
            self.assertEqual({"a": False}, self.names())
            self.manifest({})
            self.assertEqual(1, self.ask("POST", "/v1/reload")["removed"])
            self.assertEqual(before | {"next_run_at": None}, self.ask("GET", "/v1/tasks/a") | {"next_run_at": None})
        self.assertTrue(self.ask("DELETE", "/v1/tasks/a")["gone"])
        runner.stop()
        runner = self.up({})
        self.assertEqual({}, self.names())
        runner.stop()

    def test_a_task_that_has_become_wrong_is_named_and_the_others_come_back(self):
        runner = self.up({}, top={"pools": {"db": 1}})
        self.add("a", {**QUIET, "pool": "db"}, persist=True)
        self.add("b", QUIET, persist=True)
        runner.stop()
        runner = self.up({})
        self.assertEqual({"b": True}, self.names())
        runner.stop()
        self.assertIn("'a' does not come back, but stays in", runner.stderr_text)
        self.assertIn("db", runner.stderr_text)
        runner = self.up({}, top={"pools": {"db": 1}})
        self.assertEqual({"a": True, "b": True}, self.names())
        runner.stop()

    def test_a_task_that_is_added_for_this_runner_replaces_what_was_kept(self):
        runner = self.up({}, top={"pools": {"db": 1}})
        self.add("a", {**QUIET, "pool": "db"}, persist=True)
        runner.stop()
        runner = self.up({})
        self.add("a", QUIET)
        runner.stop()
        runner = self.up({}, top={"pools": {"db": 1}})
        self.assertEqual({}, self.names())
        runner.stop()

    def test_only_some_tasks_means_without_them(self):
        runner = self.up({"x": QUIET, "y": QUIET})
        self.add("a", QUIET, persist=True)
        runner.stop()
        runner = self.start(self.directory / "taskrun.json", "--instance", "i", "--only", "x")
        runner.wait_for("task_added")
        self.assertEqual({"x": False}, self.names())
        self.add("b", QUIET, persist=True)
        runner.stop()
        runner = self.up({"x": QUIET})
        self.assertEqual({"x": False, "a": True, "b": True}, self.names())
        runner.stop()

    def test_a_file_that_cannot_be_read_is_set_aside_and_told(self):
        for broken in (b"", b"\0" * 100, b"taskrun-tasks 1 1\n{\"name\":", b"taskrun-tasks x 0\n"):
            self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.file.parent.parent.chmod(0o700)
            self.file.write_bytes(broken)
            runner = self.up({"x": QUIET})
            self.add("a", QUIET, persist=True)
            runner.stop()
            aside = list(self.file.parent.glob("tasks.*.broken"))
            self.assertEqual([broken], [path.read_bytes() for path in aside])
            self.assertIn(str(aside[0]), runner.stderr_text)
            aside[0].unlink()
            self.file.unlink()

    def test_a_newer_taskruns_file_is_left_alone(self):
        self.file.parent.mkdir(mode=0o700, parents=True)
        self.file.parent.parent.chmod(0o700)
        self.file.write_bytes(b"taskrun-tasks 9 0\n")
        runner = self.up({"x": QUIET})
        self.assertEqual("state_failed", self.add("a", QUIET, 503, persist=True)["error"]["code"])
        runner.stop()
        self.assertIn("a newer taskrun has written it", runner.stderr_text)
        self.assertEqual(b"taskrun-tasks 9 0\n", self.file.read_bytes())

    def test_a_stopping_runner_and_a_name_that_is_taken_keep_nothing(self):
        runner = self.up({"a": QUIET})
        self.assertEqual("name_taken", self.add("a", QUIET, 409, persist=True)["error"]["code"])
        self.assertEqual("wrong_task", self.add("b", {}, 400, persist=True)["error"]["code"])
        self.assertEqual("bad_request", self.add("b", QUIET, 400, persist="yes")["error"]["code"])
        self.assertFalse(self.file.exists())
        runner.stop()

    def test_the_definition_is_kept_as_it_came(self):
        task = {"command": ["printf", "%s", "a\"b\\c\nd\u2028\u00e9"], "every": "1h", "run_at_start": True}
        runner = self.up({})
        self.add("a", task, persist=True)
        expected = runner.wait_for("run_finished")["stdout"]
        runner.stop()
        head, line = self.file.read_bytes().splitlines()
        self.assertEqual(b"taskrun-tasks 1 1", head)
        self.assertEqual({"name": "a", "task": task}, json.loads(line))
        runner = self.up({})
        self.assertEqual(expected, runner.wait_for("run_finished")["stdout"])
        runner.stop()


if __name__ == "__main__":
    main()
