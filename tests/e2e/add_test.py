"""`taskrun add` adds a task that stands on the command line, or the tasks of a file."""

import json

from control_socket import ask
from taskrun_harness import RunnerTest, main


class Add(RunnerTest):
    def up(self, *flags, **options):
        runner = self.start({"first": {"command": ["true"], "every": "1h"}}, *flags, **options)
        self.socket = runner.wait_for("runner_started")["socket"]
        runner.wait_for("task_added")
        return runner

    def task(self, name):
        return ask(self.socket, "GET", f"/v1/tasks/{name}")[1]

    def test_a_command_is_taken_as_it_stands(self):
        runner = self.up()
        done = self.command("add", "hello", "--every", "10m", "--run-at-start", "--timeout", "1m", "--env", "A=x$y",
                            "--", "sh", "-c", "echo \"$A\" --every $0", "-h", expect=0)
        self.assertRegex(done.stdout, r"^hello: added, id 1, next in (10 min|9 min \d+ s)\n$")
        self.assertEqual("x$y --every -h\n", runner.wait_for("run_finished", task="hello")["stdout"])
        added = self.task("hello")
        self.assertEqual(("every 10m", 60000.0), (added["schedule"], added["timeout_ms"]))
        runner.stop()

    def test_relative_paths_are_of_the_one_who_adds(self):
        runner = self.up()
        here = self.directory / "here"
        here.mkdir()
        (here / "vars").write_text("SAID=from-here\n")
        self.command("add", "hello", "--cwd", ".", "--env-file", "vars", "--shell", "pwd; echo $SAID", cwd=here, expect=0)
        self.command("trigger", "hello", "--wait", expect=0)
        self.assertEqual(f"{here}\nfrom-here\n", runner.wait_for("run_finished", task="hello")["stdout"])
        runner.stop()

    def test_a_text_is_for_the_shell(self):
        runner = self.up()
        self.command("add", "hello", "--shell", "echo $TASKRUN_TASK", "--description", "costs $5", expect=0)
        self.command("trigger", "hello", "--wait", expect=0)
        self.assertEqual("hello\n", runner.wait_for("run_finished", task="hello")["stdout"])
        self.assertEqual("costs $5", self.task("hello")["description"])
        runner.stop()

    def test_a_wrong_task_is_told_with_what_is_wrong(self):
        runner = self.up()
        done = self.command("add", "a", "--every", "0s", "--", "true", expect=78)
        self.assertEqual("taskrun add: --every: must be at least 10ms\ntaskrun add: a is not added\n", done.stderr)
        diagnostics = json.loads(self.command("add", "a", "--every", "0s", "--json", "--", "true",
                                              expect=78).stdout)["error"]["diagnostics"]
        self.assertEqual(['"every" must be at least 10ms'], [d["message"] for d in diagnostics])
        self.assertIn("is not a task name", self.command("add", "a b", "--shell", "true", expect=78).stderr)
        self.assertIn("first: there is a task", self.command("add", "first", "--shell", "true", expect=1).stderr)
        self.assertEqual(1, len(ask(self.socket, "GET", "/v1/tasks")[1]["tasks"]))
        runner.stop()

    def test_what_only_the_runner_knows_is_told_as_it_says(self):
        runner = self.up(env={"ONLY_THERE": "10m"})
        self.write("there.json", {"a": {"every": "${ONLY_THERE}", "command": ["true"]}})
        self.command("add", "there.json", expect=0)
        self.write("here.json", {"b": {"every": "${ONLY_HERE}", "command": ["true"]}})
        done = self.command("add", "here.json", env={"ONLY_HERE": "10m"}, expect=78)
        self.assertRegex(done.stderr, r"(?s)^here\.json: error: .*ONLY_HERE.*\n.*taskrun add: b is not added\n$")
        runner.stop()

    def test_a_task_needs_something_to_run(self):
        done = self.command("add", "a", "--every", "10m", expect=2)
        self.assertIn("what is 'a' to run?", done.stderr)
        self.command("add", expect=2)
        self.assertIn("COMMAND is missing after --", self.command("add", "a", "--", expect=2).stderr)
        self.command("add", "a", "--env", "A", "--", "true", expect=2)
        self.assertIn("cannot open 'a'", self.command("add", "a", expect=66).stderr)

    def test_the_tasks_of_a_file(self):
        runner = self.up()
        tasks = {"b": {"every": "1h", "shell": "true"}, "c": {"shell": "true"}}
        self.write("manifest.json", {"version": 1, "tasks": tasks})
        done = self.command("add", "manifest.json", expect=0)
        self.assertEqual(["b", "c"], [line.split(":")[0] for line in done.stdout.splitlines()])
        self.write("tasks.json", {"d": tasks["b"]})
        self.command("add", "tasks.json", expect=0)
        self.write("e.json", tasks["c"])
        self.assertEqual("e: added, id 4\n", self.command("add", "e.json", expect=0).stdout)
        self.command("add", "-", stdin_text=json.dumps({"f": tasks["b"]}), expect=0)
        names = [task["task"] for task in ask(self.socket, "GET", "/v1/tasks")[1]["tasks"]]
        self.assertEqual(["first", "b", "c", "d", "e", "f"], names)
        runner.stop()

    def test_mistakes_in_a_file_are_shown_where_they_are(self):
        runner = self.up()
        self.write("m.json", '{"tasks": {\n  "good": {"shell": "true"},\n  "bad": {"shel": "true"}}}\n')
        done = self.command("add", "m.json", expect=78)
        self.assertIn('m.json:3:11: error: unknown key "shel"', done.stderr)
        self.assertIn('did you mean "shell"?', done.stderr)
        self.assertEqual("good: added, id 1\n", done.stdout)
        self.write("m.json", '{"tasks": {"x": {"shell": "true"}\n')
        self.assertRegex(self.command("add", "m.json", expect=78).stderr, r"^m\.json:\d:\d+: error: ")
        self.write("m.json", '{"defaults": {}, "tasks": {"x": {"shell": "true"}}}')
        self.assertIn('"defaults" does not apply', self.command("add", "m.json", expect=78).stderr)
        runner.stop()

    def test_a_single_task_is_shown_as_it_stands_in_its_file(self):
        runner = self.up()
        self.write("one.json", '{\n  "shell": "true",\n  "every": "10"\n}\n')
        done = self.command("add", "one.json", expect=78)
        self.assertEqual('one.json:3:12: error: "every": "10" is not a duration: the unit is missing\n'
                         '    "every": "10"\n             ^\n  hint: write "10s"\n'
                         'taskrun add: one is not added\n', done.stderr)
        runner.stop()

    def test_what_check_would_warn_of_is_told(self):
        runner = self.up()
        done = self.command("add", "past", "--at", "1990-01-01T00:00:00Z", "--", "no-such-program", expect=0)
        self.assertEqual("taskrun add: warning: --at: this time has passed\n"
                         'taskrun add: warning: there is no program "no-such-program" on the task\'s PATH now\n',
                         done.stderr)
        self.assertIn("past: added", done.stdout)
        self.assertEqual("", self.command("add", "fine", "--", "true", expect=0).stderr)
        runner.stop()

    def test_a_task_that_is_kept_is_back(self):
        runner = self.up("--instance", "web")
        self.command("add", "stays", "--every", "1h", "--persist", "--", "true", expect=0)
        self.command("add", "goes", "--every", "1h", "--", "true", expect=0)
        runner.stop()
        again = self.up("--instance", "web")
        again.wait_for("task_added", task="stays")
        self.assertEqual([], again.events("task_added", task="goes"))
        self.command("remove", "stays", expect=0)
        again.stop()

    def test_where_nothing_can_be_kept_it_is_refused(self):
        runner = self.up("--no-state")
        done = self.command("add", "stays", "--persist", "--shell", "true", expect=1)
        self.assertIn("no state directory", done.stderr)
        runner.stop()


if __name__ == "__main__":
    main()
