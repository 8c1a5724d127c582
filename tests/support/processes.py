"""Processes as /proc shows them: whose child, which marker in the environment, alive or a zombie."""

import os
import signal
from dataclasses import dataclass


@dataclass(frozen=True)
class Found:
    """A process that was there a moment ago."""
    pid: int
    parent: int
    state: str  # "R", "S", "Z" …
    name: str

    def kill(self):
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def __str__(self):
        return f"{self.name} (pid {self.pid}, child of {self.parent}, state {self.state}, {command_line(self.pid)})"


def look(pid):
    """The process, or None where there is none."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            text = file.read().decode("utf-8", "replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    name = text[text.index("(") + 1:text.rindex(")")]
    state, parent = text[text.rindex(")") + 2:].split()[:2]
    return Found(pid, int(parent), state, name)


def everything():
    found = [look(int(entry)) for entry in os.listdir("/proc") if entry.isdigit()]
    return [p for p in found if p is not None]


def children_of(pid):
    return {p.pid for p in everything() if p.parent == pid}


def environment_of(pid):
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            return file.read().split(b"\0")
    except OSError:
        return []


def command_line(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read().replace(b"\0", b" ").decode("utf-8", "replace").strip()
    except OSError:
        return "gone"


def carrying(marker, ancestor, aside=()):
    """Processes with `marker` in their environment, and every descendant of `ancestor`, zombies too, but for those below
    its children in `aside`: a server that serves more than one test."""
    processes = everything()
    by_parent = {}
    for process in processes:
        by_parent.setdefault(process.parent, []).append(process)
    found, queue = {}, list(by_parent.get(ancestor, []))
    while queue:
        process = queue.pop()
        if process.pid not in found and process.pid not in aside:
            found[process.pid] = process
            queue += by_parent.get(process.pid, [])
    wanted = marker.encode()
    for process in processes:
        if process.pid not in found and wanted in environment_of(process.pid):
            found[process.pid] = process
    return sorted(found.values(), key=lambda p: p.pid)


def reap_adopted(keep):
    """Reaps children that have ended, but for those in `keep`, whose Popen objects do it themselves."""
    for pid in children_of(os.getpid()) - set(keep):
        try:
            os.waitpid(pid, os.WNOHANG)
        except ChildProcessError:
            pass


def descriptors_of(pid):
    """Number of open descriptors."""
    return len(os.listdir(f"/proc/{pid}/fd"))


def status_of(pid):
    """/proc/PID/status as a dictionary."""
    with open(f"/proc/{pid}/status") as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)


def resident_kib(pid):
    return int(status_of(pid)["VmRSS"].split()[0])


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
