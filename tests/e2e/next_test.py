"""`taskrun next`: the coming due times of tasks and of expressions, for people, for programs, and by the thousand."""

import json
import re
import subprocess
from datetime import datetime

from taskrun_harness import ROOT, TASKRUN, RunnerTest, main

BERLIN = {"timezone": "Europe/Berlin"}
TASKS = {
    "night": {"cron": "30 2 * * *", **BERLIN, "shell": "true"},
    "tokyo": {"cron": "0 9 * * *", "timezone": "Asia/Tokyo", "shell": "true"},
    "often": {"every": "10h", "shell": "true"},
    "after": {"delay": "7h", "shell": "true"},
    "once": {"at": "2026-03-29T12:00:00.5Z", "shell": "true"},
    "asked": {"shell": "true"},
    "off": {"cron": "* * * * *", "enabled": False, "shell": "true"},
}
FROM = "2026-03-28T20:00:00Z"


class OfTasks(RunnerTest):
    def setUp(self):
        super().setUp()
        self.path = self.manifest(TASKS)

    def next(self, *arguments, **options):
        return self.command("next", *arguments, "-m", self.path, "--from", FROM, **options)

    def test_all_tasks_together_in_order_each_in_its_zone(self):
        self.assertEqual(
            "WHEN                            IN       TASK\n"
            "Sun 2026-03-29 09:00:00 +09:00  in 4 h   tokyo\n"
            "Sun 2026-03-29 03:00:00 +02:00  in 5 h   night\n"
            "Sun 2026-03-29 03:00:00 +00:00  in 7 h   after *\n"
            "Sun 2026-03-29 06:00:00 +00:00  in 10 h  often *\n"
            "Sun 2026-03-29 12:00:00 +00:00  in 16 h  once\n"
            "Sun 2026-03-29 16:00:00 +00:00  in 20 h  often *\n"
            "\n"
            "* counts from the runner's start: shown as if it started at the moment asked for\n",
            self.next("-n", "6", env={"TZ": "UTC"}, expect=0).stdout)

    def test_some_tasks(self):
        done = self.next("night", "--count", "2", expect=0)
        self.assertEqual(["2026-03-29", "2026-03-30"], re.findall(r"\d{4}-\d\d-\d\d", done.stdout))

    def test_json(self):
        answer = json.loads(self.next("night", "once", "often", "-n", "3", "--json", env={"TZ": "UTC"}, expect=0).stdout)
        self.assertEqual([("night", "2026-03-29T03:00:00+02:00", "Europe/Berlin", 18000000, False),
                          ("often", "2026-03-29T06:00:00Z", "UTC", 36000000, True),
                          ("once", "2026-03-29T12:00:00.5Z", "UTC", 57600500, False)],
                         [(e["task"], e["at"].replace("+00:00", "Z"), e["timezone"], e["in_ms"], e["from_runner_start"])
                          for e in answer])

    def test_tasks_that_never_come_are_named(self):
        done = self.next("asked", "off", expect=0)
        self.assertEqual("nothing comes\n", done.stdout)
        self.assertIn("'asked' has no schedule: it runs only when asked", done.stderr)
        self.assertIn("'off' is disabled", done.stderr)
        self.assertEqual([], json.loads(self.next("off", "--json", expect=0).stdout))

    def test_unknown_tasks(self):
        self.assertIn('did you mean "night"?', self.next("nigth", expect=78).stderr)


class OfAnExpression(RunnerTest):
    def next(self, *arguments, **options):
        return self.command("next", *arguments, **options)

    def test_a_table(self):
        done = self.next("--cron", "30 2 * * *", "--timezone", "Europe/Berlin", "--from", "2026-10-24T00:30:00Z", "-n", "2",
                         expect=0)
        self.assertEqual("WHEN                            IN\n"
                         "Sun 2026-10-25 02:30:00 +02:00  in 1 d\n"
                         "Mon 2026-10-26 02:30:00 +01:00  in 2 d 1 h\n", done.stdout)

    def test_other_spellings_and_json(self):
        answer = self.next("--expr=0 9 * * *", "--tz=Asia/Tokyo", f"--from={FROM}", "--count=1", "--json", expect=0).stdout
        self.assertEqual([{"at": "2026-03-29T09:00:00+09:00", "timezone": "Asia/Tokyo", "in_ms": 14400000}],
                         json.loads(answer))

    def test_the_zone_of_the_expression_wins_and_the_local_one_is_the_default(self):
        for arguments, env in ((["--cron", "TZ=Asia/Tokyo 0 9 * * *", "--tz", "UTC"], {}),
                               (["--cron", "0 9 * * *"], {"TZ": "Asia/Tokyo"})):
            done = self.next(*arguments, "--from", FROM, "-n", "1", env=env, expect=0)
            self.assertIn("2026-03-29 09:00:00 +09:00", done.stdout)

    def test_elapsed_time(self):
        done = self.next("--cron", "@every 1h30m", "--tz", "UTC", "--from", "2026-01-01T00:00:00.7Z", "-n", "2", expect=0)
        self.assertEqual(["01:30:00", "03:00:00"], re.findall(r"\d\d:\d\d:\d\d", done.stdout))

    def test_mistakes_are_shown_at_their_place(self):
        done = self.next("--cron", "0 25 * * *", expect=2)
        self.assertEqual("", done.stdout)
        self.assertRegex(done.stderr, r"hour.*\n  0 25 \* \* \*\n    \^\n")
        self.assertIn("run_at_start", self.next("--cron", "@reboot", expect=2).stderr)
        self.next("--cron", "0 0 31 2 *", expect=2)
        self.assertIn("Europe/Berlin", self.next("--cron", "@daily", "--tz", "Europe/Berln", expect=2).stderr)

    def test_usage(self):
        for arguments in (["--cron", ""], ["--cron", "@daily", "task"], ["--timezone", "UTC"], ["--count", "0"],
                          ["--count", "10001"], ["--from", "yesterday"], ["--batch", "task"]):
            self.assertEqual("", self.next(*arguments, expect=2).stdout)


