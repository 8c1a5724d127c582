"""A real Prometheus server scrapes a runner over TCP: it finds every family, what it stores agrees with the event lines, and
what is gone here goes stale there. The alert rules are rules, and fire when they should."""

import re
import shutil
import subprocess
import urllib.request

from control_socket import ask
from prometheus import Prometheus, program
from taskrun_harness import ROOT, RunnerTest, main

OPERATIONS = ROOT / "docs" / "operations"
ALERTS = OPERATIONS / "alerts.yml"
ONCE = {"every": "1h", "run_at_start": True}


class Server(RunnerTest):
    def test_it_stores_what_was_told(self):
        runner = self.start({"good": {"command": ["true"], **ONCE}, "bad": {"command": ["false"], **ONCE},
                             "gone": {"command": ["true"], "every": "1h"}}, "--http", "0", "--metrics-buckets", "1ms,2h")
        started = runner.wait_for("runner_started")
        for task in ("good", "bad"):
            runner.wait_for("run_finished", task=task)
        server = Prometheus(self.directory, started["http"], [ALERTS])
        try:
            self.check(server, runner, started)
        finally:
            server.end()
        runner.stop()

    def check(self, server, runner, started):
        # Everything below was over when the server began: its first scrape has all of it.
        self.wait_until(lambda: server.value('up{job="taskrun"}') == 1, "a scrape that succeeded")
        self.wait_until(lambda: server.value("count(taskrun_running)") == 3, "every task")
        of = {outcome: len(runner.events("run_finished", outcome=outcome)) for outcome in ("success", "failure")}
        self.assertEqual({"success": 1, "failure": 1}, of)
        for query, expected in (('task_errors_total{task_name="bad"}', 1), ('task_errors_total{task_name="good"}', 0),
                                ('sum(taskrun_runs_total{outcome="success"})', 1), ("sum(taskrun_runs_total)", 2),
                                ('task_duration_seconds_bucket{task_name="bad",le="7200.0"}', 1),
                                ("count(task_duration_seconds_bucket)", 9),
                                ("taskrun_start_lateness_seconds_count", 2), ("taskrun_history_degraded", 0),
                                ("taskrun_config_last_reload_successful", 1),
                                ('histogram_quantile(0.5, task_duration_seconds_bucket{task_name="gone"}) >= 0', None)):
            # A scrape that came too late takes all series with it, until the next one.
            self.wait_until(lambda: server.value(query) == expected, f"{query} is {expected}")
        version = self.wait_until(lambda: server.ask("query", query="taskrun_build_info")["result"],
                                  "a version")[0]["metric"]["version"]
        self.assertEqual(started["version"], version)
        kinds = {name: told[0]["type"] for name, told in server.ask("metadata").items()}
        table = re.findall(r"^\| `(\w+)` \| (\w+) \|", (ROOT / "docs" / "metrics.md").read_text(), re.MULTILINE)
        self.assertGreater(len(table), 20)
        for name, kind in table:
            family = name.removesuffix("_total")  # it asks for OpenMetrics
            self.assertEqual(kind, kinds.get(name, kinds.get(family)), name)
        self.wait_until(lambda: [(target["health"], target["lastError"]) for target in
                                 server.ask("targets")["activeTargets"]] == [("up", "")], "the target is well")
        groups = server.ask("rules")["groups"]
        rules = [rule for group in groups for rule in group["rules"]]
        self.assertEqual(sorted(alerts()), sorted(rule["name"] for rule in rules))
        self.wait_until(lambda: {r["health"] for g in server.ask("rules")["groups"] for r in g["rules"]} == {"ok"},
                        "rules that it can evaluate")
        ask(started["socket"], "DELETE", "/v1/tasks/gone")
        self.wait_until(lambda: server.value("count(taskrun_running)") == 2, "the end of the series of a task")


def alerts():
    return re.findall(r"^ *- alert: (\w+)$", ALERTS.read_text(), re.MULTILINE)


class Alerts(RunnerTest):
    def promtool(self, *arguments):
        done = subprocess.run([program("promtool"), *map(str, arguments)], capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    def test_they_are_rules_and_fire_when_they_should(self):
        for words in (("check", "rules", ALERTS), ("test", "rules", OPERATIONS / "alerts_test.yml")):
            code, told = self.promtool(*words)
            self.assertEqual(0, code, told)

    def test_each_one_is_shown_to_fire_and_not_to(self):
        text = (OPERATIONS / "alerts_test.yml").read_text()
        shown = re.findall(r"alertname: (\w+)\n +exp_alerts:\n", text)
        self.assertEqual(sorted(alerts()), sorted(set(shown)))

    def test_the_check_sees_an_alert_that_has_changed(self):
        for name, threshold in (("TaskOverlapping", "[1h]) > 3"), ("HistoryDegraded", "degraded == 1")):
            text = ALERTS.read_text()
            self.assertIn(threshold, text)
            self.write("alerts.yml", text.replace(threshold, threshold + "00"))
            shutil.copy(OPERATIONS / "alerts_test.yml", self.directory)
            code, told = self.promtool("test", "rules", self.directory / "alerts_test.yml")
            self.assertNotEqual(0, code)
            self.assertIn(name, told)

    def test_they_ask_for_what_is_told(self):
        runner = self.start({"a": {"command": ["true"], "every": "1h"}}, "--http", "0")
        with urllib.request.urlopen(f"http://{runner.wait_for('runner_started')['http']}/metrics", timeout=60) as reply:
            told = reply.read().decode()
        runner.stop()
        asked = set(re.findall(r"\b((?:taskrun|task|process)_[a-z_]+)\b(?=[{\[\s])", ALERTS.read_text())) - {"task_name"}
        self.assertGreater(len(asked), 10)
        self.assertEqual(set(), {name for name in asked if not re.search(rf"^{name}[{{ ]", told, re.MULTILINE)})


if __name__ == "__main__":
    main()
