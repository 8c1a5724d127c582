"""M2: a name that could break a line, a path, a label or a terminal is refused at load, and shown harmlessly."""

import json
import urllib.parse

from control_socket import ask
from taskrun_harness import RunnerTest, main

WRONG = ["", " ", "a b", "a\nb", "a\"b", "a'b", "..", ".", "../up", "a/b", "-flag", "_x", ".hidden", "a\\b", "ä",
         "abc\u202edef", "a\u200bb", "a\x1b[31mred", "a\x07", "a$b", "a;b", "a\tb", "\ufeffa", "x" * 65, "x" * 1_000_000]
RIGHT = ["a", "0", "A.b_c-d", "x" * 64, "9lives", "a..b"]


class HostileNames(RunnerTest):
    def check(self, content, status):
        self.write("taskrun.json", json.dumps(content))
        return self.command("check", "taskrun.json", expect=status).stderr

    def assert_harmless(self, text):
        self.assertLess(len(text), 20_000)
        for character in text:
            self.assertTrue(character == "\n" or character.isprintable(), (hex(ord(character)), text[:300]))

    def test_tasks(self):
        for name in WRONG:
            stderr = self.check({"version": 1, "tasks": {name: {"command": ["true"]}}}, 78)
            self.assertRegex(stderr, r"taskrun\.json:1:\d+: error: ", repr(name[:80]))
            self.assert_harmless(stderr)

    def test_pools_and_instances(self):
        for name in WRONG:
            self.assert_harmless(self.check({"version": 1, "pools": {name: 1}, "tasks": {}}, 78))
            self.assert_harmless(self.check({"version": 1, "name": name, "tasks": {}}, 78))

    def test_hostile_keys_and_values_are_shown_harmlessly(self):
        for text in WRONG[1:]:
            self.assert_harmless(self.check({"version": 1, "tasks": {"a": {"command": ["true"], text: 1}}}, 78))
            self.assert_harmless(self.check({"version": 1, "tasks": {"a": {"command": ["true"], "overlap": text}}}, 78))

    def test_right_ones_are_accepted(self):
        for name in RIGHT:
            self.check({"version": 1, "name": name, "pools": {name: 1}, "tasks": {name: {"command": ["true"]}}}, 0)

    def test_an_unknown_name_on_the_command_line_is_shown_harmlessly(self):
        path = self.manifest({"billing": {"command": ["true"]}})
        done = self.command("once", "bil\x1b[31mling", "-m", path, expect=78)
        self.assert_harmless(done.stderr)
        self.assertRegex(self.command("once", "biling", "-m", path, expect=78).stderr, "did you mean .billing.\\?")

    def test_a_running_runner_refuses_them_too(self):
        runner = self.start({"a": {"command": ["true"], "every": "1h"}})
        socket = runner.wait_for("runner_started")["socket"]
        for name in WRONG:
            for persist in (False, True):
                wanted = {"name": name, "task": {"command": ["true"], "every": "1h"}, "persist": persist}
                status, answer = ask(socket, "POST", "/v1/tasks", wanted)
                self.assertEqual((400, "wrong_task"), (status, answer["error"]["code"]), repr(name[:80]))
                self.assertTrue(answer["error"]["diagnostics"])
                self.assert_harmless(json.dumps(answer, ensure_ascii=False))
            segment = urllib.parse.quote(name[:1000], safe="").replace(".", "%2E") or "%00"
            status, answer = ask(socket, "GET", f"/v1/tasks/{segment}")
            self.assertIn((status, answer["error"]["code"]), [(404, "unknown_task"), (404, "not_found"), (400, "bad_request")])
            self.assert_harmless(json.dumps(answer, ensure_ascii=False))
        status, answer = ask(socket, "POST", "/v1/tasks", {"name": "x" * 2_000_000, "task": {}})
        self.assertEqual((413, "body_too_large"), (status, answer["error"]["code"]))
        for name in RIGHT[1:]:
            wanted = {"name": name, "task": {"command": ["true"], "every": "1h"}, "persist": True}
            self.assertEqual(201, ask(socket, "POST", "/v1/tasks", wanted)[0], name)
        runner.stop()
        self.assertEqual(set(RIGHT), {event["task"] for event in runner.events("task_added")})
        self.assertEqual("", runner.stderr_text)


if __name__ == "__main__":
    main()
