"""M1: a manifest that is cut, wrong, huge, deep, or no file at all is refused at once, with its place and a remedy."""

import json
import os
import resource
import subprocess
import unittest

from taskrun_harness import SANITIZED, TASKRUN, RunnerTest, become_nobody, is_root, main

WHOLE = """{
  "version": 1,
  "name": "cut",
  "defaults": { "timeout": "30s" },
  "env": { "GREETING": "grün" },
  "pools": { "db": 1 },
  "tasks": {
    "one": { "every": "10m", "shell": "echo \\"$GREETING\\"", "retry": { "attempts": 3, "on": ["failure"] }, "pool": "db" },
    "two": { "delay": "1.5h", "command": ["true", "\\u00e9"], "success_codes": [0, 2], "enabled": false }
  }
}
"""
PLACE = r"^taskrun\.json:\d+:\d+: error: .+"


class BrokenManifest(RunnerTest):
    def check(self, content, status=78):
        """stderr of `check` for a manifest of that content."""
        self.write("taskrun.json", content)
        return self.command("check", "taskrun.json", expect=status).stderr

    def test_the_whole_one_is_fine(self):
        self.assertEqual("", self.check(WHOLE, status=0))

    def test_cut_at_every_byte(self):
        content = WHOLE.rstrip().encode()
        for size in range(0, len(content), 7 if SANITIZED else 1):
            self.assertRegex(self.check(content[:size]), PLACE, size)

    def test_a_byte_order_mark_is_skipped(self):
        self.assertEqual("", self.check(b"\xef\xbb\xbf" + WHOLE.encode(), status=0))

    def test_what_is_no_json(self):
        for content in ("", " ", "{", "null", "[]", '"text"', "1", "{}x", "{} {}", "{'version': 1}", '{"version": 1,}',
                        '{"version": 01}', '{"version": 1 "tasks": {}}', '{"a": nul}', '{"a": "\n"}', '{"a": "\\x"}',
                        '{"a": "\\ud800"}', '\x00', '{"version": 1}\x00'):
            self.assertRegex(self.check(content), PLACE, repr(content))
        for content in (b'{"a": "\xff"}', b"\xfe\xff\x00{", b'{"\xc0\xaf": 1}'):
            self.assertRegex(self.check(content), PLACE, repr(content))

    def test_comments_are_told_to_be_none(self):
        for comment in ("// a comment", "/* a comment */", "# a comment"):
            self.assertIn("comment", self.check('{\n  %s\n  "version": 1, "tasks": {}\n}' % comment))

    def test_all_mistakes_are_told_at_once(self):
        stderr = self.check("""{
  "version": 1,
  "max_parallel": 0,
  "tasks": {
    "a": { "every": "10", "command": ["true"] },
    "b": { "evry": "10s", "command": ["true"] },
    "c": { "every": "10s" },
    "d": { "every": "10s", "command": ["true"], "shell": "true" },
    "e": { "every": "10s", "command": "true" },
    "f": { "every": "10s", "delay": "10s", "command": ["true"] },
    "g": { "every": "10s", "command": ["true"], "pool": "nowhere" },
    "h": { "every": "10s", "command": ["true"], "timeout": "${UNSET_VARIABLE}" }
  }
}
""")
        lines = {int(line.split(":")[1]) for line in stderr.splitlines() if line.startswith("taskrun.json:")}
        self.assertEqual({3, 5, 6, 7, 8, 9, 10, 11, 12}, lines, stderr)
        self.assertIn('did you mean "every"?', stderr)

    def test_each_mistake_has_place_source_line_and_caret(self):
        stderr = self.check('{\n  "version": 1,\n  "tasks": { "a": { "comand": ["true"] } }\n}\n')
        lines = stderr.splitlines()
        place = next(line for line in lines if "unknown key" in line)
        self.assertTrue(place.startswith("taskrun.json:3:21: error: "), place)
        source = lines[lines.index(place) + 1]
        caret = lines[lines.index(place) + 2]
        self.assertIn('"comand"', source)
        self.assertEqual(source.index('"comand"'), caret.index("^"))
        self.assertIn('did you mean "command"?', stderr)

    def test_duplicate_keys_name_both_places(self):
        stderr = self.check('{\n "version": 1,\n "tasks": {\n  "a": {"command": ["true"]},\n  "a": {"shell": "x"}\n }\n}')
        self.assertRegex(stderr, r"taskrun\.json:5:3: error: ")
        self.assertRegex(stderr, r"\b4\b")

    def test_keys_that_begin_with_x_are_ignored(self):
        self.check('{"version": 1, "x-note": [1], "tasks": {"a": {"command": ["true"], "x-owner": "me"}}}', status=0)

    def mistakes(self):
        def task(text):
            return '{"version": 1, "pools": {"p": 1}, "tasks": {"t": {%s}}}' % text

        def run(text):
            return task('"command": ["true"], ' + text)

        yield "another version", '{"version": 2, "tasks": {}}'
        yield "version of another type", '{"version": "1", "tasks": {}}'
        yield "no tasks", '{"version": 1}'
        yield "tasks of another type", '{"version": 1, "tasks": []}'
        yield "unknown top-level key", '{"version": 1, "task": {}, "tasks": {}}'
        yield "name no name", '{"version": 1, "name": "a b", "tasks": {}}'
        yield "pool of none", '{"version": 1, "pools": {"p": 0}, "tasks": {}}'
        yield "pool no number", '{"version": 1, "pools": {"p": "1"}, "tasks": {}}'
        yield "stop_timeout", '{"version": 1, "stop_timeout": 10, "tasks": {}}'
        yield "env of numbers", '{"version": 1, "env": {"A": 1}, "tasks": {}}'
        yield "env name with =", '{"version": 1, "env": {"A=B": "1"}, "tasks": {}}'
        yield "defaults with what to run", '{"version": 1, "defaults": {"command": ["true"]}, "tasks": {}}'
        yield "defaults with when", '{"version": 1, "defaults": {"every": "1s"}, "tasks": {}}'
        yield "nothing to run", task('"every": "1s"')
        yield "two things to run", task('"shell": "true", "command": ["true"]')
        yield "empty command", task('"command": []')
        yield "empty program", task('"command": [""]')
        yield "command of numbers", task('"command": ["sleep", 1]')
        yield "shell of another type", task('"shell": ["true"]')
        yield "unknown built-in", task('"builtin": "cleanupp"')
        yield "with without builtin", run('"with": {}')
        yield "unknown argument", task('"builtin": "cleanup", "with": {"no_such": 1}')
        yield "stdin with builtin", task('"builtin": "cleanup", "stdin": "x", "with": {"directory": "/nowhere"}')
        yield "two schedules", run('"every": "1s", "delay": "1s"')
        yield "run_at_start", run('"run_at_start": "yes"')
        yield "negative jitter", run('"every": "1s", "jitter": "-1s"')
        yield "enabled", run('"enabled": "maybe"')
        yield "timeout of zero", run('"timeout": "0s"')
        yield "timeout", run('"timeout": "never"')
        yield "grace", run('"grace": -1')
        yield "stop_signal", run('"stop_signal": "TERMINATE"')
        yield "leftovers", run('"leftovers": "keep"')
        yield "overlap", run('"overlap": "skipp"')
        yield "unknown pool", run('"pool": "q"')
        yield "retry no object", run('"retry": 3')
        yield "retry of none", run('"retry": {"attempts": 0}')
        yield "retry unknown key", run('"retry": {"attempt": 3}')
        yield "retry on", run('"retry": {"attempts": 2, "on": ["success"]}')
        yield "retry jitter", run('"retry": {"attempts": 2, "jitter": 2}')
        yield "success code", run('"success_codes": [256]')
        yield "success codes", run('"success_codes": 0')
        yield "missing env_file", run('"env_file": "/no/such/file"')
        yield "inherit_env", run('"inherit_env": "no"')
        yield "umask", run('"umask": "999"')
        yield "nice", run('"nice": 40')
        yield "limits", run('"limits": {"files": 1}')
        yield "limits memory", run('"limits": {"memory": "lots"}')
        yield "stdin", run('"stdin": 1')
        yield "output mode", run('"output": {"mode": "head"}')
        yield "output limit", run('"output": {"limit": "4 KiB"}')
        yield "result", run('"result": "yes"')
        yield "hook without what to run", run('"on_success": {"timeout": "1s"}')
        yield "hook of another type", run('"on_failure": "true"')
        yield "hook with a schedule", run('"on_stop": {"command": ["true"], "every": "1s"}')
        yield "hook in a hook", run('"on_stop": {"command": ["true"], "on_success": {"command": ["true"]}}')
        yield "unset variable", run('"cwd": "${NO_SUCH_VARIABLE}"')
        yield "variable with a message", run('"cwd": "${NO_SUCH_VARIABLE:?set it}"')
        yield "open variable", run('"cwd": "${HOME"')
        yield "nul", run('"description": "a\\u0000b"')
        yield "null", run('"description": null')
        yield "depth", run('"x-deep": %s' % ("[" * 65 + "]" * 65))

    def test_each_mistake_is_told(self):
        for what, content in self.mistakes():
            with self.subTest(what):
                self.assertRegex(self.check(content), PLACE)

    def test_start_and_once_refuse_as_check_does(self):
        self.write("taskrun.json", '{"version": 1, "tasks": {"t": {"shell": "echo > ran", "run_at_start": 1}}}')
        told = self.command("check", "taskrun.json", expect=78).stderr
        for arguments in (["start", "taskrun.json"], ["once", "t", "-m", "taskrun.json"], ["list", "taskrun.json"]):
            done = self.command(*arguments, expect=78)
            self.assertEqual((told, ""), (done.stderr, done.stdout), arguments)
        self.assertFalse((self.directory / "ran").exists())

    def test_check_json_tells_the_same_for_machines(self):
        self.write("taskrun.json", '{\n "version": 1,\n "tasks": {"t": {"comand": ["true"]}}\n}')
        done = self.command("check", "taskrun.json", "--json", expect=78)
        told = json.loads(done.stdout)
        found = told["diagnostics"] if isinstance(told, dict) else told
        first = next(d for d in found if "comand" in d["message"])
        self.assertEqual((3, 18, "error"), (first["line"], first["column"], first["severity"]))


