"""S1: a secret in the environment, in `with`, in a URL or on a command line stands in no line and no message."""

import json

import processes
from local_server import LocalServer
from taskrun_harness import RunnerTest, main

# The harness gives every runner a canary in CANARY_SECRET; after every test the oracle looks for it on stdout and stderr.


class Secrets(RunnerTest):
    def assert_secret(self, done):
        self.assertNotIn(self.canary, done.stdout + done.stderr)

    def tasks(self, **more):
        canary = self.canary
        tasks = {
            "env": {"command": ["true"], "env": {"TOKEN": canary}},
            "argument": {"command": ["true", canary]},
            "shell": {"shell": f": {canary}"},
            "stdin": {"command": ["true"], "stdin": canary},
            "absent": {"command": ["no-such-program", canary], "env": {"TOKEN": canary}},
            "url": {"builtin": "http", "with": {"url": f"http://user:{canary}@127.0.0.1:1/{canary}?key={canary}"}},
            "hook": {"command": ["false"], "on_failure": {"command": ["true", canary], "env": {"TOKEN": canary}}},
        }
        return {name: {**task, **more} for name, task in tasks.items()}

    def test_in_events(self):
        tasks = self.tasks()
        once = self.once(tasks, "--all", "--quiet", expect=1)
        self.assertEqual(len(tasks), len(once.events("run_finished", final=True)))
        self.assertNotIn(self.canary, once.stdout_text + once.stderr_text)

    def test_in_the_history(self):
        tasks = self.tasks(every="1h", run_at_start=True)
        runner = self.start(tasks, "--instance", "kept")
        runner.wait_for("run_finished", nth=len(tasks), final=True)
        shown = json.loads(self.command("history", "--instance", "kept", "--json", expect=0).stdout)
        self.assertEqual(set(tasks), {row["task"] for row in shown})
        for row in shown:
            self.assert_secret(self.command("show", row["run_id"], "--instance", "kept", "--json", expect=0))
        runner.stop()
        kept = [path for path in self.state.rglob("*") if path.is_file()]
        self.assertIn("history.db", [path.name for path in kept])
        for path in kept:
            self.assertNotIn(self.canary.encode(), path.read_bytes(), path.name)

    def test_in_answers(self):
        path = self.manifest({
            "task": {"every": "1h", "command": ["true", self.canary], "env": {"TOKEN": "${CANARY_SECRET}"}},
            "url": {"builtin": "http", "with": {"url": "http://127.0.0.1:1/${CANARY_SECRET}"}},
        }, env={"OTHER": self.canary})
        for arguments in (["list", path], ["list", path, "--json"], ["check", path], ["check", path, "--json"]):
            self.assert_secret(self.command(*arguments, expect=0))

    def test_in_mistakes_that_a_variable_makes(self):
        for task in ({"every": "${CANARY_SECRET}"}, {"timeout": "${CANARY_SECRET}"}, {"enabled": "${CANARY_SECRET}"},
                     {"umask": "${CANARY_SECRET}"}, {"overlap": "${CANARY_SECRET}"}, {"env_file": "/no/${CANARY_SECRET}"}):
            path = self.manifest({"task": {"command": ["true"], **task}})
            done = self.command("check", path, expect=78)
            self.assertIn("error", done.stderr)
            self.assert_secret(done)
            self.assert_secret(self.command("check", path, "--json", expect=78))

    def test_in_the_arguments_of_a_built_in(self):
        path = self.manifest({"task": {"builtin": "http", "with": {"url": self.canary, "expect_status": "nonsense"}}})
        self.assert_secret(self.command("check", path, "--json"))

    def test_in_what_other_users_see_of_the_processes(self):
        """A built-in's arguments come on its standard input: no process list shows them."""
        server = self.hold_server()
        runner = self.start({"task": {"builtin": "http", "every": "1h", "run_at_start": True,
                                      "with": {"url": server.url + "/" + self.canary}}})
        server.asked.wait(60)
        shown = [processes.command_line(p.pid) for p in self.leftover_processes()] + [
            processes.command_line(runner.pid)]
        self.assertTrue(any("exec-builtin" in line for line in shown), shown)
        self.assertNotIn(self.canary, "\n".join(shown))
        server.release.set()
        runner.wait_for("run_finished")
        runner.stop()

    def hold_server(self):
        server = LocalServer(hold=True)
        self.addCleanup(server.close)
        return server

    def test_the_schema_of_the_lines_has_no_place_for_them(self):
        schema = json.loads(self.command("schema", "event", expect=0).stdout)
        text = json.dumps(schema)
        for name in ('"argv"', '"command"', '"environment"', '"env"', '"with"'):
            self.assertNotIn(name + ":", text)


if __name__ == "__main__":
    main()
