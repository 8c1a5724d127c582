"""`taskrun reload` has the manifest read again and says what has changed, or what is wrong with it."""

import json

from taskrun_harness import RunnerTest, main

QUIET = {"command": ["true"], "every": "1h"}
REFUSED = "taskrun reload: not reloaded: the one before stays in force\n"


class ReloadCommand(RunnerTest):
    def up(self):
        runner = self.start({"a": QUIET, "b": QUIET}, "--instance", "web")
        runner.wait_for("task_added", nth=2)
        return runner

    def test_what_has_changed_is_told(self):
        runner = self.up()
        self.manifest({"a": {**QUIET, "every": "2h"}, "c": QUIET})
        self.assertEqual("web: reloaded: 1 added, 1 changed, 1 removed, 0 unchanged\n",
                         self.command("reload", expect=0).stdout)
        self.assertEqual({"added": 0, "changed": 0, "removed": 0, "unchanged": 2},
                         json.loads(self.command("reload", "--json", expect=0).stdout))
        runner.stop()

    def test_what_is_wrong_is_told_and_seen(self):
        runner = self.up()
        path = self.write("taskrun.json", '{"version": 1, "tasks": {\n  "a": {"comand": ["true"]}}}\n')
        done = self.command("reload", expect=78)
        self.assertEqual(self.command("check", path, expect=78).stderr + REFUSED, done.stderr)
        self.assertIn(f'{path}:2:9: error: unknown key "comand"', done.stderr)
        self.assertIn('did you mean "command"?', done.stderr)
        self.assertIn("        ^\n", done.stderr)
        self.assertEqual("wrong_manifest", json.loads(self.command("reload", "--json", expect=78).stdout)["error"]["code"])
        self.assertIn("the manifest was refused, the one before is in force: ", self.command("status", expect=0).stdout)
        path.unlink()
        done = self.command("reload", expect=66)
        self.assertEqual(f"taskrun reload: cannot open '{path}': No such file or directory\n{REFUSED}", done.stderr)
        runner.stop()

    def test_what_the_runner_alone_finds_is_told_as_it_says_it(self):
        runner = self.up()
        path = self.manifest({"a": {**QUIET, "env": {"X": "${ONLY_HERE}"}}})
        done = self.command("reload", expect=78, env={"ONLY_HERE": "x"})
        self.assertRegex(done.stderr, rf"^{path}:\d+:\d+: error: .*ONLY_HERE")
        self.assertTrue(done.stderr.endswith(REFUSED), done.stderr)
        runner.stop()


if __name__ == "__main__":
    main()
