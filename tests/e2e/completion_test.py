"""`taskrun completion`: each shell is asked what it makes of a line that ends at the cursor."""

import contextlib
import json
import os
import shlex
import socket
import subprocess
import threading

from taskrun_harness import TASKRUN, RunnerTest, main

TASKS = {
    "billing": {"every": "1h", "shell": "true", "tags": ["money"], "description": "charges: it's $HOME `date`"},
    "backup": {"every": "1h", "shell": "true", "tags": ["night"]},
    "report.2": {"every": "1h", "shell": "true"},
}

# What a user's shell would be told by readline.
BASH = r"""
source ./script
complete -p taskrun >/dev/null || exit 1
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE}
_taskrun taskrun "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
if ((${#COMPREPLY[@]})); then printf '%s\n' "${COMPREPLY[@]}"; fi
"""

# A shell of its own on a terminal of its own, whose compadd tells what it is given.
ZSH = r"""
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell 'PS1= PS2=; autoload -Uz compinit; compinit -u -D; source ./inside; print READY""-NOW'
zpty -r shell text '*READY-NOW*'
zpty -w -n shell "$1"$'\t'
zpty -r shell text '*NOTHING-MORE*'
zpty -d shell
cat offered
"""
INSIDE = r"""
source ./script
: >offered
compadd() {
  local -a taken
  builtin compadd -A taken "$@"
  if [[ " $* " == *" -"[OAD]" "* ]]; then builtin compadd "$@"; return; fi
  if (( $#taken )); then print -rl -- "$taken[@]" >>offered; fi
}
ended() { print NOTHING""-MORE; exit; }
comppostfuncs=(ended)
"""


class Completion(RunnerTest):
    def setUp(self):
        super().setUp()
        self.manifest(TASKS)
        self.write("jobs.json", {"version": 1, "tasks": {"other": {"shell": "true"}}})
        self.write("two words.json", {"version": 1, "tasks": {"third": {"shell": "true"}}})
        bin_directory = self.directory / "bin"
        bin_directory.mkdir()
        os.symlink(TASKRUN, bin_directory / "taskrun")
        self.path = f"{bin_directory}:{os.environ['PATH']}"

    def shell(self, *command):
        done = subprocess.run(command, cwd=self.directory, capture_output=True, text=True, timeout=60,
                              stdin=subprocess.DEVNULL, env=self.environment({"PATH": self.path, "TERM": "xterm",
                                                                              "HOME": str(self.directory)}))
        try:
            while os.waitpid(-1, 0):
                pass  # a shell does not wait for those that only answer it, nor zsh for the shell of its terminal
        except ChildProcessError:
            pass
        self.assertEqual("", done.stderr)
        self.assertEqual(0, done.returncode)
        return done.stdout

    def words(self, *typed):
        done = self.command("complete-words", "--", *typed, expect=0)
        self.assertEqual("", done.stderr)
        return [line.split("\t")[0] for line in done.stdout.splitlines()]

    def assert_offered(self, expected, *typed):
        """By a runner, sooner or later: one that is slow to answer is not waited for."""
        self.wait_until(lambda: self.words(*typed) == ["words", *expected], f"{expected} after {typed}")

    def script(self, shell):
        self.write("script", self.command("completion", shell, expect=0).stdout)
        return self.directory / "script"


class Answers(Completion):
    def test_names_come_from_the_manifest_that_is_meant(self):
        self.assertEqual(["words", "billing", "backup", "report.2"], self.words("once", ""))
        self.assertEqual(["words", "other"], self.words("once", "-m", "jobs.json", ""))
        self.assertEqual(["words", "money"], self.words("list", "--tag", "m"))

    def test_nothing_is_said_about_what_is_wrong(self):
        for typed in (["once", "-m", "none.json", ""], ["once", "-m", "-", ""], ["once", "-m", ".", ""], ["", ""],
                      ["once", "-m", "/dev/zero", ""], ["nope", ""], ["once", "a\nb,"], ["once", "\x1b[31m,", "-m"]):
            self.assertEqual([], self.words(*typed)[1:], typed)

    def test_a_pipe_as_the_manifest_is_not_waited_for(self):
        os.mkfifo(self.directory / "pipe")
        self.assertEqual(["words"], self.words("once", "-m", "pipe", ""))


