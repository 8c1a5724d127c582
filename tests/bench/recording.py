"""What the history costs, and how fast it is read: the parts `history` and `record` of run.py."""

import statistics
import subprocess
import tempfile
from pathlib import Path

RUNS = 10_000_000
RECORDED = 2_000

WRITES = {
    "write": "history: write a run, in batches of 500",
    "alone-normal": "history: write a run alone, durability normal",
    "alone-full": "history: write a run alone, durability full",
}
READS = {
    "last-50": "history: last 50 of all",
    "last-50-of-a-task": "history: last 50 of a task",
    "last-50-failed": "history: last 50 that failed",
    "last-50-since": "history: 50 since the middle",
}


def history(bench, row):
    """A file of RUNS runs, made by the program's own writer, on a disk and not in memory: a gigabyte, and what it takes to
    be there after a loss of power."""
    with tempfile.TemporaryDirectory(dir=Path(bench.taskrun).parent) as place:
        yield from measure(bench, row, Path(place) / "bench")


def measure(bench, row, directory):
    directory.mkdir()
    path = directory / "history.db"
    lines = subprocess.run([bench.history_rate, str(path), str(RUNS)], stdout=subprocess.PIPE, check=True, text=True).stdout
    figures = {name: float(value) for name, value in map(str.split, lines.splitlines())}
    for name, title in WRITES.items():
        yield row(title, "us", figures[name])
    yield row(f"history: bytes a run, of {RUNS}", "B", figures["bytes"], aim="<= 150")
    for name, title in READS.items():
        yield row(title, "ms", figures[name] / 1000, aim="< 20")
    command = [bench.taskrun, "history", "--state", str(directory.parent), "--instance", "bench"]
    # What it costs to start the program at all is the yardstick.
    for title, more in {"--limit 50": ["--limit", "50"], "TASK --limit 50": ["task-7", "--limit", "50"]}.items():
        ours, nothing = map(statistics.median, bench.turns(lambda more=more: bench.seconds(*command, *more),
                                                           lambda: bench.seconds(bench.taskrun, "--version")))
        yield row(f"taskrun history {title}, whole process", "ms", ours * 1000, nothing * 1000, aim="< 20")


def record(bench, row, moment):
    """Runs of a whole runner a second, two alive, each of a task of its own: without a history, with one, and with one
    that is on the disk before anything goes on. It is on a disk and not in memory."""
    with tempfile.TemporaryDirectory(dir=Path(bench.taskrun).parent) as place:
        tasks = {f"t{i}": {"command": [bench.tiny], "every": "1h", "run_at_start": True} for i in range(RECORDED)}
        manifest = bench.manifest(tasks, max_parallel=2)

        def rate(*flags):
            events = bench.events(bench.taskrun, "start", "--containment", bench.containment, "--for", "3s", *flags,
                                  manifest)
            first = next(e["time"] for e in events if e["event"] == "run_started")
            finished = [e["time"] for e in events if e["event"] == "run_finished"]
            return len(finished) / (moment(finished[-1]) - moment(first)).total_seconds()

        places = (f"{place}/{number}" for number in range(10**6))
        without, normal, full = map(statistics.median, bench.turns(
            lambda: rate("--no-state"),
            lambda: rate("--state", next(places)),
            lambda: rate("--state", next(places), "--durability", "full")))
        yield row("runs/s, 2 alive: with a history", "1/s", normal, without)
        yield row("runs/s, 2 alive: with --durability full", "1/s", full, without)
        yield row("history: a run's share of time", "us", 2e6 * (1 / normal - 1 / without), 2e6 / without)
