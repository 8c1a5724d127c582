"""What an end-to-end test needs: the real binary, its event lines, and an oracle that looks behind it.

A test starts a runner, waits on event lines (never on time) and stops the runner. After every test the oracle checks
what must hold whatever the test was about: nothing is left of any process, control group or temporary file, and the
lines on stdout keep the rules of docs/events.md (see `oracle.py`).

    class Greeting(RunnerTest):
        def test_says_hello(self):
            runner = self.start({"hello": {"every": "1h", "run_at_start": True, "shell": "echo hello"}})
            finished = runner.wait_for("run_finished", task="hello")
            self.assertEqual("hello\\n", finished["stdout"])
            runner.stop()

The test process is a child subreaper: a process that escapes the runner comes back to it and is found.
Python's standard library only.
"""

import ctypes
import fcntl
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import termios
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import oracle  # noqa: E402
import processes  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent.parent
TASKRUN = os.path.abspath(os.environ.get("TASKRUN_BIN", ROOT / "build" / "taskrun"))
NASTY = os.path.abspath(os.environ.get("TASKRUN_NASTY", ROOT / "build" / "tests" / "nasty"))
SANITIZED = os.environ.get("TASKRUN_SANITIZED", "") == "1"

# How long a test waits for what must come. Only a broken runner ever takes this long.
PATIENCE = 60.0

