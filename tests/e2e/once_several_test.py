"""`once` with several tasks, `--all`, `--tag`, `--jobs`; its output; `--result-file`."""

import json
import os

from taskrun_harness import NASTY, RunnerTest, main, under_both_containments

TASKS = {
    "one": {"shell": "echo said one", "tags": ["smoke", "fast"]},
    "two": {"shell": "echo said two >&2", "tags": ["smoke"]},
    "three": {"shell": "echo said three"},
    "off": {"shell": "echo said off", "tags": ["smoke"], "enabled": False},
}


@under_both_containments
class OnceSeveral(RunnerTest):
    def ran(self, once):
        return [e["task"] for e in once.events("run_finished", final=True)]

    def test_several_by_name(self):
        self.assertEqual(["two", "one"], self.ran(self.once(TASKS, "two", "one", expect=0)))

    def test_all_leaves_out_what_is_disabled(self):
        self.assertEqual(["one", "two", "three"], self.ran(self.once(TASKS, "--all", expect=0)))

    def test_by_tag(self):
        self.assertEqual(["one", "two"], self.ran(self.once(TASKS, "--tag", "smoke", expect=0)))
        self.assertEqual(["one"], self.ran(self.once(TASKS, "--tag", "fast", expect=0)))

    def test_only_those_that_run_are_warned_of(self):
        tasks = {"good": {"command": ["true"], "tags": ["fine"]}, "odd": {"shell": "exit 0", "at": "1990-01-01T00:00:00Z"}}
        self.assertNotIn("warning", self.once(tasks, "good", expect=0).stderr_text)
        self.assertNotIn("warning", self.once(tasks, "--tag", "fine", expect=0).stderr_text)
        self.assertIn("this time has passed", self.once(tasks, "odd", expect=0).stderr_text)
        self.assertIn("this time has passed", self.once(tasks, "--all", expect=0).stderr_text)
        for flags, code in (((), 2), (("god",), 78)):
            self.assertNotIn("warning", self.once(tasks, *flags, expect=code).stderr_text)

    def test_any_failure_is_1(self):
        tasks = {"good": {"command": ["true"]}, "bad": {"command": [NASTY, "exit", "7"]}, "after": {"command": ["true"]}}
        once = self.once(tasks, "--all", expect=1)
        self.assertEqual(["good", "bad", "after"], self.ran(once))

    def test_one_at_a_time_unless_jobs_says_more(self):
        tasks = {f"task{n}": {"shell": "sleep 0.1"} for n in range(6)}
        for flags, most_allowed in (((), 1), (("--jobs", "3"), 3)):
            once = self.once(tasks, "--all", *flags, expect=0)
            alive = most = 0
            for event in once.events():
                alive += (event["event"] == "run_started") - (event["event"] == "run_finished")
                most = max(most, alive)
            self.assertEqual(most_allowed, most)

    def test_a_task_named_twice_runs_once(self):
        self.assertEqual(["one"], self.ran(self.once(TASKS, "one", "one", expect=0)))

    def test_schedules_do_not_matter(self):
        tasks = {"task": {"command": ["true"], "every": "10ms", "run_at_start": True, "jitter": "1h"}}
        once = self.once(tasks, "task", expect=0)
        self.assertEqual([("manual", "success")], [(e["trigger"], e["outcome"]) for e in once.events("run_finished")])

    def test_output_goes_to_stderr_as_it_comes(self):
        path = self.manifest({"task": {"shell": "echo first; while [ ! -e go ]; do sleep 0.02; done; echo second >&2",
                                       "timeout": "5m"}})
        once = self.launch(["once", "task", "-m", path, *self.containment_flags()])
        self.wait_until(lambda: "first\n" in once.stderr_text, "the first line on stderr")
        self.assertEqual([], once.events("run_finished"))
        self.write("go", "")
        once.ends_with(0)
        self.assertIn("second\n", once.stderr_text)
        finished = once.wait_for("run_finished")
        self.assertEqual(("first\n", "second\n"), (finished["stdout"], finished["stderr"]))

    def test_quiet_keeps_it_off(self):
        self.assertEqual("", self.once(TASKS, "--all", "--quiet", expect=0).stderr_text)


class ResultFile(RunnerTest):
    def test_it_holds_the_result(self):
        once = self.once({"task": {"shell": "echo '{\"billed\": 7}' >&3", "result": True}}, "task", "--result-file",
                         "result.json", expect=0)
        written = json.loads((self.directory / "result.json").read_text())
        self.assertEqual({"billed": 7}, written["result"])
        self.assertEqual(once.wait_for("run_finished")["run_id"], written["run_id"])

    def test_it_is_replaced_whole(self):
        self.write("result.json", "x" * 10_000)
        self.once({"task": {"shell": "echo '{\"n\": 1}' >&3", "result": True}}, "task", "--result-file", "result.json",
                  expect=0)
        json.loads((self.directory / "result.json").read_text())
        self.assertEqual(["result.json", "run", "state", "taskrun.json", "tmp"], sorted(os.listdir(self.directory)))

    def test_a_file_that_cannot_be_written_is_told(self):
        once = self.once({"task": {"shell": "echo '{\"n\": 1}' >&3", "result": True}}, "task", "--result-file",
                         "/no/such/place/result.json")
        self.assertNotEqual(0, once.status)
        self.assertIn("/no/such/place/result.json", once.stderr_text)


if __name__ == "__main__":
    main()
