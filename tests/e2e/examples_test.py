"""Every example of docs/examples runs, as its README says, against real local servers where it needs one."""

import json
import os
import re
import shlex
import shutil
import subprocess
import urllib.request

from local_server import LocalServer
from taskrun_harness import ROOT, TASKRUN, RunnerTest, main

EXAMPLES = ROOT / "docs" / "examples"


class ExampleTest(RunnerTest):
    name = ""

    def setUp(self):
        super().setUp()
        if self.name:
            shutil.copytree(EXAMPLES / self.name, self.directory / self.name)
            self.home = self.directory / self.name
        bin_directory = self.directory / "bin"
        bin_directory.mkdir()
        (bin_directory / "taskrun").symlink_to(TASKRUN)
        self.path = {"PATH": f"{bin_directory}:{os.environ['PATH']}"}

    def serve(self, *arguments):
        server = LocalServer(*arguments)
        self.addCleanup(server.close)
        return server


class AllExamples(ExampleTest):
    def test_each_has_a_readme_and_a_manifest_that_checks(self):
        folders = [f for f in EXAMPLES.iterdir() if f.is_dir()]
        self.assertGreaterEqual(len(folders), 4)
        for folder in folders:
            self.assertTrue((folder / "README.md").is_file(), folder)
            self.command("check", folder / "taskrun.json", expect=0)

    def test_the_readmes_show_only_commands_that_exist(self):
        for readme in EXAMPLES.glob("*/README.md"):
            for command in re.findall(r"^(?:\w+=\S+ )?taskrun (\w+)", readme.read_text(), re.MULTILINE):
                self.assertEqual(0, self.command(command, "--help").returncode, (readme, command))


class FirstSteps(ExampleTest):
    name = "first-steps"

    def test_it_shows_what_it_says(self):
        runner = self.start(self.home / "taskrun.json")
        greeting = runner.wait_for("run_finished", task="greet")
        self.assertEqual(f"good day from run {greeting['run_id']}\n", greeting["stdout"])
        runner.wait_for("run_finished", task="stuck", outcome="timeout", leftovers_killed=lambda count: count >= 1)
        flaky = runner.wait_for("run_finished", task="flaky", final=True)
        self.assertEqual((3, "success"), (flaky["attempt"], flaky["outcome"]))
        runner.wait_for("hook_finished", task="flaky", hook="on_success")
        runner.wait_for("run_skipped", task="slow", reason="overlap")
        absent = runner.wait_for("run_finished", task="absent", outcome="error")
        self.assertIn("no-such-program", absent["error"])
        runner.wait_for("hook_finished", task="absent", stdout="told someone: error\n")
        runner.stop()

    def test_follow_shows_it_to_people(self):
        done = subprocess.run([self.home / "follow.py", TASKRUN, "start", self.home / "taskrun.json", "--for", "8s"],
                              env=self.environment(), capture_output=True, text=True, timeout=60)
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertIn('greet', done.stdout)
        self.assertIn('said "good day from run', done.stdout)
        self.assertRegex(done.stdout, r"stuck +timeout")
        self.assertRegex(done.stdout.splitlines()[-1], r"runner stopped: \d+ success")


