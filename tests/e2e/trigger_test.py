"""`taskrun trigger` runs a task now and tells the run's id, or why not; with `--wait` it exits as the run did."""

import json
import signal

from taskrun_harness import RunnerTest, main

WAITS = {"shell": "echo up > up; while [ ! -e go ]; do sleep 0.05; done", "timeout": "5m"}
QUIET = {"command": ["true"]}


class Trigger(RunnerTest):
    def up(self, tasks, *flags, **options):
        runner = self.start(tasks, *flags, **options)
        runner.wait_for("task_added", nth=len(tasks))
        return runner

    def test_the_answer_is_the_runs_id(self):
        runner = self.up({"a": QUIET})
        text = self.command("trigger", "a", expect=0).stdout
        run = runner.wait_for("run_finished", task="a")["run_id"]
        self.assertEqual(f"a: run {run}\n", text)
        answer = json.loads(self.command("trigger", "a", "--json", expect=0).stdout)
        self.assertEqual(["task", "task_id", "run_id"], list(answer))
        runner.wait_for("run_finished", run_id=answer["run_id"])
        runner.stop()

    def test_or_the_reason_why_not(self):
        runner = self.up({"a": WAITS, "off": {**QUIET, "enabled": False}, "still": QUIET})
        self.command("trigger", "a", expect=0)
        self.wait_for_file("up")
        self.command("pause", "still", expect=0)
        for task, reason in (("a", "overlap"), ("off", "disabled"), ("still", "paused")):
            done = self.command("trigger", task, "--json", expect=75)
            self.assertRegex(done.stderr, rf"^taskrun trigger: {task} is not run: .* \({reason}\)\n$")
            self.assertEqual(reason, json.loads(done.stdout)["error"]["code"])
            self.command("trigger", task, "--wait", expect=75)
        self.assertIn("there is no task 'nope'", self.command("trigger", "nope", expect=78).stderr)
        self.write("go", "")
        runner.wait_for("run_finished", task="a")
        runner.stop()

    def test_a_full_pool_is_a_reason(self):
        runner = self.up({"a": {**WAITS, "pool": "db"}, "b": {**QUIET, "pool": "db"}}, top={"pools": {"db": 1}})
        self.command("trigger", "a", expect=0)
        self.wait_for_file("up")
        self.command("trigger", "b", expect=0)
        self.assertIn("(pool)", self.command("trigger", "b", expect=75).stderr)
        self.write("go", "")
        runner.wait_for("run_finished", task="b")
        runner.stop()

    def test_who_waits_exits_as_the_run_did(self):
        plain = self.write("plain", "no program")
        tasks = {
            "good": ({"shell": "echo fine"}, 0, "good: success, took "),
            "bad": ({"shell": "echo why >&2; exit 7"}, 7, "bad: failure, exit 7, took "),
            "odd": ({"shell": "exit 3", "success_codes": [3]}, 3, "odd: success, took "),
            "killed": ({"shell": "kill -SEGV $$"}, 139, "killed: failure, SIGSEGV, took "),
            "late": ({"command": ["sleep", "300"], "timeout": "50ms"}, 124, "late: timeout, SIGTERM, took "),
            "missing": ({"command": ["/nowhere/x"]}, 127, "missing: error, executing '/nowhere/x'"),
            "plain": ({"command": [str(plain)]}, 126, "plain: error, executing "),
            "lost": ({"command": ["true"], "cwd": "/nowhere"}, 125, "lost: error, "),
        }
        runner = self.up({name: task for name, (task, _, _) in tasks.items()})
        for name, (_, code, text) in tasks.items():
            done = self.command("trigger", name, "--wait", expect=code)
            first, last = done.stdout.splitlines()
            self.assertTrue(first.startswith(f"{name}: run "), first)
            self.assertTrue(last.startswith(text), last)
        self.assertEqual("why\n", self.command("trigger", "bad", "--wait").stderr)
        runner.stop()

    def test_retries_belong_to_the_run(self):
        task = {"shell": "echo x >> tries; test $(wc -l < tries) = 3", "retry": {"attempts": 3, "delay": "10ms"}}
        runner = self.up({"a": task})
        self.command("trigger", "a", "--wait", expect=0)
        runner.stop()
        self.assertEqual(3, len(runner.events("run_finished")))

    def test_a_run_that_is_cancelled_before_it_begins_never_began(self):
        runner = self.up({"a": {**WAITS, "pool": "db"}, "b": {**QUIET, "pool": "db"}}, top={"pools": {"db": 1}})
        self.command("trigger", "a", expect=0)
        self.wait_for_file("up")
        waiting = self.launch(["trigger", "b", "--wait"])
        self.wait_until(lambda: self.listens_for_interrupts(waiting), "the client follows")
        self.command("cancel", "b", expect=0)
        waiting.ends_with(75)
        self.assertIn("b: it was not run (cancelled)\n", waiting.stdout_text)
        self.write("go", "")
        runner.wait_for("run_finished", task="a")
        runner.stop()

    def test_programs_get_the_closing_line(self):
        runner = self.up({"a": QUIET})
        triggered, closing = self.command("trigger", "a", "--wait", "--json", expect=0).stdout.splitlines()
        self.assertEqual(json.loads(triggered)["run_id"], json.loads(closing)["run_id"])
        runner.stop()
        self.assertIn(closing, runner.stdout_text.splitlines())

    def test_a_reader_that_fell_behind_asks(self):
        """More is written while the client is stopped than the runner keeps."""
        flood = {"shell": "echo up > up; seq 100000000 100060000; while [ ! -e go ]; do sleep 0.05; done",
                 "output": {"mode": "lines"}, "timeout": "5m"}
        runner = self.up({"ends": flood, "goes-on": {**flood, "shell": flood["shell"].replace("go ", "go2 ")}})
        waiting = {task: self.launch(["trigger", task, "--wait"]) for task in ("ends", "goes-on")}
        for task, client in waiting.items():
            runner.wait_for("run_started", task=task)
            self.wait_until(lambda: self.listens_for_interrupts(client), "the client follows")
            client.signal(signal.SIGSTOP)
        self.wait_until(lambda: self.ring_has_turned(runner), "more events than are kept")
        self.write("go", "")
        self.wait_until(lambda: self.last_outcome("ends") == "success", "the end of the run")
        waiting["ends"].signal(signal.SIGCONT)
        waiting["ends"].ends_with(0)
        self.assertIn("ends: success", waiting["ends"].stdout_text)
        waiting["goes-on"].signal(signal.SIGCONT)
        self.write("go2", "")
        waiting["goes-on"].ends_with(0)
        runner.stop()

    def ring_has_turned(self, runner):
        return json.loads(self.command("status", "--json", expect=0).stdout)["runner"]["seq"] > 100000

    def last_outcome(self, task):
        last = json.loads(self.command("status", task, "--json", expect=0).stdout)["tasks"][0]["last_run"]
        return last and last["outcome"]

    def test_who_stops_waiting_leaves_the_run_alone(self):
        runner = self.up({"a": WAITS})
        waiting = self.launch(["trigger", "a", "--wait"])
        run = runner.wait_for("run_started", task="a")["run_id"]
        self.wait_until(lambda: waiting.stdout_text, "the run's id")
        self.wait_until(lambda: self.listens_for_interrupts(waiting), "the client listens")
        waiting.signal(signal.SIGINT)
        waiting.ends_with(130)
        self.assertIn(f"the run goes on ('taskrun cancel {run}' ends it)", waiting.stderr_text)
        self.write("go", "")
        self.assertEqual("success", runner.wait_for("run_finished", run_id=run)["outcome"])
        runner.stop()

    @staticmethod
    def listens_for_interrupts(process):
        with open(f"/proc/{process.pid}/status") as status:
            blocked = next(line for line in status if line.startswith("SigBlk:"))
        return int(blocked.split()[1], 16) & (1 << (signal.SIGINT - 1))

    def test_a_runner_that_ends_meanwhile_is_told(self):
        runner = self.up({"a": WAITS}, "--stop-timeout", "0s")
        waiting = self.launch(["trigger", "a", "--wait"])
        self.wait_for_file("up")
        runner.stop(expect=1)
        waiting.ends_with(143)
        self.assertIn("a: cancelled, SIGTERM", waiting.stdout_text)


if __name__ == "__main__":
    main()
