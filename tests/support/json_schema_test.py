#!/usr/bin/env python3
"""The schema validator refuses what it should: a validator that accepts everything would make every test green."""

import unittest

import json_schema
from totals import cases, tally

# (schema, values that fit, values that do not)
CASES = [
    ({"type": "integer"}, [1, 0, -3], [1.5, True, "1", None]),
    ({"type": ["string", "null"]}, ["", None], [0, []]),
    ({"enum": ["a", 1]}, ["a", 1], ["b", True]),
    ({"const": False}, [False], [0, None]),
    ({"type": "object", "required": ["a"]}, [{"a": None}], [{}, {"b": 1}]),
    ({"properties": {"a": {"type": "string"}}, "additionalProperties": False}, [{}, {"a": ""}], [{"a": 1}, {"b": 1}]),
    ({"patternProperties": {"^x-": True}, "additionalProperties": False}, [{"x-a": 1}], [{"a": 1}]),
    ({"additionalProperties": {"type": "integer"}}, [{"a": 1}], [{"a": "1"}]),
    ({"propertyNames": {"pattern": "^[a-z]+$"}}, [{"ab": 1}], [{"A": 1}]),
    ({"items": {"type": "integer"}, "minItems": 1, "uniqueItems": True}, [[1, 2]], [[], ["a"], [1, 1]]),
    ({"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}, [{"a": 1}, {"b": 1}], [{}, {"a": 1, "b": 1}]),
    ({"anyOf": [{"type": "string"}, {"minimum": 3}]}, ["x", 4], [2]),
    ({"not": {"required": ["a"]}}, [{}], [{"a": 1}]),
    ({"if": {"required": ["a"]}, "then": {"required": ["b"]}, "else": {"required": ["c"]}},
     [{"a": 1, "b": 1}, {"c": 1}], [{"a": 1}, {}]),
    ({"$defs": {"d": {"minLength": 2}}, "$ref": "#/$defs/d"}, ["ab"], ["a"]),
    ({"minimum": 0, "exclusiveMaximum": 5}, [0, 4.9], [-1, 5]),
    ({"dependentRequired": {"a": ["b"]}}, [{}, {"a": 1, "b": 2}], [{"a": 1}]),
    (False, [], [1]),
]


class JsonSchema(unittest.TestCase):
    def test_each_keyword_accepts_and_refuses(self):
        for schema, good, bad in CASES:
            for value in good:
                self.assertEqual([], json_schema.errors(value, schema), (schema, value))
            for value in bad:
                self.assertNotEqual([], json_schema.errors(value, schema), (schema, value))

    def test_an_unknown_keyword_is_told(self):
        with self.assertRaises(json_schema.UnknownKeyword):
            json_schema.errors({}, {"type": "object", "unheardOf": 1})

    def test_times_have_one_form(self):
        self.assertTrue(json_schema.is_utc_time("2026-02-03T04:05:06.000007Z"))
        for wrong in ("2026-02-03T04:05:06Z", "2026-02-03T04:05:06.000007+00:00", "2026-02-30T04:05:06.000007Z"):
            self.assertFalse(json_schema.is_utc_time(wrong), wrong)


class Totals(unittest.TestCase):
    def test_cases_are_counted_not_binaries(self):
        self.assertEqual((9, 1), cases("[doctest] test cases: 10 |  9 passed |  1 failed | 0 skipped\n"))
        self.assertEqual((5, 2), cases("5 passed, 2 failed, 1 skipped\n"))
        self.assertEqual((4, 2), cases("Ran 7 tests in 0.1s\n\nFAILED (failures=1, errors=1, skipped=1)\n"))
        self.assertEqual((2, 1), cases("FAIL: test_a (A.a)\nRan 3 tests in 1s\nFAILED (failures=1, errors=1)\n"))
        self.assertIsNone(cases("no totals here\n"))

    def test_a_crash_counts_as_a_failure(self):
        self.assertEqual((0, 1), tally([{"result": "FAIL", "stdout": "boom"}]))
        self.assertEqual((3, 1), tally([{"result": "TIMEOUT", "stdout": "3 passed, 0 failed\n"}]))
        self.assertEqual((1, 0), tally([{"result": "OK"}]))


if __name__ == "__main__":
    unittest.main()
