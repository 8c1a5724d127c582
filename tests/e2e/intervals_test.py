"""T6: an interval that is none, or makes no sense, is an error at load with its place; nothing starts."""

from taskrun_harness import RunnerTest, main

WRONG = ["0", "0s", "-1s", "1ns", "9ms", "9.999999ms", "1e308s", "1e9s", "NaN", "nan", "inf", "Infinity", "",
         " ", "s", "10", "1.5", "1 s", "10s ", "1h-5m", "1x", "9223372036854775808ns", "9223372036854775808s",
         "106752d", "0x10s", "1..5s", "+-1s", "１０s", "10S", "1h 30m", "ten minutes"]


class Intervals(RunnerTest):
    def test_wrong_ones_are_refused_with_their_place(self):
        for key in ("every", "delay"):
            for text in WRONG:
                path = self.manifest({"task": {"command": ["true"], key: text}})
                done = self.command("check", path, expect=78)
                self.assertRegex(done.stderr, r"taskrun\.json:\d+:\d+: error: ", (key, text))
                self.assertIn("^", done.stderr)
                self.assertNotIn("\n\n\n", done.stderr)

    def test_numbers_that_are_no_strings_are_refused(self):
        for value in ("10", "0.5", "-1", "true", "null", "[]", "{}", "1e400"):
            path = self.write("taskrun.json", '{"version":1,"tasks":{"task":{"command":["true"],"every":%s}}}' % value)
            done = self.command("check", path, expect=78)
            self.assertRegex(done.stderr, r"taskrun\.json:1:5\d: error: ", value)

    def test_a_bare_number_gets_the_hint(self):
        path = self.manifest({"task": {"command": ["true"], "every": "10"}})
        self.assertIn('"10s"', self.command("check", path, expect=78).stderr)

    def test_start_refuses_as_check_does(self):
        path = self.manifest({"task": {"command": ["sh", "-c", "echo > ran"], "run_at_start": True, "every": "0s"}})
        check = self.command("check", path, expect=78)
        start = self.command("start", path, expect=78)
        self.assertEqual(check.stderr, start.stderr)
        self.assertEqual("", start.stdout)
        self.assertFalse((self.directory / "ran").exists())

    def test_right_ones_are_accepted(self):
        for text in ("10ms", "0.01s", "1h30m", "1.5h", "7d", "2w", "250ms", "106751d", "1d12h", "10000us", "10000µs",
                     "+10s"):
            path = self.manifest({"task": {"command": ["true"], "every": text}})
            self.command("check", path, expect=0)


if __name__ == "__main__":
    main()
