"""`taskrun explain`, `list` and the warnings of `check`: what a schedule means, in words."""

import json

from taskrun_harness import RunnerTest, main

BERLIN = {"timezone": "Europe/Berlin", "shell": "true"}
TASKS = {
    "night": {"cron": "30 2 * * *", **BERLIN},
    "both": {"cron": "30 2 * * *", **BERLIN, "dst": {"overlap": "twice"}},
    "never-skipped": {"cron": "30 2 * * *", **BERLIN, "dst": {"gap": "skip"}},
    "hourly": {"cron": "30 * * * *", **BERLIN},
    "friday-13": {"cron": "0 4 13 * FRI", **BERLIN, "catch_up": "latest", "jitter": "5m"},
    "several": {"cron": ["0 4 * * *", "0 5 * * *"], **BERLIN},
    "often": {"every": "10m", "shell": "true"},
    "after": {"delay": "5s", "shell": "true"},
    "once": {"at": ["2026-01-01T00:00:00Z", "2030-01-01T00:00:00Z"], "shell": "true"},
    "asked": {"shell": "true"},
    "off": {"cron": "0 4 * * *", **BERLIN, "enabled": False},
}


class Explain(RunnerTest):
    def setUp(self):
        super().setUp()
        self.path = self.manifest(TASKS)

    def explain(self, *arguments, expect=0, **options):
        return self.command("explain", *arguments, "-m", self.path, expect=expect, **options).stdout

    def answer(self, *arguments):
        return json.loads(self.explain(*arguments, "--json"))

    def test_a_due_time_field_by_field(self):
        text = self.explain("night", "2026-01-05T02:30")
        for part in ("night: cron 30 2 * * * Europe/Berlin\n", "Mon 2026-01-05 02:30:00 +01:00 (", "): it was due.\n",
                     "  minute        30  30       matches\n", "  month         *   January  matches\n",
                     "  day of week   *   Monday   matches\n", "Every field matches.", "every day counts",
                     "  before  Sun 2026-01-04 02:30:00 +01:00\n", "  after   Tue 2026-01-06 02:30:00 +01:00\n"):
            self.assertIn(part, text)
        self.assertLessEqual(max(map(len, text.splitlines())), 80)

    def test_why_it_is_not_due(self):
        text = self.explain("night", "2026-01-05T02:31:07")
        self.assertIn("): it was not due.", text)
        self.assertIn("second is 7, not \"0\"; minute is 31, not \"30\".", text)
        self.assertIn("does not match", text)

    def test_the_gap_of_spring(self):
        text = " ".join(self.explain("night", "2026-03-29T02:30").split())
        self.assertIn("02:30 does not exist on that day in Europe/Berlin: the clock goes from 02:00 to 03:00.", text)
        self.assertIn("the clock goes forward from 02:00 to 03:00; so it is due at the first moment after the gap.", text)
        self.assertTrue(self.answer("night", "2026-03-29T01:00:00Z")["is_due"])
        skipped = self.answer("never-skipped", "2026-03-29T01:00:00Z")
        self.assertFalse(skipped["is_due"])
        self.assertIn("first moment after a gap", skipped["reason"])

    def test_the_repeated_hour_of_autumn(self):
        first, second = "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"
        self.assertEqual([True, False], [self.answer("night", t)["is_due"] for t in (first, second)])
        self.assertEqual([True, True], [self.answer("both", t)["is_due"] for t in (first, second)])
        self.assertEqual([True, True], [self.answer("hourly", t)["is_due"] for t in (first, second)])
        self.assertIn("This is the second time; it was due the first time", self.answer("night", second)["reason"])
        change = self.answer("night", first)["expressions"][0]["clock_change"]
        self.assertEqual({"at": "2026-10-25T02:00:00+01:00", "kind": "overlap", "offset_before_seconds": 7200,
                          "offset_after_seconds": 3600}, change)
        self.assertIn("comes twice on that day", self.answer("night", "2026-10-25 02:30")["remark"])

    def test_two_day_fields(self):
        text = self.explain("friday-13", "2026-01-16T04:00")
        self.assertIn("it was due.", text)
        self.assertIn("one that matches is enough", text)
        self.assertIn("Its start is put off by up to 5m.", text)
        self.assertIn("the last is run when", " ".join(text.split()))
        self.assertIn("day of month is 14, not \"13\"; day of week is Wednesday, not \"FRI\"",
                      self.answer("friday-13", "2026-01-14T04:00")["reason"])

    def test_several_expressions(self):
        answer = self.answer("several", "2026-01-05T05:00")
        self.assertEqual((True, [False, True]), (answer["is_due"], [e["is_due"] for e in answer["expressions"]]))

    def test_the_neighbours(self):
        answer = self.answer("night", "2026-01-05T12:00:00Z")
        self.assertEqual(("2026-01-05T02:30:00+01:00", "2026-01-06T02:30:00+01:00"),
                         (answer["previous_due_at"], answer["next_due_at"]))

    def test_other_schedules(self):
        self.assertIn("every 10m from the start of the runner", " ".join(self.explain("often").split()))
        self.assertIn("after the end of its last run", " ".join(self.explain("after").split()))
        self.assertIn("it runs only when asked", self.explain("asked"))
        self.assertIsNone(self.answer("often")["is_due"])
        self.assertTrue(self.answer("once", "2030-01-01T00:00:00Z")["is_due"])
        self.assertEqual(("2030-01-01T00:00:00Z", None),
                         (self.answer("once", "2031-01-01T00:00:00Z")["previous_due_at"].replace("+00:00", "Z"),
                          self.answer("once", "2031-01-01T00:00:00Z")["next_due_at"]))

    def test_a_disabled_task(self):
        self.assertIn("It is disabled", self.explain("off", "2026-01-05T04:00"))
        self.assertFalse(self.answer("off")["enabled"])

    def test_now_is_the_default(self):
        self.assertRegex(self.explain("night"), r"\((now|\d+ (ms|s)( \d+ ms)? ago)\): it (is|was) not due|it (is|was) due")

    def test_mistakes(self):
        self.explain("nigth", expect=78)
        self.explain("night", "soon", expect=2)
        self.explain(expect=2)
        self.explain("night", "2026-01-05T02:30", "extra", expect=2)