class OfRunner(Completion):
    def test_names_come_from_the_runner_that_runs(self):
        runner = self.start({"running": {"every": "1h", "shell": "true"}}, "--instance", "first")
        runner.wait_for("runner_started")
        self.manifest(TASKS)
        self.assert_offered(["running"], "pause", "")
        self.assert_offered(["running"], "status", "r")
        self.assert_offered(["first"], "pause", "--instance", "")
        self.assertEqual(["words", "billing", "backup", "report.2"], self.words("once", ""))
        runner.stop()
        self.assertEqual(["words"], self.words("pause", ""))

    def test_of_several_runners_the_one_that_is_named(self):
        runners = []
        for name in ("first", "second"):
            runners.append(self.start({f"of-{name}": {"every": "1h", "shell": "true"}}, "--instance", name))
            runners[-1].wait_for("runner_started")
        self.assertEqual(["words"], self.words("pause", ""))
        self.assertEqual(["first", "second"], sorted(self.words("pause", "--instance", "")[1:]))
        self.assert_offered(["of-second"], "pause", "--instance", "second", "")
        path = runners[0].events("runner_started")[0]["socket"]
        self.assert_offered(["of-first"], "pause", "--socket", path, "")
        for runner in runners:
            runner.stop()

    def test_a_runner_that_hangs_is_not_waited_for_long(self):
        path = str(self.directory / "hung.sock")
        with socket.socket(socket.AF_UNIX) as hung:
            hung.bind(path)
            hung.listen()
            self.assertEqual(["words"], self.words("pause", "--socket", path, ""))

    def test_a_runner_that_answers_evil_is_only_read(self):
        path = str(self.directory / "evil.sock")
        body = json.dumps({"tasks": [{"task": name, "task_id": 1, "state": "idle", "paused": False, "next_run_at": None,
                                      "runs": [], "last_run": None} for name in ("$(touch hit)", "a\nb", "good")]})
        with socket.socket(socket.AF_UNIX) as evil:
            evil.bind(path)
            evil.listen()

            def answer():
                with contextlib.suppress(OSError):  # the listener is shut down, or a peer has waited long enough
                    while True:
                        peer, _ = evil.accept()
                        with peer, contextlib.suppress(BrokenPipeError, ConnectionResetError):
                            peer.recv(4096)
                            peer.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())

            thread = threading.Thread(target=answer)
            thread.start()
            try:
                self.assert_offered(["good"], "pause", "--socket", path, "")
            finally:
                evil.shutdown(socket.SHUT_RDWR)
                thread.join()


class Bash(Completion):
    def offered(self, *words):
        self.script("bash")
        return sorted(self.shell("bash", "--norc", "-c", BASH, "bash", "taskrun", *words).splitlines())

    def test_commands_flags_and_words(self):
        self.assertEqual(["check"], self.offered("ch"))
        self.assertEqual(["--state", "--stop-timeout"], self.offered("start", "--st"))
        self.assertEqual(["auto", "cgroup", "subreaper"], self.offered("start", "--containment", ""))
        self.assertEqual(["cgroup"], self.offered("start", "--containment", "=", "c"))
        self.assertEqual(["auto", "cgroup", "subreaper"], self.offered("start", "--containment", "="))

    def test_tasks_and_files(self):
        self.assertEqual(["backup", "billing"], self.offered("once", "b"))
        self.assertEqual(["backup,billing"], self.offered("once", "backup,b"))
        self.assertEqual(["jobs.json"], self.offered("check", "j"))
        self.assertEqual(["jobs.json"], self.offered("once", "-m", "j"))
        self.assertEqual(["third"], self.offered("once", "-m", "'two words.json'", ""))
        self.assertEqual(["third"], self.offered("once", "--manifest", "=", "two\\ words.json", ""))
        self.assertEqual(["third"], self.offered("once", "-m", "~/two\\ words.json", "t"))

    def test_nothing_that_is_typed_or_answered_is_run(self):
        for words in (["once", "$(touch hit)"], ["once", "-m", "`touch hit`", ""], ["check", "$(touch hit)"],
                      ["once", "a;touch hit,"], ["$(touch hit)", ""], ["once", "'open"], ["once", "\\"]):
            self.offered(*words)
            self.assertFalse((self.directory / "hit").exists(), words)

    def test_a_program_that_answers_evil_is_only_read(self):
        evil = self.directory / "bin" / "evil"
        evil.write_text("#!/bin/sh\nprintf 'words\\t\\n$(touch hit)\\t\\n`touch hit`\\tx\\n'\n")
        evil.chmod(0o755)
        self.script("bash")
        out = self.shell("bash", "--norc", "-c", BASH.replace("_taskrun taskrun", "_taskrun evil"), "bash", "evil", "")
        self.assertEqual(["\\$\\(touch\\ hit\\)", "\\`touch\\ hit\\`"], sorted(out.splitlines()))
        self.assertFalse((self.directory / "hit").exists())


