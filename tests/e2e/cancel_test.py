"""`taskrun cancel` ends the run that is meant: by its id, the beginning of it, or its task."""

import json

from taskrun_harness import RunnerTest, main

WAITS = {"command": ["sleep", "300"], "timeout": "5m", "overlap": "parallel"}


class Cancel(RunnerTest):
    def up(self, *tasks):
        runner = self.start({name: WAITS for name in tasks})
        runner.wait_for("task_added", nth=len(tasks))
        return runner

    def run_of(self, runner, task, nth=1):
        self.command("trigger", task, expect=0)
        return runner.wait_for("run_started", task=task, nth=nth)["run_id"]

    def ended(self, runner, run):
        finished = runner.wait_for("run_finished", run_id=run)
        self.assertEqual(("cancelled", "cancel"), (finished["outcome"], finished["killed_by"]))

    def test_by_task_by_id_and_by_its_beginning(self):
        runner = self.up("a")
        run = self.run_of(runner, "a")
        self.assertEqual(f"run {run}: is being ended\n", self.command("cancel", "a", expect=0).stdout)
        self.ended(runner, run)
        run = self.run_of(runner, "a", nth=2)
        self.assertEqual({"run_id": run}, json.loads(self.command("cancel", run, "--json", expect=0).stdout))
        self.ended(runner, run)
        run = self.run_of(runner, "a", nth=3)
        self.command("cancel", run[:25].upper(), expect=0)
        self.ended(runner, run)
        runner.stop()

    def test_what_is_not_plain_is_asked_back(self):
        runner = self.up("a")
        runs = [self.run_of(runner, "a"), self.run_of(runner, "a", nth=2)]
        for word in ("a", runs[0][:4]):
            done = self.command("cancel", word, expect=2)
            for run in runs:
                self.assertIn(f"{run}  a  running", done.stderr)
        for run in runs:
            self.command("cancel", run, expect=0)
            self.ended(runner, run)
        runner.stop()

    def test_what_is_not_alive_cannot_be_ended(self):
        runner = self.up("a")
        self.assertIn("no run of 'a' is alive", self.command("cancel", "a", expect=1).stderr)
        self.assertIn("there is no task 'nope'", self.command("cancel", "nope", expect=78).stderr)
        run = self.run_of(runner, "a")
        self.command("cancel", run, expect=0)
        self.ended(runner, run)
        self.command("cancel", run, expect=1)
        runner.stop()


if __name__ == "__main__":
    main()
