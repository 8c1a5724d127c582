#!/usr/bin/env python3
"""The benchmarks of docs/performance.md: run.py [PART…] [--build DIR] [--out FILE] [--rounds N].

Parts: rate, spread, burst, idle, once, cron, step, year, ask, pests, scrape, reload, history, record, billing. Each is
measured against a raw vfork+exec+wait loop (raw_loop.cc), timeout(1) or something else that does no more than it must, in the same run, in
turns, because ratios say more than figures on a machine that does other things too. Prints a table and writes everything it measured as JSON; it judges nothing, so its exit code is 0 whatever came out.
"""

import argparse
import contextlib
import json
import os
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

import asking
import charging
import recording

ROOT = Path(__file__).resolve().parent.parent.parent


class Bench:
    """Where things are, and how to run them."""

    def __init__(self, build, scratch, rounds, containment):
        self.taskrun = str(build / "taskrun")
        self.containment = containment
        self.raw = str(build / "tests" / "bench" / "raw_loop")
        self.sim = str(build / "tests" / "sim" / "sim")
        self.tiny = str(build / "tests" / "bench" / "tiny")
        self.clock_step = str(build / "tests" / "bench" / "clock_step")
        self.history_rate = str(build / "tests" / "bench" / "history_rate")
        self.cron_rate = str(build / "tests" / "bench" / "cron_rate")
        self.scratch = Path(scratch)
        self.rounds = rounds

    def runner(self, command, *arguments):
        state = ["--state", str(self.scratch / "state")] if command == "start" else []
        return [self.taskrun, command, "--containment", self.containment, *state, *arguments]

    def manifest(self, tasks, **top):
        path = self.scratch / "taskrun.json"
        path.write_text(json.dumps({"version": 1, **top, "tasks": tasks}))
        return str(path)

    def seconds(self, *command):
        """Wall time of a whole process; its stdout goes to a file, as a log would."""
        with open(self.scratch / "stdout", "wb") as out:
            begin = time.perf_counter()
            subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out, check=True)
            return time.perf_counter() - begin

    def events(self, *command):
        """The lines of a runner that ends by itself."""
        self.seconds(*command)
        with open(self.scratch / "stdout", encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]

    def raw_figures(self, *arguments):
        told = subprocess.run([self.raw, *map(str, arguments)], capture_output=True, text=True, check=True)
        return [float(line) for line in told.stdout.split()]

    def turns(self, *measures):
        """Calls each measure in every round, in turns; the results of each."""
        results = [[] for _ in measures]
        for _ in range(self.rounds):
            for measure, result in zip(measures, results):
                result.append(measure())
        return results


