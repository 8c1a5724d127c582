"""A runner that is dead, hung, stopping, or no runner at all: every command says so, within a bound, and exits with 69."""

import json
import os
import signal
import socket

from taskrun_harness import RunnerTest, main

# Every command that talks to a runner, with as little as it needs.
COMMANDS = {
    "status": [], "add": ["a", "--shell", "true"], "remove": ["a"], "pause": ["a"], "resume": ["a"], "trigger": ["a"], "cancel": ["a"],
    "reload": [], "stop": [], "events": [],
}
WAITS = {"shell": "echo up > up; while [ ! -e go ]; do sleep 0.05; done", "timeout": "5m"}


class SilentRunner(RunnerTest):
    def every_command(self, *flags, but=()):
        """Starts all of them at once, with these flags; the exit code and the message of each."""
        started = {name: self.launch([name, *more, *flags]) for name, more in COMMANDS.items() if name not in but}
        return {name: (process.wait(), process.stderr_text) for name, process in started.items()}

    def assert_all(self, answers, words):
        for name, (code, message) in answers.items():
            self.assertEqual((69, True), (code, words in message), f"{name}: {code} {message}")
            self.assertTrue(message.startswith(f"taskrun {name}: "), message)

    def test_the_table_knows_every_command_to_a_runner(self):
        overview = self.command("--help").stdout.split("commands to a running runner:")[1].split("\n\n")[0]
        self.assertEqual({line.split()[0] for line in overview.strip().splitlines()}, set(COMMANDS))

    def test_a_dead_one(self):
        path = self.directory / "dead.sock"
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        listener.close()
        self.assert_all(self.every_command("--socket", path), f"no runner answers at '{path}'")
        self.assert_all(self.every_command("--socket", self.directory / "none"), "no runner answers at")
        self.assert_all(self.every_command("--instance", "none"), "no runner 'none' answers: looked in")

    def test_a_hung_one(self):
        path = self.directory / "hung.sock"
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
            listener.listen(64)
            self.assert_all(self.every_command("--socket", path), f"the runner at '{path}' is silent")

    def test_one_whose_queue_is_full(self):
        path = self.directory / "full.sock"
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
            listener.listen(0)
            waiting = []
            while True:
                peer = socket.socket(socket.AF_UNIX)
                peer.setblocking(False)
                waiting.append(peer)
                try:
                    peer.connect(str(path))
                except BlockingIOError:
                    break
            self.assert_all(self.every_command("--socket", path), "is silent")
            for peer in waiting:
                peer.close()

    def test_something_else(self):
        path = self.directory / "echo.sock"
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
            listener.listen(64)
            started = {name: self.launch([name, *more, "--socket", path]) for name, more in COMMANDS.items()}
            for _ in started:
                peer, _ = listener.accept()
                peer.sendall(b"220 mail.example.org ESMTP\r\n\r\n")
                peer.close()
            self.assert_all({n: (p.wait(), p.stderr_text) for n, p in started.items()}, f"'{path}'")

    def test_one_that_hangs_while_it_is_waited_for(self):
        runner = self.start({"a": WAITS}, "--stop-timeout", "5m", "--instance", "web")
        runner.wait_for("task_added")
        triggered = self.launch(["trigger", "a", "--wait"])
        self.wait_for_file("up")
        following = self.launch(["events", "--follow"])
        following.wait_for("run_started")
        stopping = self.launch(["stop", "--wait"])
        following.wait_for("runner_stopping")
        os.kill(runner.daemon_pid, signal.SIGSTOP)
        for process in (triggered, following, stopping):
            process.ends_with(69)
            self.assertIn("web.sock' is silent", process.stderr_text)
        os.kill(runner.daemon_pid, signal.SIGCONT)
        self.write("go", "")
        runner.ends_with(0)

    def stopping(self):
        runner = self.start({"a": WAITS}, "--stop-timeout", "5m", "--instance", "web")
        runner.wait_for("task_added")
        self.command("trigger", "a", expect=0)
        self.wait_for_file("up")
        self.command("stop", expect=0)
        runner.wait_for("runner_stopping")
        return runner

    def test_a_stopping_one(self):
        runner = self.stopping()
        self.assert_all(self.every_command(but=("stop", "status")), "the runner 'web' is stopping")
        status = self.command("status", expect=69)
        self.assertRegex(status.stdout, r"(?s)^web: .*, stopping\n.*\na +(removed|running)")
        self.assertIn("the runner 'web' is stopping", status.stderr)
        self.assertTrue(json.loads(self.command("status", "--json", expect=69).stdout)["runner"]["stopping"])
        self.command("status", "--check", expect=69)
        self.command("stop", expect=0)
        self.command("stop", "--now", "--wait", expect=0)
        runner.ends_with(1)

    def test_programs_are_told_in_json(self):
        error = json.loads(self.command("pause", "a", "--json", "--instance", "none", expect=69).stdout)["error"]
        self.assertEqual(("no_runner", []), (error["code"], error["diagnostics"]))
        runner = self.stopping()
        error = json.loads(self.command("pause", "a", "--json", expect=69).stdout)["error"]
        self.assertEqual("stopping", error["code"])
        self.command("stop", "--now", expect=0)
        runner.ends_with(1)

    def test_a_closed_stdout_is_told_by_the_exit_code(self):
        runner = self.start({"a": {"command": ["true"], "every": "1h"}}, "--instance", "web")
        runner.wait_for("task_added")
        for name in ("status", "events", "pause"):
            reader, writer = os.pipe()
            os.close(reader)
            process = self.launch([name, *COMMANDS[name]], stdout=writer, read=False)
            os.close(writer)
            self.assertEqual(74, process.wait(), name)
        runner.stop()


if __name__ == "__main__":
    main()
