"""`check`, `list`, `init`, `schema`, `builtins`, `--help`: what they answer, on which stream, in which form."""

import json
import os
import pty
import re
import subprocess

import json_schema
from taskrun_harness import TASKRUN, RunnerTest, main

TASKS = {
    "billing": {"every": "10m", "builtin": "cleanup", "with": {"directory": "/nowhere", "older_than": "1d"},
                "description": "charges", "tags": ["money"]},
    "heartbeat": {"delay": "15s", "command": ["true"], "timeout": "1m30s"},
    "manual": {"shell": "true", "enabled": False, "timeout": "none"},
}


class Answers(RunnerTest):
    def test_check_of_a_good_manifest(self):
        path = self.manifest(TASKS)
        done = self.command("check", path, expect=0)
        self.assertEqual("", done.stderr)

    def test_warnings_do_not_fail(self):
        path = self.manifest({"task": {"command": ["no-such-program"], "every": "1h"}})
        done = self.command("check", path, expect=0)
        self.assertRegex(done.stderr, r"taskrun\.json:\d+:\d+: warning: .*no-such-program")
        path = self.manifest({"task": {"command": ["true"], "every": "5s", "timeout": "5s", "overlap": "queue"}})
        self.assertIn("warning: ", self.command("check", path, expect=0).stderr)

    def test_list_shows_each_task(self):
        done = self.command("list", self.manifest(TASKS), expect=0)
        for part in ("billing", "every 10m", "heartbeat", "delay 15s", "1m30s", "manual", "10s", "none"):
            self.assertIn(part, done.stdout)
        self.assertEqual("", done.stderr)

    def test_list_json(self):
        done = self.command("list", self.manifest(TASKS), "--json", expect=0)
        answer = json.loads(done.stdout)
        tasks = answer["tasks"] if isinstance(answer, dict) else answer
        self.assertEqual(list(TASKS), [t.get("name", t.get("task")) for t in tasks])

    def test_no_colour_in_a_pipe(self):
        path = self.manifest(TASKS)
        for arguments in (["list", path], ["check", path], ["--help"], ["builtins"]):
            done = self.command(*arguments, env={"TERM": "xterm"})
            self.assertNotIn("\x1b", done.stdout + done.stderr)

    def on_terminal(self, arguments, **env):
        primary, secondary = pty.openpty()
        process = subprocess.Popen([TASKRUN, *map(str, arguments)], stdin=secondary, stdout=secondary, stderr=secondary,
                                   env=self.environment({"TERM": "xterm", "NO_COLOR": None, **env}), cwd=self.directory)
        os.close(secondary)
        content = b""
        try:
            while chunk := os.read(primary, 4096):
                content += chunk
        except OSError:
            pass  # the end of a terminal
        os.close(primary)
        process.wait()
        return content.decode()

    def test_colour_on_a_terminal_and_not_where_it_is_unwanted(self):
        path = self.write("taskrun.json", '{"version": 2}')
        self.assertIn("\x1b[", self.on_terminal(["check", path]))
        self.assertNotIn("\x1b[", self.on_terminal(["check", path], NO_COLOR="1"))
        self.assertNotIn("\x1b[", self.on_terminal(["check", path], TERM="dumb"))

    def test_init_writes_a_manifest_that_checks(self):
        done = self.command("init", expect=0)
        self.assertTrue((self.directory / "taskrun.json").exists(), done.stderr)
        self.assertEqual("", self.command("check", expect=0).stderr)
        before = (self.directory / "taskrun.json").read_bytes()
        again = self.command("init")
        self.assertNotEqual(0, again.returncode)
        self.assertIn("taskrun.json", again.stderr)
        self.assertEqual(before, (self.directory / "taskrun.json").read_bytes())

    def test_init_to_stdout(self):
        done = self.command("init", "-", expect=0)
        self.assertFalse((self.directory / "-").exists())
        self.assertEqual("", self.command("check", self.write("taskrun.json", done.stdout), expect=0).stderr)

    def test_init_runs(self):
        self.command("init", expect=0)
        runner = self.start(self.directory / "taskrun.json", "--for", "300ms")
        runner.ends_with(0)

    def test_the_manifest_schema_accepts_and_refuses_as_check_does(self):
        schema = json.loads(self.command("schema", "manifest", expect=0).stdout)
        self.assertIn("2020-12", schema["$schema"])
        self.assertEqual([], json_schema.errors({"version": 1, "tasks": TASKS}, schema))
        for wrong in ({"version": 2, "tasks": {}}, {"version": 1}, {"version": 1, "tasks": {"a b": {"shell": "x"}}},
                      {"version": 1, "tasks": {"a": {"shell": "x", "evry": "1s"}}},
                      {"version": 1, "tasks": {"a": {"shell": "x", "command": ["x"]}}},
                      {"version": 1, "tasks": {"a": {"shell": 1}}},
                      {"version": 1, "tasks": {"a": {"shell": "x", "overlap": "maybe"}}}):
            self.assertNotEqual([], json_schema.errors(wrong, schema), wrong)
            self.assertEqual(78, self.command("check", self.write("taskrun.json", wrong)).returncode, wrong)

    def test_the_event_schema(self):
        schema = json.loads(self.command("schema", "event", expect=0).stdout)
        self.assertIn("2020-12", schema["$schema"])
        self.assertNotEqual([], json_schema.errors({}, schema))
        self.assertNotEqual([], json_schema.errors({"event": "run_finished"}, schema))

    def test_builtins(self):
        text = self.command("builtins", expect=0).stdout
        for name in ("cleanup", "http", "older_than", "url"):
            self.assertIn(name, text)

    def test_help_shows_examples_first(self):
        for arguments in (["--help"], ["start", "--help"], ["once", "--help"], ["check", "--help"]):
            done = self.command(*arguments, expect=0)
            self.assertEqual("", done.stderr)
            self.assertRegex(done.stdout.lower(), r"example")
            flags = re.search(r"^\s+-", done.stdout, re.MULTILINE)
            self.assertLess(done.stdout.lower().index("taskrun "), flags.start(), "examples stand before the flags")

    def test_version(self):
        self.assertRegex(self.command("--version", expect=0).stdout, r"^taskrun \d+\.\d+\.\d+\n$")


if __name__ == "__main__":
    main()
