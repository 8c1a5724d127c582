"""start --watch: what is saved takes effect, however it is saved."""

import json
import os

from taskrun_harness import RunnerTest, main

QUIET = {"command": ["true"], "every": "1h"}


def text(*names):
    return json.dumps({"version": 1, "tasks": {name: QUIET for name in names}})


class Watch(RunnerTest):
    def up(self, path):
        runner = self.start(path, "--watch", "--instance", "watched")
        runner.wait_for("task_added")
        return runner

    def test_a_file_that_is_written_in_place(self):
        path = self.write("taskrun.json", text("a"))
        runner = self.up(path)
        path.write_text(text("a", "b"))
        self.assertEqual(1, runner.wait_for("manifest_reloaded")["added"])
        runner.stop()

    def test_an_editor_that_renames(self):
        path = self.write("taskrun.json", text("a"))
        runner = self.up(path)
        for nth, name in enumerate(("b", "c"), 1):
            os.rename(self.write("taskrun.json~", text("a", name)), path)
            runner.wait_for("task_added", task=name)
            runner.wait_for("manifest_reloaded", nth=nth)
        runner.stop()

    def test_a_link_that_is_turned_as_kubernetes_does_it(self):
        for version, names in (("..1", ["a"]), ("..2", ["a", "b"])):
            self.write(f"{version}/taskrun.json", text(*names))
        os.symlink("..1", self.directory / "..data")
        os.symlink("..data/taskrun.json", self.directory / "taskrun.json")
        runner = self.up(self.directory / "taskrun.json")
        os.symlink("..2", self.directory / "..next")
        os.rename(self.directory / "..next", self.directory / "..data")
        self.assertEqual(1, runner.wait_for("manifest_reloaded")["added"])
        self.write("..2/taskrun.json", text("a", "b", "c"))
        runner.wait_for("task_added", task="c")
        runner.stop()

    def test_a_broken_file_is_told_and_its_repair_takes_effect(self):
        path = self.write("taskrun.json", text("a"))
        runner = self.up(path)
        path.write_text(text("a", "b")[:-5])
        runner.wait_for("manifest_rejected")
        path.write_text(text("a", "b"))
        runner.wait_for("manifest_reloaded")
        runner.stop()

    def test_other_files_and_the_same_text_are_nothing(self):
        path = self.write("taskrun.json", text("a"))
        runner = self.up(path)
        self.write("other.json", "x")
        os.rename(path, self.directory / "aside")
        os.rename(self.directory / "aside", path)
        path.write_text(text("a", "b"))
        runner.wait_for("manifest_reloaded")
        runner.stop()
        self.assertEqual(1, len(runner.events("manifest_reloaded")))

    def test_stdin_is_no_file(self):
        done = self.command("start", "--watch", "-", stdin_text=text("a"), expect=2)
        self.assertIn("--watch", done.stderr)


if __name__ == "__main__":
    main()