class Billing(ExampleTest):
    name = "billing"

    def once_here(self, task, expect=0, **options):
        once = self.launch(["once", task], cwd=self.home, **options)
        self.assertEqual(expect, once.wait(), once.story())
        return once

    def test_once_bills_what_the_seed_holds_and_prints_it(self):
        once = self.once_here("billing")
        result = once.wait_for("run_finished")["result"]
        self.assertEqual((4, 2, 0), (result["billed"], result["accounts"], result["failed"]))
        shown = f"{result['amount'] / 1e6:.6f}"
        self.assertRegex(once.stderr_text, rf"billing: 4 periods of 2 accounts up to .*Z: {shown} in all; 0 accounts failed")
        self.assertGreater(result["amount"], 10_000_000)
        again = self.once_here("billing").wait_for("run_finished")["result"]
        self.assertLess(again["amount"], 100_000, "at most the minute that has passed since")

    def test_it_reports_and_its_books_are_right(self):
        self.once_here("billing")
        rows = [json.loads(line) for line in self.once_here("report").wait_for("run_finished")["stdout"].splitlines()]
        self.assertEqual([("alice", 2), ("bob", 2)], [(row["account"], row["instances"]) for row in rows])
        books = self.once_here("books").wait_for("run_finished")
        self.assertEqual({"rows": 0, "changed": 0}, books["result"])

    def test_a_runner_bills_by_its_interval(self):
        runner = self.start(self.home / "taskrun.json", "--http", "127.0.0.1:0", cwd=self.home,
                            env={"BILLING_INTERVAL": "200ms"})
        runner.wait_for("run_finished", nth=3, task="billing", outcome="success")
        address = runner.wait_for("runner_started")["http"]
        with urllib.request.urlopen(f"http://{address}/metrics", timeout=60) as answer:
            self.assertRegex(answer.read().decode(), r'task_duration_seconds_count\{task_name="billing"\} ([3-9]|\d\d+)\n')
        runner.stop()
        self.assertEqual({"rows": 0, "changed": 0}, self.once_here("books").wait_for("run_finished")["result"])

    def test_switched_off(self):
        self.once_here("billing", expect=75, env={"ENABLE_BILLING": "false"})
        self.assertFalse((self.home / "billing.db").exists())
        self.command("check", cwd=self.home, env={"BILLING_INTERVAL": "often"}, expect=78)


class BillingAndHeartbeat(ExampleTest):
    name = "billing-and-heartbeat"

    def test_a_runner_bills_beats_and_says_goodbye(self):
        registry = self.serve()
        runner = self.start(self.home / "taskrun.json", cwd=self.home,
                            env={"REGISTRY": registry.url, "HEARTBEAT_INTERVAL": "200ms"})
        billing = runner.wait_for("run_finished", task="billing")
        self.assertEqual({"billed": 3, "amount_cents": 1625}, billing["result"])
        runner.wait_for("run_finished", nth=3, task="heartbeat", outcome="success")
        self.assertNotIn("/offline", registry.paths())
        runner.stop()
        self.assertEqual("/offline", registry.paths("PUT")[-1])
        self.assertEqual(1, registry.paths().count("/offline"))
        self.assertGreaterEqual(registry.paths().count("/online"), 3)
        self.assertEqual("accounts", runner.wait_for("runner_started")["instance"])

    def test_once_bills(self):
        once = self.launch(["once", "billing"], cwd=self.home)
        self.assertEqual(0, once.wait(), once.story())
        self.assertEqual(1625, once.wait_for("run_finished")["result"]["amount_cents"])
        self.assertIn("charging alice", once.stderr_text)

    def test_a_failure_is_tried_again_and_told_once(self):
        registry = self.serve()
        once = self.launch(["once", "billing"], cwd=self.home, env={
            "REGISTRY": registry.url, "ACCOUNTS": "/no/such/list", "BILLING_RETRY_DELAY": "10ms"})
        self.assertNotEqual(0, once.wait())
        self.assertEqual(3, len(once.events("run_finished", outcome="failure")))
        self.assertEqual([("POST", "/alerts", "billing failed")],
                         [(r.method, r.path, r.body) for r in registry.requests])

    def test_switched_off(self):
        self.assertIn("billing", self.command("list", cwd=self.home, env={"ENABLE_BILLING": "false"}, expect=0).stdout)
        once = self.launch(["once", "billing"], cwd=self.home, env={"ENABLE_BILLING": "false"})
        self.assertEqual(75, once.wait())
        self.command("check", cwd=self.home, env={"BILLING_INTERVAL": "often"}, expect=78)


