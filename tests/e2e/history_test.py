"""`taskrun history` and `taskrun show`: what a runner has recorded, asked while it lives and after it has stopped."""

import contextlib
import csv
import io
import json
import os
import pty
import signal
import sqlite3
import subprocess
import time

from taskrun_harness import TASKRUN, RunnerTest, become_nobody, is_root, main

TASKS = {
    "fine": {"shell": "echo hello; echo '{\"n\": 1}' >&3", "run_at_start": True, "every": "1h", "result": True},
    "fails": {"shell": "printf '\\033[31mred\\007'; exit 3", "run_at_start": True, "every": "1h"},
    "again": {"shell": "exit 1", "run_at_start": True, "every": "1h", "retry": {"attempts": 2, "delay": "10ms"}},
    "busy": {"shell": "echo up > up; while [ ! -e go ]; do sleep 0.05; done", "run_at_start": True, "every": "1h",
             "timeout": "5m"},
}


class History(RunnerTest):
    def up(self):
        runner = self.start(TASKS, "--instance", "web")
        self.finished = {name: runner.wait_for("run_finished", task=name, final=True)
                         for name in ("fine", "fails", "again")}
        self.wait_for_file("up")
        return runner

    def down(self, runner):
        self.write("go", "")
        runner.wait_for("run_finished", task="busy")
        runner.stop()

    def listed(self, *arguments):
        return json.loads(self.command("history", "--instance", "web", "--json", *arguments, expect=0).stdout)

    def shown(self, run_id):
        return json.loads(self.command("show", run_id, "--instance", "web", "--json", expect=0).stdout)

    def test_a_list_has_what_the_lines_told(self):
        runner = self.up()
        entries = {entry["task"]: entry for entry in self.listed()}
        self.assertEqual({"fine", "fails", "again", "busy"}, set(entries))
        for name, line in self.finished.items():
            for key in ("run_id", "attempt", "scheduled_at", "started_at", "duration_ms", "outcome", "exit_code", "pid",
                        "cpu_user_ms", "max_rss_kib", "output_bytes"):
                self.assertEqual(line[key], entries[name][key], (name, key))
        self.assertEqual("running", entries["busy"]["state"])
        self.assertEqual("start", entries["again"]["trigger"])
        self.down(runner)

    def test_it_is_the_same_after_the_runner_has_stopped(self):
        runner = self.up()
        self.down(runner)
        entries = self.listed()
        self.assertEqual(4, len(entries))
        self.assertEqual({"ended"}, {entry["state"] for entry in entries})
        self.assertEqual(["history.db"], [p.name for p in (self.state / "taskrun" / "web").glob("history.db*")])
        self.assertEqual(["again", "fails"], sorted(entry["task"] for entry in self.listed("--failed")))
        self.assertEqual(["fine"], [entry["task"] for entry in self.listed("fine", "--since", "1h")])
        self.assertEqual([], self.listed("--until", "1h"))
        self.assertEqual(2, len(self.listed("--limit", "2")))
        self.command("history", "nope", "--instance", "web", expect=78)
        self.assertIn("one task at most can be named", self.command("history", "fine", "--task", "fails", expect=2).stderr)
        self.assertEqual(["fine"], [entry["task"] for entry in self.listed("fine", "--task", "fine")])

    def test_it_is_found_by_the_manifest_by_the_runner_and_by_being_alone(self):
        runner = self.up()
        elsewhere = self.directory / "elsewhere"
        elsewhere.mkdir()
        self.assertIn("fails", self.command("history", expect=0, cwd=elsewhere).stdout)
        self.down(runner)
        self.assertIn("fails", self.command("history", expect=0, cwd=elsewhere).stdout)
        self.assertIn("fails", self.command("history", expect=0).stdout)
        self.write("elsewhere/taskrun.json", {"version": 1, "name": "other", "tasks": {}})
        done = self.command("history", expect=0, cwd=elsewhere)
        self.assertIn("nothing is recorded of 'other'; this is '", done.stderr)
        self.assertIn("fails", done.stdout)

    def test_a_run_is_shown_with_its_attempts_output_and_result(self):
        runner = self.up()
        fine = self.shown(self.finished["fine"]["run_id"])
        self.assertEqual(("hello\n", "", {"n": 1}), tuple(fine["attempts"][0][key] for key in ("stdout", "stderr", "result")))
        again = self.shown(self.finished["again"]["run_id"][-8:])
        self.assertEqual([(1, False), (2, True)], [(a["attempt"], a["final"]) for a in again["attempts"]])
        text = self.command("show", self.finished["fails"]["run_id"], "--instance", "web", expect=0).stdout
        self.assertIn("  \\u{001b}[31mred\\u{0007}\n", text)
        self.assertNotIn("\x1b", text)
        prefix = self.finished["fine"]["run_id"][:4]
        several = self.command("show", prefix, "--instance", "web", expect=1).stderr
        self.assertEqual((4, False), (several.count(f"\n  {prefix}"), "more" in several))
        self.command("show", "ffffffff", "--instance", "web", expect=1)
        self.command("show", "ff", "--instance", "web", expect=2)
        self.command("show", "0", "--instance", "web", expect=2)
        self.down(runner)

    def test_a_runner_that_hangs_is_not_waited_for_where_its_history_lies_in_the_usual_place(self):
        runner = self.up()
        os.kill(runner.daemon_pid, signal.SIGSTOP)
        begun = time.monotonic()
        self.assertEqual("running", next(entry["state"] for entry in self.listed() if entry["task"] == "busy"))
        self.assertLess(time.monotonic() - begun, 8)
        os.kill(runner.daemon_pid, signal.SIGCONT)
        self.down(runner)

    def test_a_manifest_that_is_not_there_is_told_once(self):
        done = self.command("history", "-m", "nofile.json", expect=66)
        self.assertEqual("taskrun history: cannot open 'nofile.json': No such file or directory\n", done.stderr)

    def test_of_many_runs_that_may_be_meant_some_are_listed(self):
        runner = self.start({"often": {"every": "10ms", "command": ["true"]}}, "--instance", "web")
        prefix = runner.wait_for("run_finished", nth=20)["run_id"][:4]
        runner.stop()
        lines = self.command("show", prefix, "--instance", "web", expect=1).stderr.splitlines()
        self.assertEqual((12, "  … and more: give more digits"), (len(lines), lines[-1]))

    def test_people_see_a_table_and_a_summary_and_spreadsheets_get_csv(self):
        runner = self.up()
        self.down(runner)
        lines = self.command("history", "--instance", "web", expect=0).stdout.splitlines()
        self.assertRegex(lines[0], r"^WHEN +TASK +OUTCOME +TOOK +RUN +REMARK$")
        run = self.finished["fails"]["run_id"][-8:]
        self.assertTrue(any(line.split()[2:4] == ["fails", "failure"] and run in line and "exit 3" in line
                            for line in lines), lines)
        summary = json.loads(self.command("history", "--instance", "web", "--summary", "--json", expect=0).stdout)
        self.assertEqual([("again", 1, 0), ("busy", 1, 1), ("fails", 1, 0), ("fine", 1, 1)],
                         [(task["task"], task["runs"], task["successes"]) for task in summary])
        rows = list(csv.DictReader(io.StringIO(self.command("history", "--instance", "web", "--csv", expect=0).stdout)))
        self.assertEqual(4, len(rows))
        self.assertEqual("3", next(row["exit_code"] for row in rows if row["task"] == "fails"))
        told = [{key: value for key, value in row.items() if value != ""} for row in rows]
        self.assertEqual([set(entry) for entry in self.listed()], [set(row) for row in told])

    def test_a_terminal_gets_colours_unless_it_wants_none(self):
        runner = self.up()
        self.down(runner)
        self.assertIn("\x1b[31mfailure", self.on_terminal({"TERM": "xterm", "NO_COLOR": None}))
        self.assertNotIn("\x1b[", self.on_terminal({"TERM": "xterm", "NO_COLOR": "1"}))

    def on_terminal(self, env):
        master, slave = pty.openpty()
        done = subprocess.run([TASKRUN, "history", "--instance", "web"], env=self.environment(env), cwd=self.directory,
                              stdin=subprocess.DEVNULL, stdout=slave, stderr=subprocess.PIPE, check=True)
        os.close(slave)
        self.assertEqual(b"", done.stderr)
        text = b""
        with contextlib.suppress(OSError):  # all has been read
            while chunk := os.read(master, 65536):
                text += chunk
        os.close(master)
        return text.decode()

    def test_what_a_task_is_given_is_not_on_disk(self):
        task = {"shell": f"true {self.canary}", "env": {"TOKEN": self.canary}, "run_at_start": True, "every": "1h"}
        runner = self.start({"hello": task}, "--instance", "web")
        runner.wait_for("run_finished", task="hello")
        runner.stop()
        path = self.state / "taskrun" / "web" / "history.db"
        self.assertNotIn(self.canary.encode(), path.read_bytes())
        self.assertEqual(0o600, path.stat().st_mode & 0o777)

    def test_a_history_that_may_only_be_read_is_read(self):
        runner = self.up()
        self.down(runner)
        path = self.state / "taskrun" / "web" / "history.db"
        shut = [path, path.parent, path.parent.parent]
        for each in shut:
            if is_root():
                os.chown(each, 65534, 65534)
            each.chmod(0o500)
        done = self.command("history", "--instance", "web", expect=0, preexec_fn=become_nobody if is_root() else None)
        for each in shut:
            each.chmod(0o700)
        self.assertIn("fails", done.stdout)

    def test_what_is_kept_can_be_said(self):
        task = {"every": "20ms", "command": ["true"]}
        runner = self.start({"often": task}, "--instance", "web", "--keep-runs", "5", "--durability", "full")
        runner.wait_for("run_finished", nth=30, task="often")
        runner.stop()
        with sqlite3.connect(f"file:{self.state}/taskrun/web/history.db?mode=ro", uri=True) as history:
            self.assertLess(history.execute("SELECT count(*) FROM entry").fetchone()[0], 30)


if __name__ == "__main__":
    main()
