"""What the history costs, and how fast it is read: the part `history` of run.py."""

import statistics
import subprocess
import tempfile
from pathlib import Path

RUNS = 10_000_000

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
