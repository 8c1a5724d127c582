"""The built-in `cleanup`: deletes files under a directory by age, number or total size, and nothing outside it."""

import os
import time

from taskrun_harness import RunnerTest, main


class Cleanup(RunnerTest):
    def setUp(self):
        super().setUp()
        self.store = self.directory / "store"
        self.store.mkdir()

    def file(self, name, size=1, days=0.0):
        path = self.store / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * size)
        then = time.time() - days * 86400
        os.utime(path, (then, then))
        return path

    def clean(self, expect=0, **arguments):
        task = {"builtin": "cleanup", "with": {"directory": str(self.store), **arguments}}
        return self.run_once(task, expect=expect)

    def left(self):
        return sorted(str(p.relative_to(self.store)) for p in self.store.rglob("*") if not p.is_dir() or p.is_symlink())

    def test_by_age(self):
        self.file("old", days=8, size=10)
        self.file("sub/older", days=30, size=20)
        self.file("young", days=6)
        finished = self.clean(older_than="7d", recursive=True)
        self.assertEqual(["young"], self.left())
        self.assertEqual({"deleted": 2, "bytes": 30, "kept": 1, "failed": 0, "dry_run": False}, finished["result"])

    def test_below_only_where_asked(self):
        self.file("sub/old", days=8)
        self.clean(older_than="7d")
        self.assertEqual(["sub/old"], self.left())

    def test_by_number_keeps_the_newest(self):
        for n in range(6):
            self.file(f"file{n}", days=n)
        self.clean(keep_newest=2)
        self.assertEqual(["file0", "file1"], self.left())

    def test_by_total_size_keeps_the_newest(self):
        for n in range(6):
            self.file(f"file{n}", size=1000, days=n)
        self.clean(max_total_size="3000")
        self.assertEqual(["file0", "file1", "file2"], self.left())

    def test_a_dry_run_deletes_nothing_and_names_what_it_would(self):
        self.file("old", days=8)
        finished = self.clean(older_than="7d", dry_run=True)
        self.assertEqual(["old"], self.left())
        self.assertIn("old", finished["stderr"])

    def test_patterns_choose_the_files(self):
        for name in ("a.log", "b.log", "keep.log", "c.txt"):
            self.file(name, days=8)
        self.clean(older_than="1d", include=["*.log"], exclude=["keep*"])
        self.assertEqual(["c.txt", "keep.log"], self.left())

    def test_links_are_never_followed_out(self):
        outside = self.directory / "outside"
        outside.mkdir()
        (outside / "precious").write_text("x")
        os.utime(outside / "precious", (0, 0))
        os.symlink(outside, self.store / "directory-link")
        os.symlink(outside / "precious", self.store / "file-link")
        self.file("old", days=8)
        self.clean(older_than="1d", recursive=True, remove_empty_directories=True)
        self.assertTrue((outside / "precious").exists())
        self.assertFalse((self.store / "old").exists())

    def test_the_directory_itself_must_be_no_link(self):
        self.file("old", days=8)
        os.symlink(self.store, self.directory / "link")
        task = {"builtin": "cleanup", "with": {"directory": str(self.directory / "link"), "older_than": "1d"}}
        self.run_once(task, expect=1)
        self.assertEqual(["old"], self.left())

    def test_a_directory_that_is_not_there_is_a_failure(self):
        task = {"builtin": "cleanup", "with": {"directory": "/no/such/place", "older_than": "1d"}}
        finished = self.run_once(task, expect=1)
        self.assertEqual(("failure", 1), (finished["outcome"], finished["exit_code"]))
        self.assertIn("/no/such/place", finished["stderr"])

    def test_wrong_arguments_are_mistakes_of_the_manifest(self):
        for arguments in ({}, {"directory": 1}, {"directory": "/tmp", "older_than": "soon"},
                          {"directory": "/tmp", "keep_newest": "two"}, {"directory": "/tmp", "keep_newst": 2},
                          {"directory": "/tmp"}, {"directory": "/", "keep_newest": 1},
                          {"directory": "/tmp", "keep_newest": -1}, {"directory": "/tmp", "include": "*.log"}, {"directory": "/tmp", "dry_run": "yes"}):
            path = self.manifest({"task": {"builtin": "cleanup", "with": arguments}})
            self.assertRegex(self.command("check", path, expect=78).stderr, r"taskrun\.json:\d+:\d+: error: ")
        self.assertIn('did you mean "keep_newest"?', self.command("check", self.manifest({"task": {
            "builtin": "cleanup", "with": {"directory": "/tmp", "keep_newst": 2}}})).stderr)


if __name__ == "__main__":
    main()