class List(RunnerTest):
    def test_the_next_time_in_the_tasks_zone_and_the_viewers(self):
        path = self.manifest({"year": {"cron": "0 0 1 1 *", "timezone": "Asia/Tokyo", "shell": "true"},
                              "often": {"every": "10m", "shell": "true"}, "gone": {"at": "2020-01-01T00:00:00Z",
                                                                                   "shell": "true"}})
        lines = self.command("list", path, env={"TZ": "UTC"}, expect=0).stdout.splitlines()
        self.assertRegex(lines[0], r"^NAME +SCHEDULE +NEXT +HERE +TIMEOUT +DESCRIPTION$")
        self.assertRegex(lines[1], r"^year +cron 0 0 1 1 \* +\d{4}-01-01 00:00 \+09:00  Dec 31 15:00  10s$")
        self.assertRegex(lines[2], r"^often +every 10m +in 10 min +10s$")
        self.assertRegex(lines[3], r"^gone +at 2020-01-01T00:00:00Z|\+00:00 +- +10s$")
        same = self.command("list", path, env={"TZ": "Asia/Tokyo"}, expect=0).stdout
        self.assertNotIn("HERE", same)

    def test_json(self):
        path = self.manifest({"year": {"cron": "0 0 1 1 *", "timezone": "Asia/Tokyo", "shell": "true"}})
        task = json.loads(self.command("list", path, "--json", env={"TZ": "America/New_York"}, expect=0).stdout)[0]
        self.assertRegex(task["next_run_at"], r"^\d{4}-12-31T15:00:00.000000Z$")
        self.assertRegex(task["next_run_local"], r"^\d{4}-01-01T00:00:00\+09:00$")
        self.assertRegex(task["next_run_here"], r"^\d{4}-12-31T10:00:00-05:00$")
        self.assertEqual("Asia/Tokyo", task["timezone"])


class Warnings(RunnerTest):
    def warnings(self, **keys):
        done = self.command("check", self.manifest({"task": {"shell": "true", **keys}}), "--json", expect=0)
        return [d["message"] for d in json.loads(done.stdout)["diagnostics"]]

    def test_a_date_is_named(self):
        gap, = self.warnings(cron="30 2 * * *", timezone="Europe/Berlin")
        self.assertRegex(gap, r"02:30 is skipped on 20\d\d-03-\d\d in Europe/Berlin")

    def test_a_time_that_comes_twice_counts_only_where_it_is_run_twice(self):
        gap, twice = sorted(self.warnings(cron="30 2 * * *", timezone="Europe/Berlin", dst={"overlap": "twice"}))
        self.assertRegex(gap + twice, r"02:30 comes twice on 20\d\d-10-\d\d in Europe/Berlin")

    def test_ordinary_schedules_are_not_warned_of(self):
        for cron in ("0 4 * * *", "*/15 * * * *", "0 4 1 * *", "0 4 * * 1-5", "0 4 L * *", "30 * * * *", "@daily", "@monthly"):
            self.assertEqual([], self.warnings(cron=cron, timezone="Europe/Berlin"), cron)

    def test_warnings_leave_the_exit_code_alone(self):
        done = self.command("check", self.manifest({"task": {"shell": "true", "cron": "0 4 31 * MON"}}), expect=0)
        self.assertRegex(done.stderr, r"taskrun\.json:\d+:\d+: warning: .*both day fields")


class Missing(RunnerTest):
    def test_a_machine_without_a_tz_database_says_so(self):
        empty = self.directory / "zones"
        empty.mkdir()
        path = self.manifest({"task": {"shell": "true", "cron": "@daily", "timezone": "Europe/Berlin"}})
        done = self.command("check", path, env={"TZDIR": str(empty)}, expect=78)
        self.assertRegex(done.stderr, r"tz database|tzdata")

    def test_utc_needs_no_tz_database(self):
        empty = self.directory / "zones"
        empty.mkdir()
        path = self.manifest({"task": {"shell": "true", "cron": "0 5 * * *"}})
        for zone in "UTC", "Etc/UTC", "Zulu":
            done = self.command("next", "-m", path, "--from", "2026-01-01T00:00:00Z", "-n", "1",
                                env={"TZDIR": str(empty), "TZ": zone}, expect=0)
            self.assertIn("2026-01-01 05:00:00 +00:00", done.stdout)


if __name__ == "__main__":
    main()