# Whatever our parent ignores or blocks (a shell's "&" ignores SIGINT, nohup SIGHUP), the runner keeps: so nothing is.
for _number in (signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2, signal.SIGCHLD):
    signal.signal(_number, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.pthread_sigmask(signal.SIG_SETMASK, [])

PR_SET_CHILD_SUBREAPER = 36
ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
oracle.enter_own_cgroup()


def is_root():
    return os.geteuid() == 0


def become_nobody():
    """For `before_exec` as root: a user without any right."""
    os.setgroups([])
    os.setresgid(65534, 65534, 65534)
    os.setresuid(65534, 65534, 65534)


def take_terminal(descriptor):
    """For `before_exec`: makes a terminal the controlling one of a new session."""
    os.setsid()
    fcntl.ioctl(descriptor, termios.TIOCSCTTY, 0)


class Output:
    """Collects one stream of a process in the background."""

    def __init__(self, stream):
        self.stream = stream
        self.content = b""
        self.ended = False
        self.changed = threading.Condition()
        self.thread = threading.Thread(target=self._collect, daemon=True)
        self.thread.start()

    def _collect(self):
        while chunk := os.read(self.stream.fileno(), 65536):
            with self.changed:
                self.content += chunk
                self.changed.notify_all()
        with self.changed:
            self.ended = True
            self.changed.notify_all()
        self.stream.close()


class EventLines:
    """The event lines of a stream, as they come."""

    def __init__(self, output):
        self.output = output
        self.parsed = []
        self.consumed = 0

    def all(self):
        """Every whole line so far, parsed; a line that is no JSON object is left to the oracle."""
        with self.output.changed:
            content = self.output.content
        end = content.rfind(b"\n") + 1
        for line in content[self.consumed:end].splitlines():
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if isinstance(event, dict):
                self.parsed.append(event)
        self.consumed = end
        return self.parsed


def matches(event, kind, fields):
    if event.get("event") != kind:
        return False
    return all(want(event.get(key)) if callable(want) else event.get(key) == want for key, want in fields.items())


class Process:
    """A taskrun command that a test has started: `start` and `once` give event lines on stdout."""

    def __init__(self, test, arguments, *, env=None, cwd=None, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                 stderr=subprocess.PIPE, before_exec=None, wrapper=(), read=True, pass_fds=()):
        self.test = test
        self.arguments = [str(a) for a in arguments]
        self.popen = subprocess.Popen(
            [*map(str, wrapper), TASKRUN, *self.arguments], cwd=cwd or test.directory, env=test.environment(env),
            stdin=stdin, stdout=stdout, stderr=stderr, preexec_fn=before_exec, pass_fds=pass_fds)
        self.pid = self.popen.pid
        self.output = self.lines = None
        if self.popen.stdout and read:
            self.read_now()
        self.errors = Output(self.popen.stderr) if self.popen.stderr else None
        self.checked = True  # whether the oracle looks at the lines

    def read_now(self):
        """Begins to read stdout, where the test had put that off (`read=False`)."""
        self.output = Output(self.popen.stdout)
        self.lines = EventLines(self.output)

    # Waiting.

    def events(self, kind=None, **fields):
        """The event lines so far, or those of one kind whose fields have these values (or satisfy these functions)."""
        found = self.lines.all()
        return list(found) if kind is None else [e for e in found if matches(e, kind, fields)]

    def wait_for(self, kind, nth=1, patience=PATIENCE, **fields):
        """The nth line of that kind with these fields, as soon as it is there."""
        deadline = time.monotonic() + patience
        while True:
            ended = self.output.ended
            found = self.events(kind, **fields)
            if len(found) >= nth:
                return found[nth - 1]
            if ended:
                self.test.fail(f"the runner ended without {kind} {fields} (x{nth})\n{self.story()}")
            with self.output.changed:
                size = len(self.output.content)
                if not self.output.ended and size == self._seen:
                    self.output.changed.wait(min(1.0, max(0.01, deadline - time.monotonic())))
                self._seen = size
            if time.monotonic() > deadline:
                self.test.fail(f"no {kind} {fields} (x{nth}) within {patience:.0f} s\n{self.story()}")

    _seen = -1

    def wait(self, patience=PATIENCE):
        """Waits for the end; the exit status as the shell tells it (128+n for a signal)."""
        try:
            status = self.popen.wait(patience)
        except subprocess.TimeoutExpired:
            self.test.fail(f"taskrun {self.arguments} did not end within {patience:.0f} s\n{self.story()}")
        for stream in (self.output, self.errors):
            if stream:
                stream.thread.join(PATIENCE)
        return 128 - status if status < 0 else status

    # Acting.

    def signal(self, number):
        self.popen.send_signal(number)

    def stop(self, expect=0):
        """SIGTERM, then the end; every test that does not end its runner otherwise ends it so."""
        self.signal(signal.SIGTERM)
        status = self.wait()
        self.test.assertEqual(expect, status, f"exit status of the runner\n{self.story()}")
        return self

    def ends_with(self, expect):
        status = self.wait()
        self.test.assertEqual(expect, status, f"exit status of taskrun {self.arguments}\n{self.story()}")
        return self

    # Looking.

    @property
    def daemon_pid(self):
        return self.wait_for("runner_started")["pid"]

    @property
    def stdout_text(self):
        return self.output.content.decode("utf-8", "replace") if self.output else ""

    @property
    def stderr_text(self):
        return self.errors.content.decode("utf-8", "replace") if self.errors else ""

    def story(self):
        """What it printed, for the message of a failed test."""
        out, err = self.stdout_text, self.stderr_text
        return f"--- stdout\n{out[-6000:]}\n--- stderr\n{err[-3000:]}"


class RunnerTest(unittest.TestCase):
    """The base of every end-to-end test. `self.directory` is its own directory, gone after the test."""

    maxDiff = None
    containment = None  # set by under_both_containments

    def setUp(self):
        self.directory = Path(tempfile.mkdtemp(prefix="taskrun-e2e-"))
        self.directory.chmod(0o755)  # a task under `user:` must be able to get in
        self.temporary = self.directory / "tmp"
        self.temporary.mkdir(mode=0o777)
        self.temporary.chmod(0o1777)
        self.state = self.directory / "state"  # of every runner of this test, whoever it runs as
        self.state.mkdir()
        self.state.chmod(0o1777)
        self.runtime = self.directory / "run"  # and where they listen
        self.runtime.mkdir()
        self.runtime.chmod(0o1777)
        self.marker = secrets.token_hex(8)
        self.canary = "canary-" + secrets.token_hex(8)
        self.processes = []
        self.own_children = processes.children_of(os.getpid())

    def tearDown(self):
        try:
            self.examine()
        finally:
            self.end_everything()
            shutil.rmtree(self.directory, ignore_errors=True)

    # Starting.

    def environment(self, extra=None):
        foreign = ("TASKRUN_", "XDG_", "STATE_DIRECTORY", "RUNTIME_DIRECTORY")
        env = {key: value for key, value in os.environ.items() if not key.startswith(foreign)}
        env.update(TMPDIR=str(self.temporary), HOME=str(self.directory), TASKRUN_E2E=self.marker,
                   XDG_STATE_HOME=str(self.state), RUNTIME_DIRECTORY=str(self.runtime / "taskrun"),
                   CANARY_SECRET=self.canary)
        for key, value in (extra or {}).items():
            if value is None:
                env.pop(key, None)
            else:
                env[key] = value
        return env

    def write(self, name, content, mode=None):
        """A file in the test's directory: text, bytes, or anything else as JSON."""
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content if isinstance(content, str) else json.dumps(content, indent=1))
        if mode is not None:
            path.chmod(mode)
        return path

    def manifest(self, tasks, **top):
        """Writes taskrun.json with these tasks and these other top-level keys."""
        return self.write("taskrun.json", {"version": 1, **top, "tasks": tasks})

    def launch(self, arguments, **options):
        """Any taskrun command, running."""
        process = Process(self, arguments, **options)
        self.processes.append(process)
        return process

    def start(self, tasks, *flags, top=None, **options):
        """`taskrun start` with these tasks (a dictionary, or the path of a manifest)."""
        path = self.manifest(tasks, **(top or {})) if isinstance(tasks, dict) else tasks
        return self.launch(["start", path, *self.containment_flags(), *flags], **options)

    def once(self, tasks, *arguments, expect=None, top=None, **options):
        """`taskrun once` with these tasks, ended."""
        path = self.manifest(tasks, **(top or {})) if isinstance(tasks, dict) else tasks
        process = self.launch(["once", *arguments, "-m", path, *self.containment_flags()], **options)
        status = process.wait()
        if expect is not None:
            self.assertEqual(expect, status, process.story())
        process.status = status
        return process

    def run_once(self, task, expect=0, **options):
        """Runs one task given by its definition; its final run_finished line."""
        process = self.once({"task": task}, "task", "--quiet", expect=expect, **options)
        return process.wait_for("run_finished", task="task", final=True)

    def command(self, *arguments, expect=None, stdin_text=None, **options):
        """A command that answers and ends: check, list, schema …"""
        env, cwd = self.environment(options.pop("env", None)), options.pop("cwd", self.directory)
        done = subprocess.run([TASKRUN, *map(str, arguments)], env=env, cwd=cwd, capture_output=True, text=True,
                              input=stdin_text if stdin_text is not None else "", timeout=PATIENCE, **options)
        if expect is not None:
            self.assertEqual(expect, done.returncode, f"taskrun {arguments}\n{done.stdout}\n{done.stderr}")
        return done

    def containment_flags(self):
        return ["--containment", self.containment] if self.containment else []

    # Looking.

    def wait_until(self, condition, what, patience=PATIENCE):
        """For what no event line tells: a file that a task writes, a process that ends."""
        deadline = time.monotonic() + patience
        while not (value := condition()):
            if time.monotonic() > deadline:
                self.fail(f"{what}: not within {patience:.0f} s\n" + "\n".join(p.story() for p in self.processes))
            time.sleep(0.005)
        return value

    def wait_for_file(self, name):
        path = self.directory / name
        self.wait_until(lambda: path.exists() and path.stat().st_size > 0, f"file {name}")
        return path.read_text()

    def leftover_processes(self):
        """Processes of this test that are alive or unreaped, but for the commands that the test itself started."""
        own = {p.pid for p in self.processes} | self.own_children
        found = processes.carrying(f"TASKRUN_E2E={self.marker}", os.getpid(), aside=self.own_children)
        return [p for p in found if p.pid not in own]

    def wait_until_gone(self):
        """Reaps what came back to us until nothing of this test is left: for tests that kill the runner itself."""
        own = {p.pid for p in self.processes} | self.own_children

        def gone():
            processes.reap_adopted(own)
            return not self.leftover_processes()
        self.wait_until(gone, "processes of a dead runner")

    # Ending.

    def examine(self):
        """The oracle. A runner that still runs is a mistake of the test."""
        running = [p for p in self.processes if p.popen.poll() is None]
        self.assertEqual([], [p.arguments for p in running], "a test ends the runners that it starts")
        left = self.leftover_processes()
        self.assertEqual([], [str(p) for p in left], "processes are left\n" + "\n".join(p.story() for p in self.processes))
        self.assertEqual([], oracle.control_groups_left(), "control groups are left")
        self.assertEqual([], sorted(p.name for p in self.temporary.iterdir()), "temporary files are left")
        for process in self.processes:
            if process.checked and process.lines is not None and process.arguments[0] in ("start", "once"):
                wrong = oracle.examine(process, self.canary, event_schema())
                self.assertEqual([], wrong, "\n".join(wrong) + "\n" + process.story())

    def end_everything(self):
        """After a failed test nothing may disturb the next one."""
        for process in self.processes:
            if process.popen.poll() is None:
                process.popen.kill()
                process.popen.wait()
        own = {p.pid for p in self.processes} | self.own_children
        deadline = time.monotonic() + 5
        while (left := self.leftover_processes()) and time.monotonic() < deadline:
            for found in left:
                found.kill()
            processes.reap_adopted(own)
        for group in oracle.control_groups_left():
            oracle.remove_groups(Path(group))
        for process in self.processes:
            for stream in (process.popen.stdout, process.popen.stderr):
                if stream and not stream.closed and not process.output:
                    stream.close()


_event_schema = None


def event_schema():
    """`taskrun schema event`, read once."""
    global _event_schema
    if _event_schema is None:
        printed = subprocess.run([TASKRUN, "schema", "event"], capture_output=True, text=True, timeout=PATIENCE)
        _event_schema = json.loads(printed.stdout)
    return _event_schema


def under_both_containments(case):
    """Class decorator: each test runs under cgroup and under subreaper. Where there is no writable cgroup v2, that half
    says so and is skipped."""
    for name, function in list(vars(case).items()):
        if not name.startswith("test_"):
            continue
        delattr(case, name)
        for kind in ("cgroup", "subreaper"):
            setattr(case, f"{name}_under_{kind}", _with_containment(function, kind))
    return case


def _with_containment(function, kind):
    def test(self):
        if kind == "cgroup" and not oracle.cgroup_is_writable():
            self.skipTest("no writable cgroup v2 on this machine")
        self.containment = kind
        function(self)
    test.__doc__ = function.__doc__
    return test


def main():
    unittest.main(verbosity=2)
