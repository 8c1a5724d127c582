"""`taskrun history` and `taskrun show` where there is nothing to read: each case says what it looked for, and has its own
exit code."""

import json

from taskrun_harness import RunnerTest, main

TASKS = {"hello": {"every": "1h", "command": ["true"]}}


class NoHistory(RunnerTest):
    def instance(self):
        self.manifest(TASKS, name="web")
        place = self.state / "taskrun" / "web"
        place.mkdir(parents=True)
        return place / "history.db"

    def test_nothing_has_been_recorded_yet(self):
        path = self.instance()
        for command in (["history"], ["show", "0123abcd"], ["history", "--summary"]):
            done = self.command(*command, expect=66)
            self.assertEqual("", done.stdout)
            self.assertIn("no runner has recorded anything", done.stderr)
        self.assertFalse(path.exists())

    def test_an_instance_that_is_named_is_the_one_that_is_looked_for(self):
        self.instance()
        self.assertIn("/other/history.db", self.command("history", "--instance", "other", expect=66).stderr)
        elsewhere = self.directory / "elsewhere"
        done = self.command("history", "--instance", "web", "--state", elsewhere, expect=66)
        self.assertIn(f"{elsewhere}/web/history.db", done.stderr)

    def test_programs_are_told_in_json(self):
        self.instance()
        self.assertEqual("no_history", json.loads(self.command("history", "--json", expect=66).stdout)["error"]["code"])

    def test_what_is_no_history_is_left_as_it_is(self):
        path = self.instance()
        path.write_text("no database at all, but long enough to be taken for one" * 20)
        before = path.read_bytes()
        self.assertIn("file is not a database", self.command("history", expect=70).stderr)
        self.assertEqual(before, path.read_bytes())

    def test_mistakes_of_usage(self):
        self.instance()
        for arguments in (["--json", "--csv"], ["--since", "yesterday"], ["--limit", "0"], ["--summary", "--csv"],
                          ["--summary", "--failed"], ["--until", "-5m"]):
            self.assertTrue(self.command("history", *arguments, expect=2).stderr.startswith("taskrun"))
        self.command("show", expect=2)

    def test_a_manifest_that_is_named_and_is_not_there(self):
        self.command("history", "-m", "nothing.json", expect=66)


if __name__ == "__main__":
    main()
