"""What must hold after every end-to-end test, whatever the test was about: the rules of docs/events.md over all lines
of a runner, and nothing left in the control groups.

Each rule yields what is wrong, in words; an empty list is a clean bill.
"""

import atexit
import json
import os
import time
from collections import defaultdict
from pathlib import Path

import json_schema

# The order of keys in a line (docs/events.md). Keys that stand only in one event are listed where that event has them.
KEY_ORDER = [
    "time", "seq", "level", "event", "instance", "task", "task_id", "run_id", "attempt", "trigger", "scheduled_at",
    "started_at", "duration_ms", "lateness_ms", "outcome", "exit_code", "signal", "core_dumped", "killed_by", "final",
    "retry_in_ms", "pid", "cpu_user_ms", "cpu_system_ms", "max_rss_kib", "leftovers_killed", "stdout", "stderr",
    "output_bytes", "truncated_bytes", "output_complete", "result", "reason", "count", "next_run_at", "stream", "line",
    "partial", "msg",
]
RANK = {key: rank for rank, key in enumerate(KEY_ORDER)}

MAX_LINE = 16_000
OUTCOMES = ("success", "failure", "timeout", "error", "cancelled")
RESULT_EVENTS = {"run_finished", "run_skipped", "runner_started", "runner_stopping", "runner_stopped",
                 "events_dropped", "history_degraded", "history_restored", "manifest_reloaded", "manifest_rejected",
                 "clock_jumped"}


def parse(content):
    """(events, what is wrong with the lines as lines)."""
    wrong, events = [], []
    if content and not content.endswith(b"\n"):
        wrong.append(f"the last line is cut: {content[-80:]!r}")
    for number, line in enumerate(content.split(b"\n")[:-1], 1):
        if len(line) + 1 > MAX_LINE:
            wrong.append(f"line {number} has {len(line) + 1} bytes")
        try:
            event = json.loads(line.decode("utf-8"), object_pairs_hook=refuse_duplicates)
        except ValueError as reason:
            wrong.append(f"line {number} is not one JSON object in UTF-8 ({reason}): {line[:200]!r}")
            continue
        if not isinstance(event, dict):
            wrong.append(f"line {number} is no object: {line[:200]!r}")
            continue
        events.append(event)
    return events, wrong


def refuse_duplicates(pairs):
    keys = [key for key, _ in pairs]
    if len(set(keys)) != len(keys):
        raise ValueError(f"a key stands twice in {keys}")
    return dict(pairs)


def check_keys(events):
    for event in events:
        known = [key for key in event if key in RANK]
        if known != sorted(known, key=RANK.get):
            yield f"keys out of order in {event['event']}: {list(event)}"
        for key in event:
            if key != key.lower() or "." in key:
                yield f"key {key} is not snake_case"
        for key in ("time", "scheduled_at", "started_at", "next_run_at"):
            if event.get(key) is not None and not json_schema.is_utc_time(event[key]):
                yield f"{key} has a form of its own: {event[key]}"


def check_schema(events, schema):
    """Each line against the branch of the schema that its `event` names: `oneOf` over all would be slow by thousands."""
    branches = {branch["properties"]["event"]["const"]: branch for branch in schema["oneOf"]}
    validator = json_schema.Validator(schema)
    for event in events:
        branch = branches.get(event["event"])
        if branch is None:
            yield f"{event['event']} is no event of the schema"
            continue
        for error in validator.check(event, branch, "$"):
            yield f"{event['event']} (seq {event['seq']}): {error}"


def check_sequence(events):
    """seq goes up by one; a hole is explained by an events_dropped line that names it."""
    dropped = set()
    for event in events:
        if event["event"] == "events_dropped":
            dropped.update(range(event["from_seq"], event["to_seq"] + 1))
    expected = 1
    for event in events:
        while expected < event["seq"] and expected in dropped:
            expected += 1
        if event["seq"] != expected:
            yield f"seq {event['seq']} where {expected} was due"
            expected = event["seq"]
        expected += 1


def check_frame(events):
    """runner_started first, runner_stopped last, each once."""
    names = [event["event"] for event in events]
    if not names or names[0] != "runner_started" or names.count("runner_started") != 1:
        yield f"runner_started is not the first line: {names[:3]}"
    if not names or names[-1] != "runner_stopped" or names.count("runner_stopped") != 1:
        yield f"runner_stopped is not the last line: {names[-3:]}"


def check_runs(events):
    """One final line for each run and due time, attempts in order, nothing after the final line."""
    runs = defaultdict(list)
    for event in events:
        if "run_id" in event:
            runs[event["run_id"]].append(event)
    for run_id, lines in runs.items():
        finals = [e for e in lines if e["event"] == "run_skipped" or e["event"] == "run_finished" and e["final"]]
        if len(finals) != 1:
            yield f"run {run_id} has {len(finals)} final lines: {[e['event'] for e in lines]}"
        elif lines[-1] is not finals[0]:
            yield f"run {run_id}: {lines[-1]['event']} comes after its final line"
        yield from check_attempts(run_id, lines)
    due = defaultdict(set)
    for event in events:
        if event["event"] in ("run_finished", "run_skipped"):
            due[(event["task"], event["task_id"], event["scheduled_at"])].add(event["run_id"])
    for (task, _, scheduled_at), ids in due.items():
        if len(ids) > 1:
            yield f"due time {scheduled_at} of {task} was answered {len(ids)} times"


