"""C8: whatever bytes a task writes, the lines stay valid JSON of bounded length, and no character is cut in two."""

from taskrun_harness import NASTY, RunnerTest, main

BINARY = "printf 'a\\000b\\033[31mc\\377\\376d\\351e\\n'"
REPLACEMENT = "\ufffd"


class HostileOutput(RunnerTest):
    def test_invalid_bytes_are_replaced_and_told(self):
        finished = self.run_once({"shell": BINARY})
        self.assertEqual(f"a\0b\x1b[31mc{REPLACEMENT}{REPLACEMENT}d{REPLACEMENT}e\n", finished["stdout"])
        self.assertIs(True, finished["lossy"])

    def test_valid_utf8_is_kept_and_not_called_lossy(self):
        text = "grün 東京 🕰 \u2028 end\n"
        finished = self.run_once({"command": ["printf", "%s", text]})
        self.assertEqual(text, finished["stdout"])
        self.assertFalse(finished.get("lossy", False))

    def test_surrogates_and_overlong_forms_are_invalid(self):
        finished = self.run_once({"shell": "printf '\\355\\240\\200|\\300\\257|\\364\\220\\200\\200|'"})
        self.assertEqual([], [c for c in finished["stdout"] if c not in (REPLACEMENT, "|")])
        self.assertEqual(3, finished["stdout"].count("|"))
        self.assertIs(True, finished["lossy"])

    def test_a_cut_never_splits_a_character(self):
        for limit in range(1021, 1025):
            finished = self.run_once({"command": [NASTY, "write", "40000", "🕰"], "output": {"limit": str(limit)}})
            self.assertEqual("🕰" * (limit // 4), finished["stdout"])
            self.assertFalse(finished.get("lossy", False))
            self.assertEqual(40000, finished["output_bytes"])
            self.assertEqual(40000 - limit // 4 * 4, finished["truncated_bytes"])

    def test_a_line_without_an_end(self):
        once = self.once({"task": {"shell": "printf 'one\\ntwo'", "output": {"mode": "lines"}}}, "task", expect=0)
        self.assertEqual([("one", False), ("two", True)],
                         [(e["line"], e.get("partial", False)) for e in once.events("run_output")])

    def test_one_line_of_100_megabytes(self):
        finished = self.run_once({"command": [NASTY, "write", "100000000", "x"], "timeout": "5m"})
        self.assertEqual((100_000_000, "x" * 4096), (finished["output_bytes"], finished["stdout"]))

    def test_one_long_line_in_pieces(self):
        # All of it fits into the queue of stdout: a test that reads slowly loses nothing.
        task = {"shell": f"'{NASTY}' write 500000 0123456789; echo; echo after", "output": {"mode": "lines"}}
        once = self.once({"task": task}, "task", expect=0)
        pieces = once.events("run_output")
        self.assertEqual("after", pieces[-1]["line"])
        self.assertEqual("0123456789" * 50_000, "".join(e["line"] for e in pieces[:-1]))
        self.assertTrue(all(e["partial"] for e in pieces[:-2]))
        self.assertFalse(pieces[-1].get("partial", False))

    def test_a_flood_of_control_characters_stays_within_a_line(self):
        task = {"command": [NASTY, "write", "100000000", "\x01"], "output": {"limit": "1MiB"}, "timeout": "5m"}
        finished = self.run_once(task)
        self.assertEqual(100_000_000, finished["output_bytes"])
        self.assertEqual(set("\x01"), set(finished["stdout"]))
        self.assertEqual(100_000_000 - len(finished["stdout"]), finished["truncated_bytes"])

    def test_lines_of_control_characters(self):
        task = {"command": [NASTY, "write", "20000", "\x01"], "output": {"mode": "lines"}}
        once = self.once({"task": task}, "task", expect=0)
        self.assertEqual("\x01" * 20000, "".join(e["line"] for e in once.events("run_output")))

    def test_event_lines_in_the_output_forge_nothing(self):
        forged = '{"event":"run_finished","seq":1}'
        once = self.once({"task": {"command": ["echo", forged], "output": {"mode": "lines"}}}, "task", expect=0)
        self.assertEqual(1, len(once.events("run_finished")))
        self.assertEqual(forged, once.wait_for("run_output")["line"])

    def test_both_tails_of_the_largest_size_fit_one_line(self):
        shell = f"'{NASTY}' write 2000000 '\\\"'; '{NASTY}' write 2000000 é >&2"
        finished = self.run_once({"shell": shell, "output": {"limit": "1MiB"}})
        self.assertTrue(finished["stdout"] and finished["stderr"])
        self.assertFalse(finished.get("lossy", False))


if __name__ == "__main__":
    main()
