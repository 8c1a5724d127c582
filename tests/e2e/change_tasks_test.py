"""`pause`, `resume` and `remove` change the tasks that are named, one after another, and say what became of each."""

import json

from taskrun_harness import RunnerTest, main

QUIET = {"command": ["true"], "every": "1h"}
WAITS = {"shell": "echo up > up; while [ ! -e go ]; do sleep 0.05; done", "timeout": "5m"}


class ChangeTasks(RunnerTest):
    def up(self, tasks):
        runner = self.start(tasks)
        runner.wait_for("task_added", nth=len(tasks))
        return runner

    def test_tasks_are_paused_and_resumed(self):
        runner = self.up({"a": QUIET, "b": QUIET})
        self.assertEqual("a: paused\nb: paused\n", self.command("pause", "a", "b", expect=0).stdout)
        self.assertEqual("a: paused\n", self.command("pause", "a", expect=0).stdout)
        self.assertRegex(self.command("resume", "b", expect=0).stdout, r"^b: resumed, next in (59 min \d+ s|1 h)\n$")
        runner.stop()
        self.assertEqual(["a", "b"], [e["task"] for e in runner.events("task_paused")])
        self.assertEqual(["b"], [e["task"] for e in runner.events("task_resumed")])

    def test_a_task_is_removed(self):
        runner = self.up({"a": QUIET, "b": QUIET})
        self.assertEqual("a: removed\n", self.command("remove", "a", expect=0).stdout)
        runner.wait_for("task_removed", task="a")
        self.command("remove", "a", expect=78)
        runner.stop()

    def test_a_run_of_a_removed_task_may_finish_or_is_ended(self):
        runner = self.up({"a": WAITS, "b": {**WAITS, "shell": WAITS["shell"].replace("up", "up2")}})
        for task, file in (("a", "up"), ("b", "up2")):
            self.command("trigger", task, expect=0)
            self.wait_for_file(file)
        ending = "a: removed; a run of it, or its on_stop, still ends\n"
        self.assertEqual(ending, self.command("remove", "a", expect=0).stdout)
        self.assertEqual(ending.replace("a:", "b:"), self.command("remove", "b", "--stop", expect=0).stdout)
        self.assertEqual("cancelled", runner.wait_for("run_finished", task="b")["outcome"])
        self.write("go", "")
        self.assertEqual("success", runner.wait_for("run_finished", task="a")["outcome"])
        runner.wait_for("task_removed", nth=2)
        runner.stop()

    def test_one_that_is_not_there_holds_up_none(self):
        runner = self.up({"a": QUIET, "b": QUIET})
        done = self.command("pause", "a", "nope", "b", expect=78)
        self.assertEqual("a: paused\nb: paused\n", done.stdout)
        self.assertEqual("taskrun pause: there is no task 'nope'\n", done.stderr)
        runner.stop()

    def test_programs_get_a_line_for_each(self):
        runner = self.up({"a": QUIET, "b": QUIET})
        lines = self.command("pause", "a", "nope", "b", "--json", expect=78).stdout.splitlines()
        first, second, third = map(json.loads, lines)
        self.assertEqual(("a", True, "unknown_task", "b"),
                         (first["task"], first["paused"], second["error"]["code"], third["task"]))
        removed = json.loads(self.command("remove", "a", "--json", expect=0).stdout)
        self.assertEqual({"task": "a", "task_id": 0, "gone": True}, removed)
        runner.stop()

    def test_a_task_must_be_named(self):
        self.assertIn("TASK is missing", self.command("pause", expect=2).stderr)


if __name__ == "__main__":
    main()
