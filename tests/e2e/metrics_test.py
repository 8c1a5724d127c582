"""H2 and S1: what is scraped agrees with the event lines, is whole from the first scrape, and holds names and numbers only;
Prometheus's own tool finds nothing wrong with it."""

import re
import shutil
import signal
import subprocess
from pathlib import Path

from control_socket import UnixConnection, ask
from prometheus import program
from taskrun_harness import RunnerTest, main

OPENMETRICS = "application/openmetrics-text"
# What Prometheus 2.42 asks with.
OF_PROMETHEUS = ("application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                 "text/plain;version=0.0.4;q=0.5,*/*;q=0.1")
OUTCOMES = ("success", "failure", "timeout", "error", "cancelled")
REASONS = ("overlap", "paused", "pool", "missed", "late", "disabled", "stopping")
SAMPLE = re.compile(r'^([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)*)\})? (\S+)$')
MANY = 2_000
# What dashboards and alerts count on, with the labels of each: no more and no less.
NAMES = {"task_duration_seconds": "le task_name", "task_errors_total": "task_name",
         "taskrun_runs_total": "outcome task_name", "taskrun_runs_skipped_total": "reason task_name",
         "taskrun_running": "task_name", "taskrun_start_lateness_seconds": "le",
         "taskrun_last_success_timestamp_seconds": "task_name", "taskrun_last_run_timestamp_seconds": "task_name",
         "taskrun_next_run_timestamp_seconds": "task_name", "taskrun_retries_total": "task_name",
         "taskrun_leftovers_killed_total": "task_name", "taskrun_output_truncated_bytes_total": "task_name",
         "taskrun_config_last_reload_successful": "", "taskrun_config_last_reload_success_timestamp_seconds": "",
         "taskrun_loop_lag_seconds": "", "taskrun_history_degraded": "", "taskrun_build_info": "version",
         "process_cpu_seconds_total": "", "process_resident_memory_bytes": "", "process_virtual_memory_bytes": "",
         "process_open_fds": "", "process_max_fds": "", "process_start_time_seconds": ""}
QUIET = {"command": ["true"], "every": "1h"}


def scrape(path, accept=None):
    """(content type, text) of one scrape."""
    connection = UnixConnection(path)
    try:
        connection.request("GET", "/metrics", headers={"Accept": accept} if accept else {})
        reply = connection.getresponse()
        assert reply.status == 200, reply.status
        return reply.getheader("Content-Type"), reply.read().decode()
    finally:
        connection.close()


def parse(text):
    """{(name, labels): value} of a text of either kind; an AssertionError where its form is wrong."""
    families, samples, family, kind = set(), {}, None, None
    lines = text.splitlines()
    assert text.endswith("\n")
    is_open = lines[-1] == "# EOF"
    for line in lines[:-1] if is_open else lines:
        if line.startswith("# HELP "):
            family = line.split(" ")[2]
            assert family not in families, f"{family} comes in two parts"
            families.add(family)
        elif line.startswith("# TYPE "):
            assert line.split(" ")[2] == family, line
            kind = line.split(" ")[3]
        else:
            name, labels, value = SAMPLE.match(line).groups()
            suffixes = {"gauge": ("",), "counter": ("_total",) if is_open else ("",),
                        "histogram": ("_bucket", "_sum", "_count")}[kind]
            assert name in [family + suffix for suffix in suffixes], f"{name} is not of {family}"
            assert (name, labels or "") not in samples, f"twice: {line}"
            samples[name, labels or ""] = float(value)
    return samples


class Metrics(RunnerTest):
    def up(self, tasks, *flags, **options):
        runner = self.start(tasks, *flags, **options)
        self.socket = runner.wait_for("runner_started")["socket"]
        runner.wait_for("task_added", nth=len(tasks))
        return runner

    def scrape(self):
        content_type, text = scrape(self.socket)
        self.assertEqual("text/plain; version=0.0.4; charset=utf-8", content_type)
        return parse(text)

    def assert_agrees(self, samples, runner, task):
        """What was counted of a task is what its lines say."""
        runs = runner.events("run_finished", task=task)
        final = [run for run in runs if run["final"]]
        of_task = f'task_name="{task}"'
        for outcome in OUTCOMES:
            self.assertEqual(sum(run["outcome"] == outcome for run in final),
                             samples["taskrun_runs_total", f'{of_task},outcome="{outcome}"'], outcome)
        errors = sum(run["outcome"] in ("failure", "timeout", "error") for run in final)
        self.assertEqual(errors, samples["task_errors_total", of_task])
        retries = [run for run in runs if run["attempt"] > 1 and ("pid" in run or run["outcome"] == "error")]
        self.assertEqual(len(retries), samples["taskrun_retries_total", of_task])
        self.assertEqual(len(final), samples["task_duration_seconds_count", of_task])
        self.assertAlmostEqual(sum(run["duration_ms"] for run in final) / 1000,
                               samples["task_duration_seconds_sum", of_task], places=4)
        for bound in ("0.005", "0.1", "1", "3600"):
            within = sum(run["duration_ms"] / 1000 <= float(bound) for run in final)
            self.assertEqual(within, samples["task_duration_seconds_bucket", f'{of_task},le="{bound}"'], bound)
        self.assertEqual(sum(run["leftovers_killed"] for run in runs), samples["taskrun_leftovers_killed_total", of_task])

    def test_the_names_are_these(self):
        runner = self.up({"a": QUIET})
        found = {}
        for name, labels in self.scrape():
            family = re.sub("_(bucket|sum|count)$", "", name)
            found.setdefault(family, set()).update(re.findall(r'([a-z_]+)="', labels))
        self.assertEqual(NAMES, {name: " ".join(sorted(labels)) for name, labels in found.items()})
        runner.stop()

    def test_every_series_is_there_before_the_first_run(self):
        runner = self.up({"quiet": QUIET, "off": {**QUIET, "enabled": False}})
        samples = self.scrape()
        for task in ("quiet", "off"):
            for outcome in OUTCOMES:
                self.assertEqual(0, samples["taskrun_runs_total", f'task_name="{task}",outcome="{outcome}"'])
            for reason in REASONS:
                self.assertEqual(0, samples["taskrun_runs_skipped_total", f'task_name="{task}",reason="{reason}"'])
            self.assert_agrees(samples, runner, task)
            self.assertEqual(0, samples["taskrun_last_run_timestamp_seconds", f'task_name="{task}"'])
        self.assertEqual(0, samples["taskrun_next_run_timestamp_seconds", 'task_name="off"'])
        self.assertGreater(samples["taskrun_next_run_timestamp_seconds", 'task_name="quiet"'],
                           samples["taskrun_config_last_reload_success_timestamp_seconds", ""])
        self.assertEqual(1, samples["taskrun_config_last_reload_successful", ""])
        self.assertEqual(0, samples["taskrun_history_degraded", ""])
        runner.stop()

    def test_what_is_counted_agrees_with_the_lines(self):
        runner = self.up({
            "good": {"command": ["true"], "every": "1h", "run_at_start": True},
            "bad": {"shell": "sleep 60 >/dev/null 2>&1 & exit 3", "every": "1h", "run_at_start": True,
                    "retry": {"attempts": 3, "delay": "10ms"}},
            "missing": {"command": ["/no/such/program"], "every": "1h", "run_at_start": True,
                        "retry": {"attempts": 2, "delay": "10ms"}},
            "waits": {"command": ["false"], "every": "1h", "run_at_start": True,
                      "retry": {"attempts": 2, "delay": "1h"}},
            "slow": {"command": ["sleep", "60"], "every": "1h", "run_at_start": True, "timeout": "50ms"},
            "long": {"shell": "while [ ! -e go ]; do sleep 0.05; done", "every": "50ms", "overlap": "skip",
                     "timeout": "5m"}})
        run = runner.wait_for("run_finished", task="waits", final=False)["run_id"]
        self.assertEqual(200, ask(self.socket, "POST", f"/v1/runs/{run}/cancel")[0])
        for task in ("good", "bad", "missing", "slow", "waits"):
            runner.wait_for("run_finished", task=task, final=True)
        runner.wait_for("run_skipped", task="long", reason="overlap", nth=2)
        samples = self.scrape()
        for task in ("good", "bad", "missing", "slow", "waits"):
            self.assert_agrees(samples, runner, task)
            self.assertGreater(samples["taskrun_last_run_timestamp_seconds", f'task_name="{task}"'], 1.7e9)
        for task, retries in (("bad", 2), ("missing", 1), ("waits", 0)):
            self.assertEqual(retries, samples["taskrun_retries_total", f'task_name="{task}"'], task)
        self.assertGreaterEqual(samples["taskrun_leftovers_killed_total", 'task_name="bad"'], 3)
        self.assertEqual(1, samples["taskrun_running", 'task_name="long"'])
        self.assertEqual(0, samples["taskrun_running", 'task_name="good"'])
        self.assertGreaterEqual(samples["taskrun_runs_skipped_total", 'task_name="long",reason="overlap"'], 2)
        self.assertEqual(0, samples["taskrun_last_success_timestamp_seconds", 'task_name="bad"'])
        self.assertGreater(samples["taskrun_last_success_timestamp_seconds", 'task_name="good"'], 1.7e9)
        started = samples["taskrun_start_lateness_seconds_count", ""]
        self.assertEqual(len(runner.events("run_started")), started)
        (self.directory / "go").touch()
        runner.wait_for("run_finished", task="long")
        runner.stop()

    def test_a_run_has_ended_when_its_hook_runs(self):
        hook = {"shell": "while [ ! -e go ]; do sleep 0.05; done", "timeout": "5m"}
        runner = self.up({"good": {**QUIET, "run_at_start": True, "on_success": hook},
                          "bad": {"command": ["false"], "every": "1h", "run_at_start": True, "on_failure": hook}})
        for task in ("good", "bad"):
            runner.wait_for("run_finished", task=task)
            self.wait_until(lambda: ask(self.socket, "GET", f"/v1/tasks/{task}")[1]["state"] == "running", "its hook")
        samples = self.scrape()
        for task in ("good", "bad"):
            self.assertEqual(0, samples["taskrun_running", f'task_name="{task}"'], task)
        self.assertEqual(0, ask(self.socket, "GET", "/v1/runner")[1]["running"])
        (self.directory / "go").touch()
        runner.wait_for("hook_finished", nth=2)
        runner.stop()

    def test_both_kinds_are_well_formed_and_say_the_same_names(self):
        runner = self.up({"a": {**QUIET, "run_at_start": True}, "b": QUIET})
        runner.wait_for("run_finished", task="a")
        plain = parse(scrape(self.socket)[1])
        for accept in (OPENMETRICS, OF_PROMETHEUS):
            content_type, text = scrape(self.socket, accept)
            self.assertEqual("application/openmetrics-text; version=1.0.0; charset=utf-8", content_type)
            self.assertTrue(text.endswith("# EOF\n"))
            self.assertEqual([name for name, _ in plain], [name for name, _ in parse(text)])
        runner.stop()

    def test_prometheus_finds_nothing_wrong_with_it(self):
        runner = self.up({"a": {**QUIET, "run_at_start": True}, "b": QUIET})
        runner.wait_for("run_finished", task="a")
        text = scrape(self.socket)[1]
        checked = subprocess.run([program("promtool"), "check", "metrics"], input=text, capture_output=True, text=True)
        self.assertEqual((0, "", ""), (checked.returncode, checked.stdout, checked.stderr))
        broken = text.replace("# TYPE task_errors_total counter", "# TYPE task_errors_total gauge")
        checked = subprocess.run([program("promtool"), "check", "metrics"], input=broken, capture_output=True, text=True)
        self.assertNotEqual(0, checked.returncode, "it looks")
        runner.stop()

    def test_a_reload_keeps_series_and_a_removal_takes_them(self):
        task = {**QUIET, "run_at_start": True}
        runner = self.up({"same": task, "other": task, "gone": task})
        for name in ("same", "other", "gone"):
            runner.wait_for("run_finished", task=name)
        self.manifest({"same": task, "other": {**task, "description": "changed"}, "new": QUIET})
        runner.signal(signal.SIGHUP)
        runner.wait_for("manifest_reloaded")
        samples = self.scrape()
        for name, runs in (("same", 1), ("other", 1), ("new", 0)):
            self.assertEqual(runs, samples["taskrun_runs_total", f'task_name="{name}",outcome="success"'], name)
        self.assertEqual([], [labels for _, labels in samples if '"gone"' in labels])
        self.directory.joinpath("taskrun.json").write_text("{")
        runner.signal(signal.SIGHUP)
        runner.wait_for("manifest_rejected")
        after = self.scrape()
        self.assertEqual(0, after["taskrun_config_last_reload_successful", ""])
        key = "taskrun_config_last_reload_success_timestamp_seconds", ""
        self.assertEqual(samples[key], after[key])
        runner.stop()

    def test_a_record_that_cannot_be_written_is_told_until_it_can(self):
        runner = self.up({"tick": {"command": ["true"], "cron": "* * * * * *"}})
        runner.wait_for("run_finished")
        self.assertEqual(0, self.scrape()["taskrun_history_degraded", ""])
        state = Path(runner.wait_for("runner_started")["state"])
        shutil.rmtree(state)
        runner.wait_for("history_degraded")
        self.assertEqual(1, self.scrape()["taskrun_history_degraded", ""])
        state.mkdir(mode=0o700)
        runner.wait_for("history_restored")
        self.assertEqual(0, self.scrape()["taskrun_history_degraded", ""])
        runner.stop()

    def test_names_are_all_that_is_told_of_a_task(self):
        runner = self.up({"quiet": {"shell": "echo canary-a; echo canary-b >&2; exit 1", "every": "1h",
                                    "run_at_start": True, "description": "canary-c", "tags": ["canary-d"],
                                    "stdin": "canary-f", "env": {"SECRET_TOKEN": "canary-e", "OTHER": self.canary}},
                          "url": {"builtin": "http", "every": "1h",
                                  "with": {"url": "http://user:canary-g@127.0.0.1:1/${CANARY_SECRET}"}}})
        run = runner.wait_for("run_finished")
        for accept in (None, OPENMETRICS):
            text = scrape(self.socket, accept)[1]
            self.assertNotIn("canary", text)
            self.assertNotIn(run["run_id"], text)
        labels = {name for _, labels in self.scrape() for name in re.findall(r'([a-z_]+)="', labels)}
        self.assertEqual({"task_name", "outcome", "reason", "le", "version"}, labels)
        runner.stop()

    def test_many_tasks_are_told_whole_and_in_order(self):
        runner = self.up({f"task-{number:05}": QUIET for number in range(MANY)})
        samples = self.scrape()
        names = [labels for name, labels in samples if name == "task_errors_total"]
        self.assertEqual([f'task_name="task-{number:05}"' for number in range(MANY)], names)
        self.assertEqual(list(samples), list(self.scrape()))
        runner.stop()


if __name__ == "__main__":
    main()