class NoManifest(RunnerTest):
    """Exit 66: there is no text to speak of."""

    def refuse(self, path, status, *parts):
        done = self.command("check", path, expect=status)
        for part in (str(path), *parts):
            self.assertIn(part, done.stderr)
        return done

    def test_missing(self):
        self.refuse("nowhere.json", 66, "No such file or directory")

    def test_a_dangling_link(self):
        os.symlink("nowhere", self.directory / "dangling.json")
        self.refuse("dangling.json", 66, "a link to a file that does not exist")

    def test_a_loop_of_links(self):
        os.symlink("b.json", self.directory / "a.json")
        os.symlink("a.json", self.directory / "b.json")
        self.refuse("a.json", 66)

    def test_a_directory(self):
        done = self.command("check", ".")
        self.assertIn(done.returncode, (66, 78))

    def test_a_pipe_that_nobody_writes(self):
        os.mkfifo(self.directory / "pipe.json")
        done = self.command("check", "pipe.json")
        self.assertIn(done.returncode, (66, 78))

    def test_devices(self):
        for device in ("/dev/zero", "/dev/null", "/dev/full", "/dev/tty"):
            done = self.command("check", device)
            self.assertIn(done.returncode, (66, 78), device)

    @unittest.skipUnless(is_root(), "needs root, to become somebody else")
    def test_no_permission(self):
        self.write("secret.json", WHOLE, mode=0o600)
        done = self.command("check", "secret.json", preexec_fn=become_nobody)
        self.assertEqual(66, done.returncode, done.stderr)
        self.assertIn("Permission denied", done.stderr)


