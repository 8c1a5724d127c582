"""R8: the history cannot be written, for every reason there is. The schedule goes on, and it is told once."""

import os
import resource
import shutil
import sqlite3
import stat
import time

import history_database
from taskrun_harness import RunnerTest, main

TASKS = {"t": {"command": ["true"], "every": "50ms"}}


class HistoryFaults(RunnerTest):
    def begin(self, *flags, **options):
        runner = self.start(TASKS, "--state", self.directory / "kept", *flags, **options)
        runner.wait_for("run_finished", outcome="success")
        return runner

    def path(self, runner):
        return history_database.path_of(self.directory, runner)

    def goes_on(self, runner):
        runner.wait_for("run_finished", nth=len(runner.events("run_finished")) + 3, outcome="success")

    def told_once(self, runner):
        """It degraded once and was restored once, and what was written since is whole."""
        runner.wait_for("history_restored")
        self.goes_on(runner)
        runner.stop()
        told = [event for event in runner.events() if event["event"] in ("history_degraded", "history_restored")]
        self.assertEqual(["history_degraded", "history_restored"] * (len(told) // 2), [e["event"] for e in told])
        # A machine that is slow enough tells of its disk as well.
        again = [e for e in told[2:] if e.get("error", "the disk does not answer") != "the disk does not answer"]
        self.assertEqual([], again, runner.story())
        self.assertTrue(history_database.is_whole(self.path(runner)))
        self.assertEqual(0, history_database.open_runs(self.path(runner)))

    def test_its_directory_is_removed_and_comes_back(self):
        runner = self.begin()
        place = self.path(runner).parent
        place.rename(self.directory / "gone")  # at once: the runner puts aside what it finds
        shutil.rmtree(self.directory / "gone")
        runner.wait_for("history_degraded")
        self.goes_on(runner)
        place.mkdir(mode=0o700)
        self.told_once(runner)

    def test_it_is_removed(self):
        runner = self.begin()
        for suffix in ("-wal", "-shm", ""):  # the runner acts once the last one is gone
            os.unlink(f"{self.path(runner)}{suffix}")
        self.assertIn("was removed or replaced", runner.wait_for("history_degraded")["error"])
        self.told_once(runner)

    def test_it_is_replaced_by_another(self):
        runner = self.begin()
        path = self.path(runner)
        other = path.with_name("other.db")
        with sqlite3.connect(other) as connection:
            connection.execute("CREATE TABLE foreign_to_us (n)")
        connection.close()
        before = other.read_bytes()
        os.rename(other, path)
        runner.wait_for("history_restored")
        self.goes_on(runner)
        runner.stop()
        aside = [p for p in path.parent.iterdir() if p.suffix == ".broken"]
        self.assertEqual([before], [p.read_bytes() for p in aside], "under a dated name, untouched")
        self.assertTrue(history_database.is_whole(path))

    def test_somebody_holds_it_locked(self):
        runner = self.begin()
        lock = sqlite3.connect(self.path(runner), isolation_level=None, timeout=60)
        lock.execute("BEGIN IMMEDIATE")
        runner.wait_for("history_degraded")
        self.goes_on(runner)
        lock.execute("ROLLBACK")
        lock.close()
        self.told_once(runner)

    def test_there_is_no_space(self):
        """A limit on the size of files is what a full disk looks like to whoever is not root, too."""
        limit = 256 * 1024
        runner = self.start({"t": {"shell": "head -c 6000 /dev/urandom | base64", "every": "20ms"}},
                            "--state", self.directory / "kept",
                            before_exec=lambda: resource.setrlimit(resource.RLIMIT_FSIZE,
                                                                   (limit, resource.RLIM_INFINITY)))
        runner.wait_for("history_degraded")
        self.goes_on(runner)
        runner.stop()
        # Each time that it is tried again something fits, perhaps.
        told = [event["event"] for event in runner.events() if event["event"].startswith("history_")]
        self.assertEqual((["history_degraded", "history_restored"] * len(told))[:len(told)], told)
        self.assertTrue(history_database.is_whole(self.path(runner)))

    def test_it_is_damaged_before_the_start(self):
        first = self.begin()
        first.stop()
        path = self.path(first)
        path.write_bytes(b"no database at all, for sure" * 1000)
        runner = self.begin()
        self.assertIn("it was set aside as", runner.wait_for("history_degraded")["error"])
        self.told_once(runner)
        aside = [p for p in path.parent.iterdir() if p.read_bytes() == b"no database at all, for sure" * 1000]
        self.assertEqual(1, len(aside), "never deleted")

    def test_it_was_written_by_a_newer_taskrun(self):
        first = self.begin()
        first.stop()
        path = self.path(first)
        history_database.ask(path, "PRAGMA user_version = 4711")
        before = path.read_bytes()
        runner = self.begin()
        self.assertIn("newer", runner.wait_for("history_degraded")["error"])
        self.goes_on(runner)
        runner.stop()
        self.assertEqual([], runner.events("history_restored"))
        self.assertEqual(before, path.read_bytes())

    def test_it_may_not_be_made(self):
        place = self.directory / "kept"
        place.mkdir(mode=0o700)
        runner = self.begin("--instance", "here")
        runner.stop()
        path = self.path(runner)
        for name in os.listdir(path.parent):
            os.unlink(path.parent / name)
        path.mkdir()
        second = self.begin("--instance", "here")
        second.wait_for("history_degraded")
        self.goes_on(second)
        path.rmdir()
        self.told_once(second)

    def test_what_was_missed_is_made_up_for_once_the_file_can_be_read(self):
        tasks = {"t": {"command": ["true"], "cron": "* * * * *", "catch_up": "all"}}
        first = self.start(tasks, "--state", self.directory / "kept", "--instance", "here")
        first.wait_for("task_added")
        first.stop()
        path = self.path(first)
        minute = 60 * 10**9
        history_database.set_mark(path, "t", (time.time_ns() // minute - 3) * minute)
        hidden = path.with_name("hidden")
        os.rename(path, hidden)
        os.mkfifo(path)  # what can be replaced at once
        runner = self.start(tasks, "--state", self.directory / "kept", "--instance", "here")
        runner.wait_for("history_degraded")
        os.rename(hidden, path)
        runner.wait_for("history_restored")
        runner.wait_for("run_finished", nth=3, trigger="catch_up")
        runner.stop()
        due = [event["scheduled_at"] for event in runner.events("run_finished", trigger="catch_up")]
        self.assertEqual(sorted(set(due)), due, "in their order, none twice")

    def test_a_log_that_was_left_by_a_crash_is_read(self):
        runner = self.begin()
        path = self.path(runner)
        copy = self.directory / "copy" / "copied"
        copy.mkdir(parents=True, mode=0o700)
        copy.parent.chmod(0o700)
        with sqlite3.connect(path) as reader:
            reader.execute("SELECT count(*) FROM entry").fetchall()
            for suffix in ("", "-wal"):
                shutil.copy(f"{path}{suffix}", copy / f"history.db{suffix}")
        reader.close()
        runner.stop()
        second = self.start(TASKS, "--state", self.directory / "copy", "--instance", "copied")
        second.wait_for("run_finished", nth=2, outcome="success")
        second.stop()
        self.assertEqual([], second.events("history_degraded"))
        self.assertTrue(history_database.is_whole(copy / "history.db"))

    def test_only_its_owner_may_read_it_whatever_the_umask(self):
        runner = self.begin(before_exec=lambda: os.umask(0))
        for name in os.listdir(self.path(runner).parent):
            mode = os.stat(self.path(runner).parent / name).st_mode
            self.assertEqual(0o600, stat.S_IMODE(mode), name)
        runner.stop()


if __name__ == "__main__":
    main()
