"""An instance's name, and what a runner leaves on disk: nothing."""

import os

from taskrun_harness import RunnerTest, main

TASKS = {"task": {"command": ["true"], "every": "1h"}}


class Instance(RunnerTest):
    def name_of(self, path, *flags, **options):
        runner = self.start(path, *flags, **options)
        name = runner.wait_for("runner_started")["instance"]
        runner.stop()
        return name

    def test_the_manifests_name(self):
        self.assertEqual("accounts", self.name_of(self.manifest(TASKS, name="accounts")))

    def test_a_flag_wins(self):
        self.assertEqual("other", self.name_of(self.manifest(TASKS, name="accounts"), "--instance", "other"))

    def test_without_one_it_is_the_files_stem_and_a_hash_of_its_place(self):
        here, there = self.write("jobs.json", {"version": 1, "tasks": TASKS}), self.directory / "there"
        there.mkdir()
        (there / "jobs.json").write_text(here.read_text())
        os.symlink(here, self.directory / "link.json")
        first, second = self.name_of(here), self.name_of(there / "jobs.json")
        for name in (first, second):
            self.assertRegex(name, r"^jobs-[0-9a-f]{8}$")
        self.assertNotEqual(first, second)
        self.assertEqual(first, self.name_of(here, cwd=there), "from wherever it is started")
        self.assertEqual(first[-8:], self.name_of(self.directory / "link.json")[-8:], "by whatever way")

    def test_a_name_that_is_none_is_refused(self):
        done = self.command("start", self.manifest(TASKS), "--instance", "a/b")
        self.assertEqual(2, done.returncode, done.stderr)

    def test_nothing_is_left_on_disk(self):
        path = self.manifest({"task": {"shell": "true", "every": "50ms", "result": True, "stdin": "x"}})
        (self.runtime / "taskrun").mkdir(mode=0o700)  # where sockets are, of all instances
        before = sorted(str(p) for p in self.directory.rglob("*"))
        runner = self.start(path, "--no-state")
        runner.wait_for("run_finished", nth=3)
        self.assertIsNone(runner.wait_for("runner_started")["state"])
        runner.stop()
        self.assertEqual(before, sorted(str(p) for p in self.directory.rglob("*")))


if __name__ == "__main__":
    main()
