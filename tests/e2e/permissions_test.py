"""S2: with a umask of 000 at start, no file of ours is open to others; a task still gets the umask it was started with."""

import os
import stat

from taskrun_harness import RunnerTest, main


def open_umask():
    os.umask(0)


class Permissions(RunnerTest):
    def files_open_to_others(self):
        return [str(path) for path in self.directory.rglob("*")
                if path not in self.mine and path.lstat().st_mode & (stat.S_IRWXO | stat.S_IRWXG) and not path.is_symlink()]

    def setUp(self):
        super().setUp()
        self.mine = {self.temporary, self.state, self.runtime}  # made by the test itself, open to all

    def test_a_result_file_is_private(self):
        path = self.manifest({"task": {"shell": "echo '{\"a\": 1}' >&3", "result": True}})
        self.mine.add(path)
        once = self.launch(["once", "task", "-m", path, "--result-file", "result.json"], before_exec=open_umask)
        self.assertEqual(0, once.wait(), once.story())
        self.assertTrue((self.directory / "result.json").exists())
        self.assertEqual([], self.files_open_to_others())

    def test_a_runner_leaves_no_open_file(self):
        path = self.manifest({"task": {"command": ["true"], "every": "50ms"}})
        self.mine.add(path)
        runner = self.start(path, before_exec=open_umask)
        runner.wait_for("run_finished")
        self.assertEqual([], self.files_open_to_others())
        runner.stop()
        self.assertEqual([], self.files_open_to_others())

    def test_a_task_gets_the_runners_umask(self):
        self.assertEqual("0000\n", self.run_once({"shell": "umask"}, before_exec=open_umask)["stdout"])
        self.assertEqual("0027\n", self.run_once({"shell": "umask"}, before_exec=lambda: os.umask(0o027))["stdout"])


if __name__ == "__main__":
    main()
