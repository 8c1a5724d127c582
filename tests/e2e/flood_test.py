"""C7: a task that floods its output costs the runner no memory and the other tasks no start."""

import processes
from taskrun_harness import NASTY, SANITIZED, RunnerTest, main


class Flood(RunnerTest):
    def assert_harmless(self, shell, least=1_000_000, **how):
        """Three seconds of flood beside another task: the memory stays, the other task runs on."""
        runner = self.start({
            "quiet": {"command": ["true"], "every": "50ms"},
            "flood": {"shell": shell, "delay": "1s", "timeout": "3s", **how},
        })
        runner.wait_for("run_finished", nth=3, task="quiet")
        before = processes.resident_kib(runner.daemon_pid)
        runner.wait_for("run_started", task="flood")
        grown = 0
        while not runner.events("run_finished", task="flood"):
            grown = max(grown, processes.resident_kib(runner.daemon_pid) - before)
            runner.wait_for("run_finished", nth=len(runner.events("run_finished", task="quiet")) + 1, task="quiet")
        begun, ended = (runner.wait_for(kind, task="flood")["seq"] for kind in ("run_started", "run_finished"))
        meanwhile = runner.events("run_finished", task="quiet", outcome="success", seq=lambda seq: begun < seq < ended)
        self.assertGreater(len(meanwhile), 10)
        if not SANITIZED:
            self.assertLess(grown, 16 * 1024)
        finished = runner.wait_for("run_finished", task="flood")
        self.assertEqual("timeout", finished["outcome"])
        self.assertGreaterEqual(finished["output_bytes"], least)
        runner.stop()
        return finished

    def test_yes_for_three_seconds(self):
        finished = self.assert_harmless("exec yes")
        self.assertTrue(finished["stdout"].endswith("y\n"))

    def test_zeros_for_three_seconds(self):
        self.assert_harmless("exec cat /dev/zero")

    def test_without_capture(self):
        self.assert_harmless("exec yes", least=0, output={"mode": "none"})

    def test_truncated_bytes_are_exact(self):
        finished = self.run_once({"command": [NASTY, "write", "50000000", "abcdefgh"], "output": {"limit": "1000"}})
        self.assertEqual(50_000_000, finished["output_bytes"])
        self.assertEqual(50_000_000 - 1000, finished["truncated_bytes"])
        self.assertEqual("abcdefgh" * 125, finished["stdout"])

    def test_both_streams_count(self):
        shell = f"'{NASTY}' write 5000 o; '{NASTY}' write 7000 e >&2"
        finished = self.run_once({"shell": shell, "output": {"limit": "1KiB"}})
        self.assertEqual((12000, 12000 - 2048), (finished["output_bytes"], finished["truncated_bytes"]))
        self.assertEqual(("o" * 1024, "e" * 1024), (finished["stdout"], finished["stderr"]))

    def test_what_fits_is_whole(self):
        finished = self.run_once({"command": [NASTY, "write", "4096", "z"]})
        self.assertEqual("z" * 4096, finished["stdout"])
        self.assertEqual(4096, finished["output_bytes"])
        self.assertEqual(0, finished.get("truncated_bytes", 0))


if __name__ == "__main__":
    main()