class Batch(RunnerTest):
    def answers(self, *questions, expect=0):
        text = "".join((q if isinstance(q, str) else json.dumps(q)) + "\n" for q in questions)
        done = self.command("next", "--batch", stdin_text=text, expect=expect)
        self.assertEqual("", done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def test_each_question_has_its_answer(self):
        self.assertEqual(
            [{"id": "a", "next": ["2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"]},
             {"id": 2, "ns": 5400000000000}, {"id": 3, "ns": -1}],
            self.answers({"id": "a", "op": "next", "expr": "30 2 * * *", "tz": "Europe/Berlin", "from": FROM, "count": 2},
                         {"id": 2, "op": "duration", "duration": "1h30m"}, {"id": 3, "op": "duration", "duration": "-1ns"}))

    def test_nothing_ends_the_conversation(self):
        good = {"id": "last", "op": "duration", "duration": "1s"}
        wrong = ['{"id": 1', "[]", "5", "{}", '"x"', "\x00", '{"id": 2, "op": "fly"}', '{"id": {"a": []}, "op": "next"}',
                 '{"id": 3, "op": "next", "expr": 5}', '{"id": 4, "op": "duration", "duration": "1d"}',
                 '{"id": 5, "op": "next", "expr": "@daily", "tz": "../UTC"}', '{"id": 6, "expr": "@daily", "from": "now"}',
                 '{"id": 7, "expr": "@daily", "count": 0}', '{"id": 8, "expr": "@daily", "count": 1e99}',
                 '{"id": 9, "expr": "0 0 31 2 *", "tz": "UTC"}', '{"id": 10, "expr": "0 \\u0000 * * *"}',
                 '{"id": 11, "expr": "\\ud800"}', '{"id": 12, "expr": "' + "*" * 70_000 + '"}', "[" * 60_000]
        answers = self.answers(*wrong, "", "  ", good)
        self.assertEqual(len(wrong) + 1, len(answers))
        for answer in answers[:-1]:
            self.assertEqual({"id", "error"}, set(answer), answer)
            self.assertTrue(answer["error"])
        self.assertEqual([2, None, 3, 4, 5, 6, 7, 8, 9, 10], [a["id"] for a in answers[6:16]])
        self.assertEqual({"id": "last", "ns": 1000000000}, answers[-1])

    def test_bytes_that_are_no_text(self):
        done = subprocess.run([TASKRUN, "next", "--batch"], input=b'{"id": "\xff"}\n\xfe\n{"id":1,"op":"duration","duration":"0"}',
                              capture_output=True, env=self.environment(), timeout=60)
        self.assertEqual(0, done.returncode)
        self.assertEqual({"id": 1, "ns": 0}, json.loads(done.stdout.splitlines()[2]), "without a last newline")

    def test_who_waits_for_an_answer_gets_it(self):
        talk = subprocess.Popen([TASKRUN, "next", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                env=self.environment())
        for number in range(3):
            talk.stdin.write(json.dumps({"id": number, "op": "duration", "duration": "1s"}).encode() + b"\n")
            talk.stdin.flush()
            self.assertEqual(number, json.loads(talk.stdout.readline())["id"])
        talk.stdin.close()
        self.assertEqual(b"", talk.stdout.read())
        talk.stdout.close()
        self.assertEqual(0, talk.wait())

    def test_from_is_now_and_the_count_is_5_where_they_are_left_out(self):
        answer = self.answers({"id": 1, "op": "next", "expr": "* * * * * *", "tz": "UTC"})[0]["next"]
        self.assertEqual(5, len(answer))
        self.assertLess(abs(datetime.now().timestamp() - datetime.fromisoformat(answer[0].replace("Z", "+00:00")).timestamp()),
                        60)


class Documented(RunnerTest):
    """What docs/schedules.md shows is what the program answers."""

    def setUp(self):
        super().setUp()
        self.text = (ROOT / "docs" / "schedules.md").read_text()

    def test_the_worked_examples(self):
        shown = re.findall(r"^\$ taskrun next (.*)\n((?:[^$`].*\n)+)", self.text, re.MULTILINE)
        self.assertEqual(4, len(shown))
        for arguments, expected in shown:
            done = subprocess.run(["sh", "-c", f'exec "$0" next {arguments}', TASKRUN], capture_output=True, text=True,
                                  env=self.environment(), timeout=60)
            self.assertEqual((expected, ""), (done.stdout, done.stderr), arguments)

    def test_the_questions_and_answers(self):
        pairs = re.findall(r"^\| `(\{.*?\})` \| `(\{.*?\})` \|$", self.text, re.MULTILINE)
        self.assertEqual(3, len(pairs))
        done = self.command("next", "--batch", stdin_text="".join(f"{q}\n" for q, _ in pairs), expect=0)
        for line, (_, expected) in zip(done.stdout.splitlines(), pairs):
            pattern = re.escape(expected).replace("…", ".+")
            self.assertRegex(line, f"^{pattern}$")


if __name__ == "__main__":
    main()