class Fish(Completion):
    def offered(self, line):
        """(word, meaning) of each."""
        self.script("fish")
        out = self.shell("fish", "--no-config", "-c", f"source ./script; complete -C {shlex.quote(line)}")
        return dict((line.split("\t") + [""])[:2] for line in out.splitlines())

    def test_commands_flags_and_words(self):
        self.assertEqual({"check": "find every mistake of a manifest"}, self.offered("taskrun ch"))
        self.assertEqual({"--state", "--stop-timeout"}, set(self.offered("taskrun start --st")))
        self.assertEqual({"auto", "cgroup", "subreaper"}, set(self.offered("taskrun start --containment ")))
        self.assertEqual({"--containment=cgroup"}, set(self.offered("taskrun start --containment=cg")))

    def test_tasks_and_files(self):
        self.assertEqual({"billing": "charges: it's $HOME `date`", "backup": ""}, self.offered("taskrun once b"))
        self.assertEqual({"backup,billing"}, set(self.offered("taskrun once backup,b")))
        self.assertEqual({"jobs.json"}, set(self.offered("taskrun check j")))
        self.assertEqual({"--manifest=jobs.json"}, set(self.offered("taskrun once --manifest=j")))
        self.assertEqual({"third"}, set(self.offered("taskrun once -m 'two words.json' ")))

    def test_nothing_that_is_typed_is_run(self):
        for line in ("taskrun once '(touch hit)'", "taskrun once -m '$(touch hit)' ", "taskrun once 'open"):
            self.offered(line)
            self.assertFalse((self.directory / "hit").exists(), line)


class Zsh(Completion):
    def offered(self, line):
        self.script("zsh")
        self.write("inside", INSIDE)
        return set(self.shell("zsh", "-f", "-c", ZSH, "zsh", line).splitlines())

    def test_commands_flags_and_words(self):
        self.assertEqual({"check"}, self.offered("taskrun ch"))
        self.assertEqual({"--state", "--stop-timeout"}, self.offered("taskrun start --st"))
        self.assertEqual({"auto", "cgroup", "subreaper"}, self.offered("taskrun start --containment "))
        self.assertEqual({"--containment=cgroup"}, self.offered("taskrun start --containment=cg"))

    def test_tasks_and_files(self):
        self.assertEqual({"billing", "backup"}, self.offered("taskrun once b"))
        self.assertEqual({"backup,billing"}, self.offered("taskrun once backup,b"))
        self.assertEqual({"third"}, self.offered("taskrun once -m 'two words.json' "))
        self.assertLessEqual({"jobs.json"}, self.offered("taskrun check j"))
        self.assertLessEqual({"jobs.json"}, self.offered("taskrun once --manifest=j"))

    def test_nothing_that_is_typed_is_run(self):
        for line in ("taskrun once '$(touch hit)'", "taskrun once -m '`touch hit`' ", "taskrun once 'open"):
            self.offered(line)
            self.assertFalse((self.directory / "hit").exists(), line)

    def test_it_is_a_function_of_fpath_too(self):
        self.assertTrue(self.script("zsh").read_text().startswith("#compdef taskrun\n"))


if __name__ == "__main__":
    main()
