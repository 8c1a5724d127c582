"""`defaults`, top-level `env` and interpolation: where a value comes from."""

import json

from taskrun_harness import NASTY, RunnerTest, main


class Defaults(RunnerTest):
    def test_tasks_inherit_and_override(self):
        once = self.once({
            "inherits": {"command": [NASTY, "sleep"]},
            "overrides": {"command": [NASTY, "exit", "3"], "timeout": "1m", "success_codes": [3]},
        }, "--all", expect=1, top={"defaults": {"timeout": "200ms", "success_codes": [0, 1], "tags": ["x"]}})
        self.assertEqual("timeout", once.wait_for("run_finished", task="inherits")["outcome"])
        self.assertEqual("success", once.wait_for("run_finished", task="overrides")["outcome"])

    def test_defaults_can_hold_hooks(self):
        once = self.once({"a": {"command": ["true"]}, "b": {"command": ["true"], "on_success": {"shell": "echo own"}}},
                         "--all", expect=0, top={"defaults": {"on_success": {"shell": "echo inherited"}}})
        self.assertEqual({"a": "inherited\n", "b": "own\n"}, {e["task"]: e["stdout"] for e in once.events("hook_finished")})


class Interpolation(RunnerTest):
    def value(self, text, **env):
        self.manifest({"task": {"shell": "printf %s \"$V\"", "env": {"V": text}}})
        once = self.launch(["once", "task", "--quiet"], env=env)
        self.assertEqual(0, once.wait(), once.story())
        return once.wait_for("run_finished")["stdout"]

    def test_forms(self):
        for text, expected in (("${A}", "one"), ("x${A}y${B}z", "xoneytwoz"), ("${NONE:-default}", "default"),
                               ("${A:-default}", "one"), ("${NONE:-}", ""), ("$$", "$"), ("$${A}", "${A}"),
                               ("${A:?needed}", "one")):
            self.assertEqual(expected, self.value(text, A="one", B="two"), text)

    def test_what_a_variable_holds_is_data(self):
        for content in ("${B}", "$$", '"', "\\", "a\nb", '","x":"'):
            self.assertEqual(content, self.value("${A}", A=content, B="expanded"))

    def test_types_are_read_after_it(self):
        path = self.manifest({"task": {"command": ["true"], "every": "${INTERVAL:-10m}", "enabled": "${ON:-true}"}})
        self.assertIn("every 10m", self.command("list", path, expect=0).stdout)
        self.assertIn("every 5s", self.command("list", path, env={"INTERVAL": "5s"}, expect=0).stdout)
        for env in ({"INTERVAL": "soon"}, {"INTERVAL": " "}, {"ON": "perhaps"}):
            self.assertRegex(self.command("check", path, env=env, expect=78).stderr, r"taskrun\.json:\d+:\d+: error")

    def test_mistakes(self):
        for text, part in (("${NO_SUCH}", "NO_SUCH"), ("${NO_SUCH:?set it to a number}", "set it to a number"),
                           ("${A", ""), ("${}", ""), ("${A B}", "")):
            path = self.manifest({"task": {"command": ["true"], "cwd": text}})
            done = self.command("check", path)
            self.assertEqual(78, done.returncode, (text, done.stderr))
            self.assertIn(part, done.stderr)

    def test_keys_are_not_interpolated(self):
        self.write("taskrun.json", json.dumps({"version": 1, "tasks": {"${A}": {"command": ["true"]}}}))
        self.command("check", env={"A": "name"}, expect=78)


if __name__ == "__main__":
    main()
