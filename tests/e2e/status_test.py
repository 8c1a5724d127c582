"""`taskrun status` shows a runner and its tasks: to people as a table, to programs as one object, to health checks as an
exit code."""

import json
import os
import pty
import re

from control_socket import ask
from taskrun_harness import RunnerTest, main

WAITS = {"shell": "echo up > up; while [ ! -e go ]; do sleep 0.05; done", "timeout": "5m"}
TASKS = {
    "fails": {"shell": "exit 3", "run_at_start": True},
    "later": {"command": ["true"], "every": "1h"},
    "off": {"command": ["true"], "enabled": False},
    "busy": WAITS,
}


class Status(RunnerTest):
    def up(self):
        runner = self.start(TASKS, "--instance", "web")
        self.socket = runner.wait_for("runner_started")["socket"]
        runner.wait_for("run_finished", task="fails")
        self.command("trigger", "busy", expect=0)
        self.wait_for_file("up")
        self.command("pause", "later", expect=0)
        return runner

    def down(self, runner):
        self.write("go", "")
        runner.wait_for("run_finished", task="busy")
        runner.stop()

    def test_a_person_sees_a_line_for_the_runner_and_one_for_each_task(self):
        runner = self.up()
        text = self.command("status", expect=0).stdout
        lines = text.splitlines()
        self.assertRegex(lines[0], r"^web: taskrun \S+, pid \d+, up \d+ s, 4 tasks, 1 running, 1 paused$")
        self.assertEqual("", lines[1])
        self.assertRegex(lines[2], r"^TASK +STATE +NEXT +LAST RUN$")
        self.assertRegex(lines[3], r"^fails +idle +- +failure .*, exit 3, took ")
        self.assertRegex(lines[4], r"^later +paused +- +-$")
        self.assertRegex(lines[5], r"^off +disabled +- +-$")
        self.assertRegex(lines[6], r"^busy +running \d+ s +- +-$")
        self.assertNotIn("\x1b", text)
        self.down(runner)

    def test_named_tasks_are_shown_alone_and_in_their_order(self):
        runner = self.up()
        lines = self.command("status", "busy", "fails", expect=0).stdout.splitlines()
        self.assertEqual(["busy", "fails"], [line.split()[0] for line in lines[3:]])
        done = self.command("status", "nope", expect=78)
        self.assertIn("there is no task 'nope'", done.stderr)
        self.down(runner)

    def test_programs_get_the_runners_own_answers_in_one_object(self):
        runner = self.up()
        shown = json.loads(self.command("status", "--json", expect=0).stdout)
        self.assertEqual(["runner", "tasks"], list(shown))
        self.assertEqual(ask(self.socket, "GET", "/v1/runner")[1], shown["runner"])
        self.assertEqual(ask(self.socket, "GET", "/v1/tasks")[1]["tasks"], shown["tasks"])
        narrowed = json.loads(self.command("status", "later", "--json", expect=0).stdout)
        self.assertEqual([shown["tasks"][1]], narrowed["tasks"])
        self.down(runner)

    def test_a_health_check_is_an_exit_code(self):
        runner = self.up()
        self.assertEqual("ok\n", self.command("status", "--check", expect=0).stdout)
        self.assertEqual("ok", json.loads(self.command("status", "--check", "--json", expect=0).stdout)["status"])
        self.down(runner)
        self.command("status", "--check", expect=69)

    def test_a_terminal_gets_colours_and_no_line_wider_than_itself(self):
        runner = self.up()
        plain = self.on_terminal({"NO_COLOR": "1"})
        self.assertNotIn("\x1b", plain)
        self.assertLessEqual(max(map(len, plain.splitlines())), 80)
        coloured = self.on_terminal({})
        steady = [re.sub(r"\x1b\[\d+m|up \d+ s", "", text).split("LAST RUN")[0] for text in (plain, coloured)]
        self.assertEqual(*steady)
        self.assertIn("\x1b[31mfailure", coloured)
        self.down(runner)

    def on_terminal(self, env):
        """What it prints on a terminal of 80 columns."""
        ours, theirs = pty.openpty()
        os.set_blocking(ours, True)
        process = self.launch(["status"], stdout=theirs, env={"TERM": "xterm", **env}, read=False)
        self.assertEqual(0, process.popen.wait(60))
        os.close(theirs)
        text = b""
        while True:
            try:
                chunk = os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
            text += chunk
        os.close(ours)
        return text.decode().replace("\r\n", "\n")


if __name__ == "__main__":
    main()
