"""A run may be asked for with variables of its own: over the task's, for its attempts alone, and in no line."""

from control_socket import ask
from taskrun_harness import RunnerTest, main


class TriggerEnv(RunnerTest):
    def up(self, tasks):
        runner = self.start(tasks)
        self.socket = runner.wait_for("runner_started")["socket"]
        runner.wait_for("task_added", nth=len(tasks))
        return runner

    def test_they_are_over_the_tasks_own_and_for_that_run_alone(self):
        runner = self.up({"a": {"shell": "echo $X-$Y-$Z", "env": {"X": "task", "Y": "task"}}})
        self.command("trigger", "a", "--env", "Y=one", "--env", "Y=run $Q", "--env", "Z=a=b", "--wait", expect=0)
        self.command("trigger", "a", "--wait", expect=0)
        runner.stop()
        said = [event["stdout"] for event in runner.events("run_finished")]
        self.assertEqual(["task-run $Q-a=b\n", "task-task-\n"], said)

    def test_retries_have_them_and_hooks_have_not(self):
        task = {"shell": "echo run-$X >> said; exit 1", "retry": {"attempts": 2, "delay": "10ms"},
                "on_failure": {"shell": "echo hook-$X >> said"}}
        runner = self.up({"a": task})
        self.command("trigger", "a", "--env", "X=y", "--wait", expect=1)
        runner.wait_for("hook_finished")
        self.assertEqual("run-y\nrun-y\nhook-\n", (self.directory / "said").read_text())
        runner.stop()

    def test_no_line_and_no_answer_shows_a_value(self):
        runner = self.up({"a": {"command": ["true"]}})
        self.command("trigger", "a", "--env", f"X={self.canary}", "--wait", expect=0)
        runner.wait_for("run_finished")
        for text in (runner.stdout_text, self.command("status", "--json").stdout, self.command("events").stdout):
            self.assertNotIn(self.canary, text)
        done = self.command("trigger", "a", "--env", f"TASKRUN_X={self.canary}", "--json", expect=2)
        self.assertNotIn(self.canary, done.stdout + done.stderr)
        runner.stop()

    def test_names_and_numbers_are_bounded(self):
        runner = self.up({"a": {"command": ["true"]}})
        for name in ("TASKRUN_RUN_ID", "TASKRUN_MINE", "A B"):
            self.assertIn(name, self.command("trigger", "a", "--env", f"{name}=x", expect=2).stderr)
        self.command("trigger", "a", "--env", "X", expect=2)
        for env in ({f"V{n}": "" for n in range(257)}, {"X": "x" * 65536}, {"X": "a\0b"}):
            status, answer = ask(self.socket, "POST", "/v1/tasks/a/trigger", {"env": env})
            self.assertEqual((400, "wrong_env"), (status, answer["error"]["code"]))
        for body in ({"env": []}, {"env": {"X": 1}}, {"emv": {}}, []):
            status, answer = ask(self.socket, "POST", "/v1/tasks/a/trigger", body)
            self.assertEqual((400, "bad_request"), (status, answer["error"]["code"]), body)
        self.assertEqual([], runner.events("run_started"))
        status, _ = ask(self.socket, "POST", "/v1/tasks/a/trigger", {})
        self.assertEqual(200, status)
        runner.wait_for("run_finished")
        runner.stop()


if __name__ == "__main__":
    main()