def moment(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def row(name, unit, taskrun, against=None, aim="", **more):
    ratio = taskrun / against if against else None
    return {"name": name, "unit": unit, "taskrun": taskrun, "against": against, "ratio": ratio, "aim": aim, **more}


# Runs per second, from the first start to the last end: what reading the manifest takes is no part of it. --------------

RATE_RUNS = 4000


def rate(bench):
    for name, program, aim in (("/bin/true", "/bin/true", ">= 0.90"),
                               ("tiny static program", bench.tiny, ">= 0.70")):
        manifest = bench.manifest({f"t{i}": {"command": [program]} for i in range(RATE_RUNS)}, max_parallel=2)

        def ours():
            events = bench.events(*bench.runner("once", "--all", "--quiet", "--jobs", "2", "-m", manifest))
            first = next(e["time"] for e in events if e["event"] == "run_started")
            last = [e["time"] for e in events if e["event"] == "run_finished"][-1]
            return RATE_RUNS / (moment(last) - moment(first)).total_seconds()

        def raw():
            return RATE_RUNS / bench.raw_figures("rate", RATE_RUNS, 2, program)[0]

        mine, theirs = bench.turns(ours, raw)
        yield row(f"runs/s, 2 alive: {name}", "1/s", statistics.median(mine), statistics.median(theirs), aim,
                  all=mine, against_all=theirs)


# Start lateness. ------------------------------------------------------------------------------------------------------

def lateness_of(events, task_prefix=""):
    return [e["lateness_ms"] for e in events if e["event"] == "run_started" and e["task"].startswith(task_prefix)]


def spread_tasks(bench, starts_per_second):
    """Of different periods around 100 ms, so that they are not due together for long."""
    periods = [60 + 80 * (i * 0.618034 % 1) for i in range(starts_per_second // 10)]
    scale = sum(1 / p for p in periods) * 1e9 / starts_per_second
    return {f"t{i}": {"every": f"{p * scale:.0f}ns", "command": [bench.tiny]} for i, p in enumerate(periods)}


def spread(bench):
    """A hundred tasks; the first second, where their phases are still alike, does not count."""
    manifest = bench.manifest(spread_tasks(bench, 1_000))

    def ours():
        events = bench.events(*bench.runner("start", "--for", "5s", manifest))
        settled = moment(next(e["time"] for e in events if e["event"] == "run_started")) + timedelta(seconds=1)
        return lateness_of(e for e in events if moment(e["time"]) > settled)

    mine, theirs = bench.turns(ours, lambda: bench.raw_figures("pace", 4000, 1000, bench.tiny))
    for share, aim in ((0.50, ""), (0.99, "< 1 ms")):
        yield row(f"lateness at 1,000 starts/s: p{share * 100:.0f}", "ms",
                  statistics.median(percentile(values, share) for values in mine),
                  statistics.median(percentile(values, share) for values in theirs), aim,
                  starts_per_second=[len(values) / 4 for values in mine])


def burst(bench):
    tasks = {f"t{i}": {"every": "1500ms", "shell": "true"} for i in range(500)}
    manifest = bench.manifest(tasks, max_parallel=500)

    def ours():
        events = bench.events(*bench.runner("start", "--for", "2900ms", manifest))
        due = min(e["scheduled_at"] for e in events if e["event"] == "run_started")
        return lateness_of(e for e in events if e.get("scheduled_at") == due)

    mine, theirs = bench.turns(ours, lambda: bench.raw_figures("burst", 500, "/bin/sh", "-c", "true"))
    for share in (0.50, 0.99):
        yield row(f"burst of 500 sh -c true: p{share * 100:.0f}", "ms",
                  statistics.median(percentile(values, share) for values in mine),
                  statistics.median(percentile(values, share) for values in theirs), "<= 1.25")


# 100,000 idle tasks. --------------------------------------------------------------------------------------------------

def status(pid):
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {key: value.split()[0] for key, _, value in (line.partition(":") for line in lines) if value.split()}


def effort(pid):
    """(processor seconds, wake-ups) so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    now = status(pid)
    return ((int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"),
            int(now["voluntary_ctxt_switches"]) + int(now["nonvoluntary_ctxt_switches"]))


class Runner:
    """A running runner; both its processes are looked at."""

    def __init__(self, bench, manifest, events="results"):
        self.stdout = bench.scratch / "stdout"
        self.socket = bench.scratch / "socket"
        self.command = bench.runner("start", "--events", events, "--socket", self.socket, manifest)

    def __enter__(self):
        with open(self.stdout, "wb") as out:
            begin = time.perf_counter()
            self.keeper = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=out)
        while b"\n" not in (text := self.stdout.read_bytes()):
            time.sleep(0.001)
        self.load = time.perf_counter() - begin
        self.pids = sorted({json.loads(text.splitlines()[0])["pid"], self.keeper.pid}, reverse=True)
        return self

    def __exit__(self, *_):
        self.keeper.send_signal(signal.SIGTERM)
        self.keeper.wait()

    def effort(self):
        return [sum(each) for each in zip(*(effort(pid) for pid in self.pids))]

    def resident(self):
        """MiB of the daemon and of the keeper."""
        return [int(status(pid)["VmRSS"]) / 1024 for pid in self.pids]


class IdleRunner(Runner):
    """Of tasks that are not due."""

    def __enter__(self):
        super().__enter__()
        while (before := self.effort()) != (time.sleep(0.2), self.effort())[1]:
            pass  # until it has settled
        self.settled = before
        return self


# Due once a year, in March, when nobody measures.
def yearly(number):
    return {"cron": f"{number % 60} {number // 60 % 24} {number % 27 + 1} 3 *", "timezone": "Europe/Berlin"}


def idle(bench):
    for kind, schedule in (("idle tasks", lambda _: {"every": "24h"}), ("idle cron tasks", yearly)):
        yield from idle_tasks(bench, kind, schedule)


def idle_tasks(bench, kind, schedule):
    count, watched = 100_000, 5
    manifest = bench.manifest({f"task-{i:06}": {"command": ["/bin/true", str(i)], **schedule(i)} for i in range(count)})
    loads, sizes, efforts = [], [], []
    for _ in range(bench.rounds):
        with IdleRunner(bench, manifest) as runner:
            time.sleep(watched)
            loads.append(runner.load)
            sizes.append(runner.resident())
            efforts.append([now - before for now, before in zip(runner.effort(), runner.settled)])
    yield row(f"100,000 {kind}: load", "s", min(loads), aim="< 1 s", all=loads)
    yield row(f"100,000 {kind}: resident", "MiB", max(size[0] for size in sizes),
              aim="< 60 MiB" if kind == "idle tasks" else "",
              with_keeper=[sum(size) for size in sizes])
    yield row(f"100,000 {kind}: processor in {watched} s", "ms", max(e[0] for e in efforts) * 1000, aim="0")
    yield row(f"100,000 {kind}: wake-ups in {watched} s", "", max(e[1] for e in efforts), aim="0")


# One task, whole process. ---------------------------------------------------------------------------------------------

def once(bench):
    manifest = bench.manifest({"true-task": {"command": ["/bin/true"]}})
    mine, theirs = [], []
    for _ in range(40 * bench.rounds):
        mine.append(bench.seconds(*bench.runner("once", "true-task", "--quiet", "-m", manifest)) * 1000)
        theirs.append(bench.seconds("timeout", "10", "/bin/true") * 1000)
    yield row("once true-task; timeout 10 /bin/true", "ms", statistics.median(mine), statistics.median(theirs))
    yield row("once true-task: longer by", "ms", statistics.median(a - b for a, b in zip(mine, theirs)),
              aim="< 4 ms")


# Due times. ----------------------------------------------------------------------------------------------------------

def cron(bench):
    """cron_rate prints a name, our figure, and that of a search from minute to minute where there is one."""
    told = [subprocess.run([bench.cron_rate], capture_output=True, text=True, check=True).stdout.splitlines()
            for _ in range(bench.rounds)]
    for lines in zip(*told):
        cells = [line.split("\t") for line in lines]
        name, is_cost = cells[0][0], cells[0][0].startswith("refuse")
        ours = min(float(cell[1]) for cell in cells) if is_cost else max(float(cell[1]) for cell in cells) / 1000
        theirs = max(float(cell[2]) for cell in cells) / 1000 if cells[0][2] else None
        yield row(f"cron: {name}", "us" if is_cost else "1000/s", ours, theirs,
                  aim="< 1000 us" if is_cost else "> 20")


# The engine alone, in made-up time. -----------------------------------------------------------------------------------

def step(bench):
    """clock_step prints what was done to the clock, the milliseconds it took, and how much followed."""
    told = [subprocess.run([bench.clock_step, "100000"], capture_output=True, text=True, check=True).stdout.splitlines()
            for _ in range(bench.rounds)]
    for lines in zip(*told):
        name, _, actions = lines[0].split("\t")
        taken = [float(line.split("\t")[1]) for line in lines]
        yield row(f"100,000 cron tasks, clock set {name}", "ms", statistics.median(taken), all=taken, actions=int(actions))


def year(bench):
    tasks = 1_000
    told = subprocess.run([bench.sim, "year", str(tasks)], capture_output=True, text=True, check=True).stdout.split()
    yield row(f"a year of {tasks:,} tasks in the simulator", "s", float(told[2]), aim="< 30 s", starts=int(told[0]))


# The socket. ----------------------------------------------------------------------------------------------------------

def ask(bench):
    """What a runner of 10,000 tasks answers, one request after the other on one connection; a parrot says the same."""
    manifest = bench.manifest({f"task-{i:05}": {"command": ["/bin/true"], "every": "24h"} for i in range(10_000)})
    for target, count in (("/v1/runner", 5_000), ("/v1/tasks/task-05000", 5_000), ("/v1/tasks", 50)):
        with IdleRunner(bench, manifest) as runner, \
                asking.Parrot(bench.scratch / "parrot", asking.example(runner.socket, target)) as parrot:
            mine, theirs = bench.turns(lambda: asking.seconds_of(runner.socket, target, count),
                                       lambda: asking.seconds_of(parrot.path, target, count))
        yield row(f"GET {target}, 10,000 tasks", "1/s", *(max(count / sum(taken) for taken in each)
                                                        for each in (mine, theirs)))
        yield row(f"GET {target}: p99", "ms", *(statistics.median(percentile(taken, 0.99) for taken in each) * 1000
                                                for each in (mine, theirs)))


def idle_ones(bench, count):
    """Tasks that make what is asked for long."""
    return {f"idle-{i:05}": {"every": "24h", "command": [bench.tiny]} for i in range(count)}


def lateness_beside(bench, name, others, client):
    """How late 200 starts a second are while somebody asks, against the same without."""
    manifest = bench.manifest(spread_tasks(bench, 200) | others)

    def lateness(asker):
        with Runner(bench, manifest, "all") as runner:
            time.sleep(2)  # their phases are alike in the beginning
            with asker(runner.socket):
                time.sleep(5)
        with open(runner.stdout, encoding="utf-8") as lines:
            return lateness_of(e for e in map(json.loads, lines) if not e.get("task", "").startswith("idle"))[2 * 200:]

    alone, beset = bench.turns(lambda: lateness(lambda _: contextlib.nullcontext()), lambda: lateness(client))
    for share, aim in ((0.50, ""), (0.99, "< 100 ms"), (1.00, "< 100 ms")):
        yield row(f"lateness beside {name}: p{share * 100:.0f}", "ms",
                  *(statistics.median(percentile(values, share) for values in each) for each in (beset, alone)), aim)


def pests(bench):
    """64 clients that do their worst."""
    yield from lateness_beside(bench, "64 bad clients", idle_ones(bench, 1_000), asking.Pests)


def scrape(bench):
    """The metrics of 10,000 tasks: their size, how long they take, and what they cost the others."""
    others = idle_ones(bench, 10_000)
    with IdleRunner(bench, bench.manifest(others)) as runner:
        text = asking.example(runner.socket, "/metrics")
        with asking.Parrot(bench.scratch / "parrot", text) as parrot:
            mine, theirs = bench.turns(lambda: asking.seconds_of(runner.socket, "/metrics", 10),
                                       lambda: asking.seconds_of(parrot.path, "/metrics", 10))
    yield row("GET /metrics, 10,000 tasks: size", "MB", len(text) / 1e6)
    for share in (0.50, 0.99):
        yield row(f"GET /metrics: p{share * 100:.0f}", "ms",
                  *(statistics.median(percentile(taken, share) for taken in each) * 1000 for each in (mine, theirs)))
    yield from lateness_beside(bench, "scrapes", others, asking.Scraper)


def reload(bench):
    """A running runner reads its manifest of 100,000 tasks again, in which one has changed; `check` reads it, too."""
    def write(turn):
        tasks = {f"task-{i:06}": {"command": ["/bin/true", str(i)], "every": "24h"} for i in range(100_000)}
        tasks["task-050000"]["command"] = ["/bin/true", f"turn {turn}"]
        return bench.manifest(tasks)

    turns, changed = iter(range(1, 1 + bench.rounds)), []
    with IdleRunner(bench, write(0)) as runner:
        def again():
            write(next(turns))
            begin = time.perf_counter()
            status, answer = asking.ask(runner.socket, "POST", "/v1/reload")
            assert status == 200, answer
            changed.append(answer)
            return time.perf_counter() - begin
        mine, theirs = bench.turns(again, lambda: bench.seconds(bench.taskrun, "check", str(bench.scratch / "taskrun.json")))
    yield row("100,000 tasks, one changed: reload; check", "s", statistics.median(mine), statistics.median(theirs),
              answers=changed)


# Billing. -------------------------------------------------------------------------------------------------------------

def billing(bench):
    for where, mine, theirs in charging.rates(bench):
        yield row(f"instances billed/s: {where}", "1/s", statistics.median(mine), statistics.median(theirs), all=mine,
                  against_all=theirs)


PARTS = {part.__name__: part for part in (rate, spread, burst, idle, once, cron, step, year, ask, pests, scrape, reload,
                                          billing)}
PARTS["history"] = lambda bench: recording.history(bench, row)
PARTS["record"] = lambda bench: recording.record(bench, row, moment)


# The table. -----------------------------------------------------------------------------------------------------------

def figure(value):
    if value is None:
        return ""
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if 0 < value < 10 else f"{value:.1f}" if value % 1 else f"{value:.0f}"


def show(found):
    unit = f" [{found['unit']}]" if found["unit"] else ""
    ratio = "" if found["ratio"] is None else f"{found['ratio']:.2f}" if found["ratio"] < 1000 else f"{found['ratio']:,.0f}"
    print(f"{found['name'] + unit:<44.44}{figure(found['taskrun']):>8}{figure(found['against']):>8}{ratio:>7}"
          f"  {found['aim']}".rstrip(), flush=True)


def main():
    parser = argparse.ArgumentParser(description="The benchmarks of docs/performance.md.")
    parser.add_argument("parts", nargs="*", metavar="PART", help="of " + ", ".join(PARTS) + "; all by default")
    parser.add_argument("--build", type=Path, default=ROOT / "build", help="the build directory")
    parser.add_argument("--out", type=Path, help="where the JSON goes; BUILD/bench.json by default")
    parser.add_argument("--containment", choices=["auto", "cgroup", "subreaper"], default="auto")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is measured, in turns")
    options = parser.parse_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    machine = {"kernel": platform.release(), "processors": os.cpu_count(), "load": os.getloadavg()[0]}
    print(f"Linux {machine['kernel']}, {machine['processors']} processors, load {machine['load']:.2f} before; "
          f"{options.rounds} rounds\n")
    print(f"{'':<44}{'taskrun':>8}{'against':>8}{'ratio':>7}  aim")
    rows = []
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as scratch:
        bench = Bench(options.build.resolve(), scratch, options.rounds, options.containment)
        for name in options.parts or PARTS:
            for found in PARTS[name](bench):
                rows.append({"part": name, **found})
                show(rows[-1])
    out = options.out or options.build / "bench.json"
    out.write_text(json.dumps({"machine": machine, "containment": options.containment, "rounds": options.rounds,
                               "rows": rows}, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
