"""R11: a runner whose loop stands still for more than five seconds is not well, and says by how much."""

import os
import signal
import time

from control_socket import ask
from taskrun_harness import RunnerTest, main


class LoopLag(RunnerTest):
    def test_a_loop_that_stood_still_is_told_and_an_even_one_is_well(self):
        runner = self.start({"tick": {"command": ["true"], "every": "100ms"}})
        socket = runner.wait_for("runner_started")["socket"]
        runner.wait_for("run_finished", nth=3)
        self.assertEqual((200, {"status": "ok", "manifest_error": None}), ask(socket, "GET", "/healthz"))
        self.assertGreaterEqual(ask(socket, "GET", "/v1/runner")[1]["loop_lag_ms"], 0)
        os.kill(runner.daemon_pid, signal.SIGSTOP)
        due_until = time.monotonic() + 5.5
        self.wait_until(lambda: time.monotonic() > due_until, "a due time more than five seconds ago")
        os.kill(runner.daemon_pid, signal.SIGCONT)
        status, answer = ask(socket, "GET", "/healthz")
        self.assertEqual((503, "lagging"), (status, answer["error"]["code"]))
        self.assertRegex(answer["error"]["message"], r"^the runner's loop was \d+\.\d s late$")
        self.assertGreater(ask(socket, "GET", "/v1/runner")[1]["loop_lag_ms"], 5000)
        runner.stop()


if __name__ == "__main__":
    main()