class Container(ExampleTest):
    name = "container"

    def dockerfile(self):
        """Instruction and argument of each line, continued lines joined."""
        text = (self.home / "Dockerfile").read_text().replace("\\\n", " ")
        return [tuple(line.split(None, 1)) for line in text.splitlines() if line and not line.startswith("#")]

    def test_the_manifest_runs(self):
        scratch = self.directory / "scratch"
        scratch.mkdir()
        runner = self.start(self.home / "taskrun.json", env={"SCRATCH": str(scratch), "REPORT_INTERVAL": "100ms"})
        runner.wait_for("run_finished", task="report", outcome="success", nth=2)
        runner.wait_for("run_finished", task="scratch", outcome="success")
        runner.stop()

    def test_the_dockerfile_in_a_dry_form(self):
        """Each instruction is one that Docker knows, what is copied exists, and the commands run as written."""
        known = {"FROM", "RUN", "COPY", "USER", "STOPSIGNAL", "ENTRYPOINT", "CMD"}
        lines = self.dockerfile()
        self.assertEqual("FROM", lines[0][0])
        self.assertEqual(set(), {name for name, _ in lines} - known)
        copied = {}
        for name, argument in lines:
            if name == "COPY":
                source, target = argument.split()
                real = TASKRUN if source == "build/taskrun" else str(ROOT / source)
                self.assertTrue(os.path.exists(real), source)
                copied[target] = real
        image = dict(lines)
        entry, arguments = json.loads(image["ENTRYPOINT"]), json.loads(image["CMD"])
        checks = [json.loads(argument) for name, argument in lines if name == "RUN" and argument.startswith("[")]
        for command in [*checks, [*entry, *arguments, "--for", "300ms"]]:
            self.assertEqual("taskrun", command[0])
            real = [copied.get(word, word) for word in command[1:]]
            done = self.command(*real, env={"SCRATCH": str(self.temporary)}, expect=0)
            self.assertEqual("", done.stderr)
        shell = [argument for name, argument in lines if name == "RUN" and not argument.startswith("[")]
        for text in shell:
            self.assertEqual(0, subprocess.run(["sh", "-n", "-c", text]).returncode, text)

    def test_the_image_has_the_libraries_that_the_program_needs(self):
        needed = subprocess.run(["ldd", TASKRUN], capture_output=True, text=True).stdout
        installed = shlex.split(next(a for n, a in self.dockerfile() if n == "RUN" and "apt-get" in a))
        for library, package in (("libfmt.so.9", "libfmt9"), ("libspdlog.so.1.10", "libspdlog1.10"),
                                 ("libcurl.so.4", "libcurl4"),
                                 ("libprometheus-cpp-core.so.1.0", "libprometheus-cpp-core1.0")):
            if library in needed:
                self.assertIn(package, installed)


class Calendar(ExampleTest):
    name = "calendar"

    def test_it_runs_each_second(self):
        runner = self.start(self.home / "taskrun.json", env={"CLOCK": "* * * * * *"})
        finished = [runner.wait_for("run_finished", nth=n, task="clock") for n in (1, 2)]
        runner.stop()
        for event in finished:
            self.assertRegex(event["scheduled_at"], r":\d\d\.000000Z$", "at the whole second")
            self.assertRegex(event["stdout"], r"^\d\d:\d\d:\d\d\n$")

    def test_the_commands_of_its_readme_answer(self):
        for line in (self.home / "README.md").read_text().splitlines():
            words = shlex.split(line, comments=True) if line.startswith("taskrun ") else None
            if words:
                done = self.command(*words[1:], cwd=self.home, expect=0)
                self.assertTrue(done.stdout, line)
                self.assertEqual("", done.stderr, line)


class CiSmoke(ExampleTest):
    name = "ci-smoke"

    def smoke(self, server):
        return subprocess.run([self.home / "smoke.sh"], capture_output=True, text=True, timeout=120,
                              env=self.environment({**self.path, "BASE_URL": server.url}))

    def lines(self):
        return [json.loads(line) for line in (self.home / "smoke.jsonl").read_text().splitlines()]

    def test_a_healthy_service_is_green(self):
        done = self.smoke(self.serve({"/login": (200, "<form>")}))
        self.assertEqual((0, ""), (done.returncode, done.stdout), done.stderr)
        finished = {e["task"]: e["outcome"] for e in self.lines() if e["event"] == "run_finished"}
        self.assertEqual({"health": "success", "login-page": "success", "no-debug-output": "success"}, finished)

    def test_a_broken_page_is_red(self):
        done = self.smoke(self.serve({"/login": (500, "Traceback")}))
        self.assertEqual(1, done.returncode)
        finished = {e["task"]: e["outcome"] for e in self.lines() if e["event"] == "run_finished"}
        self.assertEqual("failure", finished["login-page"])
        self.assertEqual("success", finished["health"])


if __name__ == "__main__":
    main()
