#!/usr/bin/env python3
"""Shows event lines as people read them: `follow.py COMMAND…` runs a taskrun command and follows its stdout.

It is also the shortest example of a program that reads the lines: each is one JSON object, `event` says what it is.
"""

import json
import subprocess
import sys
from datetime import datetime

COLOURS = {"success": "32", "failure": "31", "timeout": "31", "error": "31", "cancelled": "33", "skipped": "33"}


def coloured(word, width):
    text = f"{word:<{width}}"
    return f"\x1b[{COLOURS[word]}m{text}\x1b[0m" if sys.stdout.isatty() and word in COLOURS else text


def first_line(event):
    text = (event.get("stdout") or event.get("stderr") or "").strip()
    return text.splitlines()[0] if text else ""


def ending(event):
    """How it ended, in words."""
    parts = []
    if "error" in event:
        parts.append(event["error"])
    elif "signal" in event:
        parts.append(f"ended by {event['signal']}")
    elif event.get("exit_code"):
        parts.append(f"exit code {event['exit_code']}")
    if event.get("leftovers_killed"):
        parts.append(f"{event['leftovers_killed']} left-over process(es) ended")
    if "retry_in_ms" in event:
        parts.append(f"next attempt in {event['retry_in_ms']:.0f} ms")
    if first_line(event):
        parts.append(f'said "{first_line(event)}"')
    return "; ".join(parts)


def describe(event):
    """One line for people, or None for what they need not see."""
    kind = event["event"]
    if kind == "runner_started":
        return f"runner {event['version']} started: {event['tasks']} tasks, containment {event['containment']}"
    if kind == "run_finished":
        name = event["task"] + (f" (attempt {event['attempt']})" if event["attempt"] > 1 else "")
        return f"{name:<20} {coloured(event['outcome'], 9)} {event['duration_ms']:8.0f} ms  {ending(event)}"
    if kind == "run_skipped":
        return f"{event['task']:<20} {coloured('skipped', 9)} {'':8}     {event['reason']}"
    if kind == "hook_finished":
        name = event["task"] + " " + event["hook"]
        return f"{name:<20} {coloured(event['outcome'], 9)} {event['duration_ms']:8.0f} ms  {ending(event)}"
    if kind == "kill_sent":
        return f"{event['task']:<20} {event['signal']} sent to its whole process tree: {event['killed_by']}"
    if kind == "runner_stopped":
        return "runner stopped: " + ", ".join(f"{n} {what}" for what, n in event["runs"].items() if n)
    return None


def main():
    command = sys.argv[1:]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as runner:
        for line in runner.stdout:
            event = json.loads(line)
            text = describe(event)
            if text:
                clock = datetime.fromisoformat(event["time"].replace("Z", "+00:00")).astimezone()
                print(f"{clock:%H:%M:%S}.{clock.microsecond // 1000:03d}  {text.rstrip()}", flush=True)
    return runner.returncode


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
