#!/usr/bin/env python3
"""Runs the end-to-end tests: `run_e2e.py [NAME…]` runs tests/e2e/*_test.py, or those whose name holds a NAME.

Each file is a process of its own, so that each is the subreaper of its own runners; two run at a time. A file's output
is shown where it failed. The last line is "N passed, N failed, N skipped", counted in test cases.
"""

import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

SUPPORT = Path(__file__).resolve().parent
TESTS = SUPPORT.parent / "e2e"
sys.path.insert(0, str(SUPPORT))

import oracle  # noqa: E402
import processes  # noqa: E402
from totals import cases  # noqa: E402

# A file that takes this long hangs.
LIMIT = 600.0


def run(path):
    """(path, output, seconds) of one test file."""
    started = time.monotonic()
    environment = dict(os.environ, PYTHONPATH=str(SUPPORT), PYTHONDONTWRITEBYTECODE="1")
    process = subprocess.Popen([sys.executable, str(path)], env=environment, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        output = process.communicate(timeout=LIMIT)[0].decode("utf-8", "replace")
    except subprocess.TimeoutExpired:
        for found in processes.carrying("no marker", process.pid):
            found.kill()
        os.killpg(process.pid, signal.SIGKILL)
        if oracle.own_cgroup():
            oracle.remove_groups(oracle.own_cgroup() / f"e2e-{process.pid}")
        output = process.communicate()[0].decode("utf-8", "replace")
        output += f"\n{path.name} did not end within {LIMIT:.0f} s\nRan 1 test in 0s\nFAILED (failures=1)\n"
    if process.returncode != 0 and (cases(output) or (0, 0))[1] == 0:
        output += f"\n{path.name} ended with {process.returncode}\nRan 1 test in 0s\nFAILED (errors=1)\n"
    return path, output, time.monotonic() - started


def main():
    names = sys.argv[1:]
    files = [f for f in sorted(TESTS.glob("*_test.py")) if not names or any(name in f.name for name in names)]
    passed = failed = skipped = 0
    reasons = set()
    with ThreadPoolExecutor(int(os.environ.get("E2E_JOBS", "2"))) as pool:
        for path, output, seconds in pool.map(run, files):
            good, bad = cases(output) or (0, 1)
            left_out = re.findall(r"skipped ['\"](.*)['\"]$", output, re.MULTILINE)
            reasons |= set(left_out)
            passed, failed, skipped = passed + good, failed + bad, skipped + len(left_out)
            print(f"{'FAIL' if bad else 'ok':<4}  {path.stem:<40} {good:>3} passed {bad:>2} failed  {seconds:6.1f} s",
                  flush=True)
            if bad:
                print(output, flush=True)
    for reason in sorted(reasons):
        print(f"skipped: {reason}")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