class HugeManifest(RunnerTest):
    """Refused within 64 MiB of memory."""

    def bounded(self, path, status):
        limit = 64 << 20

        def bound():
            if not SANITIZED:
                resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
        done = subprocess.run([TASKRUN, "check", str(path)], cwd=self.directory, env=self.environment(),
                              capture_output=True, text=True, preexec_fn=bound, timeout=300)
        self.assertEqual(status, done.returncode, done.stderr[:2000])
        return done.stderr

    def test_a_gigabyte(self):
        with open(self.directory / "huge.json", "wb") as file:
            file.truncate(1 << 30)
        self.assertIn("huge.json", self.bounded("huge.json", 78))

    def test_the_limit_is_a_flag(self):
        self.write("taskrun.json", WHOLE)
        done = self.command("check", "taskrun.json", "--manifest-limit", "100")
        self.assertEqual(78, done.returncode, done.stderr)

    def test_a_million_levels(self):
        for opening, closing in (("[", "]"), ('{"a":', "}")):
            self.write("deep.json", opening * 1_000_000 + closing * 1_000_000)
            self.assertRegex(self.bounded("deep.json", 78), r"deep\.json:1:\d+: error: ")

    def test_a_string_without_end(self):
        self.write("endless.json", '{"version":1,"tasks":{"a":{"shell":"' + "x" * (40 << 20))
        self.assertIn("this string is longer than 4MiB", self.bounded("endless.json", 78))

    def test_a_million_tasks_that_are_cut_off(self):
        tasks = ",".join('"t%d":{"command":["p%d"]}' % (n, n) for n in range(1_000_000))
        self.write("cut.json", '{"version":1,"tasks":{' + tasks)
        self.assertIn("this object is not closed", self.bounded("cut.json", 78))

    def test_a_hundred_thousand_mistakes_are_counted_not_printed(self):
        tasks = ",".join('"t%d":{"comand":[]}' % n for n in range(100_000))
        self.write("wrong.json", '{"version":1,"tasks":{%s}}' % tasks)
        stderr = self.bounded("wrong.json", 78)
        self.assertLess(stderr.count(": error: "), 1000)
        self.assertRegex(stderr, r"\d{5,}")


if __name__ == "__main__":
    main()
