#!/usr/bin/env python3
"""The oracle finds what it should: each rule on a story that breaks it, and none on a story that does not."""

import copy
import unittest

import oracle

RUN = {"task": "t", "task_id": 1, "run_id": "r1", "attempt": 1, "trigger": "schedule",
       "scheduled_at": "2026-01-01T00:00:01.000000Z"}


def event(kind, **fields):
    return {"time": "2026-01-01T00:00:02.000000Z", "seq": 0, "level": "info", "event": kind, **fields, "msg": ""}


def finished(**fields):
    return event("run_finished", **{**RUN, "duration_ms": 1.5, "outcome": "success", "exit_code": 0, "final": True, **fields})


STORY = [
    event("runner_started", instance="i"),
    event("run_started", **RUN, lateness_ms=0.5),
    finished(),
    event("run_skipped", **{**RUN, "run_id": "r2", "scheduled_at": "2026-01-01T00:00:02.000000Z"}, reason="overlap", count=3),
    event("runner_stopped", instance="i",
          runs={"success": 1, "failure": 0, "timeout": 0, "error": 0, "cancelled": 0, "skipped": 3}),
]
RULES = (oracle.check_keys, oracle.check_sequence, oracle.check_frame, oracle.check_runs, oracle.check_times,
         oracle.check_counts, oracle.check_endings)


def numbered(story):
    story = copy.deepcopy(story)
    for number, line in enumerate(story, 1):
        line["seq"] = number
    return story


class Oracle(unittest.TestCase):
    def found(self, story):
        return [wrong for rule in RULES for wrong in rule(story)]

    def assert_found(self, story, part):
        found = self.found(story)
        self.assertTrue(any(part in wrong for wrong in found), found)

    def test_a_good_story_has_nothing_wrong(self):
        self.assertEqual([], self.found(numbered(STORY)))

    def test_a_hole_in_seq(self):
        story = numbered(STORY)
        story[-1]["seq"] += 1
        self.assert_found(story, "seq 6 where 5 was due")

    def test_a_hole_that_is_explained(self):
        story = numbered(STORY)
        story.insert(3, event("events_dropped", instance="i", from_seq=4, to_seq=7))
        story[3]["seq"], story[4]["seq"], story[5]["seq"] = 8, 9, 10
        self.assertEqual([], self.found(story))

    def test_a_line_after_the_last(self):
        self.assert_found(numbered(STORY + [event("task_added", task="t", task_id=1)]), "runner_stopped is not the last")

    def test_two_final_lines(self):
        self.assert_found(numbered(STORY[:3] + [finished()] + STORY[3:]), "2 final lines")

    def test_a_run_without_a_final_line(self):
        self.assert_found(numbered(STORY[:2] + STORY[3:]), "0 final lines")

    def test_a_line_of_a_run_after_its_end(self):
        late = event("run_output", **RUN, stream="stdout", line="x")
        self.assert_found(numbered(STORY[:3] + [late] + STORY[3:]), "comes after its final line")

    def test_a_due_time_answered_twice(self):
        again = finished(run_id="r9")
        self.assert_found(numbered(STORY[:3] + [again] + STORY[3:]), "was answered 2 times")

    def test_a_start_before_its_time(self):
        story = numbered(STORY)
        story[1]["lateness_ms"] = -0.1
        self.assert_found(story, "before its time")

    def test_attempts_that_do_not_count_up(self):
        story = numbered(STORY[:2] + [finished(attempt=2, trigger="retry")] + STORY[3:])
        self.assert_found(story, "attempts [2]")

    def test_a_retry_that_is_not_announced(self):
        story = numbered(STORY[:2] + [finished(final=False), finished(attempt=2, trigger="retry")] + STORY[3:])
        self.assert_found(story, "retry_in_ms and final disagree")

    def test_counts_that_differ_from_the_lines(self):
        story = numbered(STORY)
        story[-1]["runs"]["success"] = 2
        self.assert_found(story, "runner_stopped counts")

    def test_keys_out_of_order(self):
        story = numbered(STORY)
        story[2] = {"seq": 3, **{k: v for k, v in story[2].items() if k != "seq"}}
        self.assert_found(story, "keys out of order")

    def test_an_ending_without_exit_code_and_signal(self):
        self.assert_found(numbered(STORY[:2] + [finished(signal="SIGTERM")] + STORY[3:]), "exactly one of exit_code")

    def test_lines_that_are_none(self):
        for content, part in ((b'{"a":1}\n{"b"', "cut"), (b'{"a":1,"a":2}\n', "twice"), (b'[1]\n', "no object"),
                              (b'{"a":"\xff"}\n', "UTF-8"), (b'{"a":"' + b"x" * 16_000 + b'"}\n', "bytes")):
            wrong = oracle.parse(content)[1]
            self.assertTrue(any(part in w for w in wrong), (content[:20], wrong))

    def test_a_secret_in_a_line(self):
        self.assertEqual(1, len(list(oracle.check_secret(b'{"msg":"canary-1"}', b"", "canary-1"))))

    def test_lines_that_break_the_schema(self):
        schema = {"oneOf": [{"properties": {"event": {"const": "a"}, "n": {"type": "integer"}}, "required": ["n"]}]}
        story = [{"event": "a", "seq": 1, "n": 1}, {"event": "a", "seq": 2}, {"event": "b", "seq": 3}]
        self.assertEqual(2, len(list(oracle.check_schema(story, schema))))


if __name__ == "__main__":
    unittest.main()
