#!/usr/bin/env python3
"""Adds up what the tests of a build directory reported: `totals.py BUILD`.

Counts test cases, not binaries: the numbers come from the lines that doctest, Python's unittest and run_e2e.py print
at their end, as meson recorded them. A test that failed without naming a failed case (it crashed, it hung) counts as
one failure, which is told in a line "failed: NAME". The last line is "N passed, N failed"; the exit code is 0 only if
something ran and nothing failed.
"""

import json
import re
import sys
from pathlib import Path

DOCTEST = re.compile(r"\[doctest\] test cases:\s*\d+ \|\s*(\d+) passed \|\s*(\d+) failed")
DOCTEST_NAMED = re.compile(r"^TEST CASE:\s+(.+)$", re.MULTILINE)
E2E = re.compile(r"^(\d+) passed, (\d+) failed", re.MULTILINE)
UNITTEST = re.compile(r"^Ran (\d+) tests? in ", re.MULTILINE)
UNITTEST_NAMED = re.compile(r"^(?:FAIL|ERROR): (.+)$", re.MULTILINE)
UNITTEST_BAD = re.compile(r"(?:failures|errors|unexpected successes)=(\d+)")
UNITTEST_SKIPPED = re.compile(r"skipped=(\d+)")


def cases(output):
    """(passed, failed) as one test's output tells it, or None where it tells nothing."""
    output = re.sub(r"\x1b\[[0-9;]*m", "", output)
    doctest = DOCTEST.findall(output)
    if doctest:
        return sum(int(p) for p, _ in doctest), sum(int(f) for _, f in doctest)
    e2e = E2E.findall(output)
    if e2e:
        return tuple(int(n) for n in e2e[-1])
    ran = UNITTEST.findall(output)
    if ran:
        summary = output[output.rindex("Ran "):]
        # A case that fails and whose clean-up fails too is told twice.
        named = set(UNITTEST_NAMED.findall(output))
        failed = len(named) or sum(int(n) for n in UNITTEST_BAD.findall(summary))
        skipped = sum(int(n) for n in UNITTEST_SKIPPED.findall(summary))
        return int(ran[-1]) - failed - skipped, failed
    return None


def tally(records):
    """Sums meson's test records into (passed, failed)."""
    passed = failed = 0
    for record in records:
        good = record["result"] in ("OK", "EXPECTEDFAIL")
        counted = cases(record.get("stdout", "") + "\n" + record.get("stderr", ""))
        if counted is None:
            counted = (1, 0) if good else (0, 1)
        if not good and counted[1] == 0:
            counted = (counted[0], 1)
        passed += counted[0]
        failed += counted[1]
    return passed, failed


def names(record):
    """The failed cases of one of meson's records, by name where their output tells it."""
    output = record.get("stdout", "") + "\n" + record.get("stderr", "")
    found = UNITTEST_NAMED.findall(output) or DOCTEST_NAMED.findall(output)
    return [f"{record['name']}: {name}" for name in dict.fromkeys(found)] or [record["name"]]


def main():
    log = Path(sys.argv[1]) / "meson-logs" / "testlog.json"
    lines = log.read_text().splitlines() if log.is_file() else []
    records = [json.loads(line) for line in lines]
    passed, failed = tally(records)
    for record in records:
        if record["result"] not in ("OK", "EXPECTEDFAIL"):
            print("\n".join("failed: " + name for name in names(record)))
    print(f"{passed} passed, {failed} failed")
    return 0 if passed > 0 and failed == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
