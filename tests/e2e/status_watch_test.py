"""`taskrun status --watch` shows the status in place: anew when something happens, as large as the window, and the terminal is
afterwards as it was before."""

import fcntl
import os
import pty
import re
import signal
import struct
import termios
import time

from taskrun_harness import Output, RunnerTest, main, take_terminal

QUIET = {"command": ["true"]}
ENTER, LEAVE = b"\x1b[?1049h\x1b[?25l\x1b[?7l", b"\x1b[?7h\x1b[?25h\x1b[?1049l"


class Drawn(Output):
    """What is drawn on a terminal; that ends with an error when nobody has it open any more."""

    def _collect(self):
        try:
            super()._collect()
        except OSError:
            self.stream.close()


class Window:
    """A terminal with a size, and what was drawn on it."""

    def __init__(self, rows, columns):
        self.ours, self.theirs = pty.openpty()
        self.resize(rows, columns)

    def resize(self, rows, columns):
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def collect(self):
        os.close(self.theirs)
        self.output = Drawn(self)

    def fileno(self):
        return self.ours

    def close(self):
        os.close(self.ours)

    def screens(self):
        """Everything that was drawn, each as its lines, without colours."""
        drawn = self.output.content.split(b"\x1b[H")[1:]
        whole = [part.split(b"\x1b[J")[0].decode() for part in drawn if b"\x1b[J" in part]
        return [re.sub(r"\x1b\[\d*[mK]", "", screen).split("\r\n") for screen in whole]


class StatusWatch(RunnerTest):
    def watch(self, rows=24, columns=80, *arguments):
        window = Window(rows, columns)
        process = self.launch(["status", "--watch", *arguments], stdin=window.theirs, stdout=window.theirs,
                              stderr=window.theirs, env={"TERM": "xterm"}, read=False,
                              before_exec=lambda: take_terminal(window.theirs))
        window.collect()
        return process, window

    def until(self, window, wanted):
        self.wait_until(lambda: any(wanted(screen) for screen in window.screens()), "a screen")

    def up(self, tasks):
        runner = self.start(tasks, "--instance", "web")
        runner.wait_for("task_added", nth=len(tasks))
        return runner

    def test_what_happens_is_seen_and_ctrl_c_gives_the_terminal_back(self):
        runner = self.up({"a": QUIET, "b": QUIET})
        process, window = self.watch()
        self.until(window, lambda screen: screen[0].startswith("web: taskrun") and screen[3].startswith("a "))
        self.command("trigger", "a", expect=0)
        self.until(window, lambda screen: "success" in screen[3])
        os.write(window.ours, b"\x03")
        self.assertEqual(0, process.wait())
        self.wait_until(lambda: window.output.content.endswith(LEAVE), "the end of the drawing")
        self.assertTrue(window.output.content.replace(b"^C", b"").startswith(ENTER))
        self.assertEqual(1, window.output.content.count(ENTER))
        runner.stop()

    def test_nothing_is_larger_than_the_window(self):
        runner = self.up({f"task-{n}-{'x' * 50}": QUIET for n in range(30)})
        process, window = self.watch(10, 60)
        self.until(window, lambda screen: screen[-1] == "… and 24 more")
        window_now = os.dup(window.ours)
        fcntl.ioctl(window_now, termios.TIOCSWINSZ, struct.pack("HHHH", 6, 44, 0, 0))
        self.until(window, lambda screen: screen[-1] == "… and 28 more")
        os.close(window_now)
        for screen in window.screens():
            self.assertLessEqual(len(screen), 10)
            self.assertLessEqual(max(map(len, screen)), 60)
        process.signal(signal.SIGTERM)
        self.assertEqual(143, process.wait())
        runner.stop()

    def test_the_end_of_the_runner_is_told_on_the_terminal_as_it_was(self):
        runner = self.up({"a": QUIET})
        process, window = self.watch()
        self.until(window, lambda screen: screen[0].startswith("web: "))
        time.sleep(0.5)  # a change is looked at at once again
        runner.stop()
        self.assertEqual(69, process.wait())
        self.wait_until(lambda: b"the runner 'web' has stopped" in window.output.content.split(LEAVE)[-1], "the reason")

    def test_a_runner_that_hangs_is_not_shown_as_if_it_lived(self):
        runner = self.up({"a": QUIET})
        process, window = self.watch()
        self.until(window, lambda screen: screen[0].startswith("web: "))
        os.kill(runner.daemon_pid, signal.SIGSTOP)
        self.assertEqual(69, process.wait())
        self.wait_until(lambda: b"is silent" in window.output.content.split(LEAVE)[-1], "the reason")
        os.kill(runner.daemon_pid, signal.SIGCONT)
        runner.stop()

    def test_only_a_terminal_can_be_drawn_on(self):
        runner = self.up({"a": QUIET})
        self.assertIn("needs a terminal", self.command("status", "--watch", expect=2).stderr)
        self.assertIn("exclude each other", self.command("status", "--watch", "--json", expect=2).stderr)
        runner.stop()


if __name__ == "__main__":
    main()