def check_attempts(run_id, lines):
    finished = [e for e in lines if e["event"] == "run_finished"]
    if [e.get("error") for e in finished] == ["runner died"]:
        return  # what came before was told by the runner that died
    if [e["attempt"] for e in finished] != list(range(1, len(finished) + 1)):
        yield f"run {run_id}: attempts {[e['attempt'] for e in finished]}"
    for event in finished:
        if event["final"] == ("retry_in_ms" in event):
            yield f"run {run_id}: retry_in_ms and final disagree in attempt {event['attempt']}"
        if event["attempt"] > 1 and event["trigger"] != "retry":
            yield f"run {run_id}: attempt {event['attempt']} has trigger {event['trigger']}"
    ids = {(e["task"], e["task_id"]) for e in lines}
    if len(ids) != 1:
        yield f"run {run_id} is of several tasks: {ids}"


def check_times(events):
    """Never early."""
    for event in events:
        if event["event"] == "run_started" and event["lateness_ms"] < 0:
            yield f"{event['task']} started {-event['lateness_ms']} ms before its time"
        if event["event"] == "run_finished" and event["duration_ms"] < 0:
            yield f"{event['task']} took {event['duration_ms']} ms"


def check_counts(events):
    """runner_stopped counts what the lines told."""
    if events[-1]["event"] != "runner_stopped" or any(e["event"] == "events_dropped" for e in events):
        return
    told = {outcome: 0 for outcome in (*OUTCOMES, "skipped")}
    for event in events:
        if event["event"] == "run_finished" and event["final"]:
            told[event["outcome"]] += 1
        elif event["event"] == "run_skipped":
            told["skipped"] += event.get("count", 1)
    counted = events[-1]["runs"]
    if counted != told:
        yield f"runner_stopped counts {counted}, the lines tell {told}"


def check_endings(events):
    """Outcome, exit code and signal fit each other."""
    for event in events:
        if event["event"] not in ("run_finished", "hook_finished"):
            continue
        what = f"{event['event']} of {event['task']}"
        if event["outcome"] == "error":
            if not event.get("error"):
                yield f"{what}: outcome error without a reason"
        elif ("exit_code" in event) == ("signal" in event) and "error" not in event:
            yield f"{what}: exactly one of exit_code and signal is due"
        if event["outcome"] == "timeout" and event.get("killed_by") != "timeout":
            yield f"{what}: a timeout that killed_by does not tell"


def check_secret(content, errors, canary):
    for name, text in (("stdout", content), ("stderr", errors)):
        if canary.encode() in text:
            yield f"a value of the environment stands on {name}"


def examine(process, canary, schema):
    """Everything that is wrong with what a runner printed."""
    content = process.output.content
    events, wrong = parse(content)
    if not events:
        return wrong  # it refused to start; the test has looked at the exit status
    complete = [e for e in events if isinstance(e.get("event"), str) and isinstance(e.get("seq"), int)]
    if len(complete) != len(events):
        return wrong + ["a line without event or seq"]
    wrong += check_schema(events, schema)
    if wrong:
        return wrong
    for rule in (check_keys, check_sequence, check_frame, check_runs, check_times, check_counts, check_endings):
        wrong += rule(events)
    wrong += check_secret(content, process.errors.content if process.errors else b"", canary)
    if "results" in process.arguments and "--events" in process.arguments:
        wrong += [f"{e['event']} under --events results" for e in events if e["event"] not in RESULT_EVENTS]
    return wrong


# Control groups. ----------------------------------------------------------------------------------------------------

def cgroup_mount():
    """Where cgroup v2 is mounted, or None."""
    with open("/proc/self/mountinfo") as file:
        for line in file:
            before, _, after = line.partition(" - ")
            if after.split()[0] == "cgroup2":
                return Path(before.split()[4])
    return None


def own_cgroup():
    """The directory of our own control group, or None."""
    mount = cgroup_mount()
    if mount is None:
        return None
    with open("/proc/self/cgroup") as file:
        for line in file:
            if line.startswith("0::"):
                return mount / line.strip()[3:].lstrip("/")
    return None


def cgroup_is_writable():
    own = own_cgroup()
    return own is not None and os.access(own, os.W_OK) and os.access(own / "cgroup.procs", os.W_OK)


def enter_own_cgroup():
    """Moves this process into a control group of its own, so that what a runner leaves there is its own doing. Leaves
    and removes it at exit."""
    if not cgroup_is_writable():
        return
    home = own_cgroup()
    group = home / f"e2e-{os.getpid()}"
    group.mkdir(exist_ok=True)  # one of a test that was killed may have had our number
    (group / "cgroup.procs").write_text(str(os.getpid()))

    def leave():
        (home / "cgroup.procs").write_text(str(os.getpid()))
        remove_groups(group)
    atexit.register(leave)


def remove_groups(group):
    """Ends what is in a control group and removes it, with those below it."""
    if not group.is_dir():
        return
    if (group / "cgroup.kill").exists():
        (group / "cgroup.kill").write_text("1")
    for directory, _, _ in os.walk(group, topdown=False):
        for _ in range(200):
            try:
                os.rmdir(directory)
                break
            except OSError:
                time.sleep(0.01)


def control_groups_left():
    """Control groups that runners have left below ours."""
    own = own_cgroup()
    if own is None or not own.name.startswith("e2e-"):
        return []
    return sorted(str(p) for p in own.iterdir() if p.is_dir())
