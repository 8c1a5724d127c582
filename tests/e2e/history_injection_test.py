"""R2: the runner is killed in the middle of the n-th system call of a kind, for those that write, start or rename.

After a restart the database is whole, no due time has been started twice, and each one in between has its record.
"""

import shutil
import signal
from collections import Counter

import history_database
from taskrun_harness import RunnerTest, main
from tracing import need_tracing, traced

CALLS = {
    "write": (1, 2, 3, 5, 9, 14),
    "pwrite64": (1, 2, 3, 4, 6, 9, 13, 18, 24, 31, 40, 55),
    "fdatasync": (1, 2, 3, 4, 6, 9),
    "ftruncate": (1, 2),
    "clone3": (1, 2, 4),
    "execve": (2, 3, 5),
    "unlink": (1,),
}
SECOND = 1_000_000_000


class HistoryInjection(RunnerTest):
    def tasks(self):
        note = f"echo $TASKRUN_TASK $TASKRUN_SCHEDULED_AT >> {self.directory}/starts"
        return {
            "second": {"cron": "* * * * * *", "timezone": "UTC", "overlap": "parallel", "shell": note},
            "often": {"every": "60ms", "overlap": "parallel", "shell": note},
        }

    def killed_in(self, call, number):
        """A runner that does not survive its `number`-th `call`, or lives for two seconds where it makes fewer."""
        strace = traced(call, f"signal=SIGKILL:when={number}")
        runner = self.start(self.tasks(), "--state", self.directory / "kept", "--durability", "full", "--for", "2s",
                            wrapper=strace, env={"ASAN_OPTIONS": "detect_leaks=0"})  # that, too, wants to trace
        runner.checked = False
        self.assertIn(runner.wait(), (0, 128 + signal.SIGKILL), runner.story())
        self.end_everything()

    def test_nothing_is_lost_or_started_twice(self):
        need_tracing(self)
        for call, numbers in CALLS.items():
            for number in numbers:
                with self.subTest(call=call, number=number):
                    self.check(call, number)

    def check(self, call, number):
        for name in ("kept", "starts"):
            path = self.directory / name
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        self.killed_in(call, number)
        second = self.start(self.tasks(), "--state", self.directory / "kept")
        second.wait_for("run_finished", task="second", trigger="schedule", outcome="success")
        path = history_database.path_of(self.directory, second)
        second.stop()
        self.assertEqual([], second.events("history_degraded"))
        self.assertTrue(history_database.is_whole(path))
        self.assertEqual(0, history_database.open_runs(path))
        starts = Counter((self.directory / "starts").read_text().splitlines())
        self.assertEqual([], [start for start, count in starts.items() if count > 1])
        self.check_seconds(path)

    def check_seconds(self, path):
        """Each second from the first to the last that is known is answered by one row, or counted in one."""
        rows = history_database.ask(path, """SELECT due, coalesce(count, 1) FROM entry JOIN task ON task.id = entry.task
                                             WHERE task.name = 'second' ORDER BY due""")
        self.assertGreater(len(rows), 0)
        span = (rows[-1][0] - rows[0][0]) // SECOND + 1 + (rows[-1][1] - 1)
        self.assertEqual(span, sum(count for _, count in rows), rows)


if __name__ == "__main__":
    main()
