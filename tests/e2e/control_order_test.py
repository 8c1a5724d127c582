"""P4: eight clients add, remove, pause, resume, trigger and ask for the same few names, 100,000 times, and while the runner
stops. What they saw is linearizable, name by name; ids go to the one that was free longest; every run has one final line;
and nothing of a task that was removed touches the one that has its id or its name now."""

import collections
import json
import random
import selectors
import time
from typing import NamedTuple, Optional

from control_socket import ask, connect
from linearizability import Operation, first_contradiction
from taskrun_harness import SANITIZED, RunnerTest, main

CLIENTS = 8
NAMES = ("a", "b", "c", "d", "e")
# A sanitized runner, and the processes that it starts, are about eight times as slow.
SLOWER = 8 if SANITIZED else 1
OPERATIONS = 100_000 // SLOWER
WHILE_STOPPING = OPERATIONS // 50

ANCHOR = {"shell": "echo up > up; while [ ! -e go ]; do sleep 0.05; done", "every": "1h", "timeout": "10m"}
DEFINITIONS = [{"command": ["true"], "every": "1h"}, {"shell": "sleep 0.01", "every": "1h", "grace": "20ms"}]
KINDS = {"get": 33, "add": 24, "remove": 9, "remove_now": 6, "trigger": 9, "pause": 9, "resume": 10}


# What a name is, and what each request makes of it. -----------------------------------------------------------------

class Name(NamedTuple):
    """One name of a runner: what a request can see of it."""
    is_stopping: bool = False
    phase: str = "absent"  # "alive", "ending": removed, but a run of it is still alive
    task_id: Optional[int] = None
    is_paused: bool = False
    has_run: bool = False


def settled(name):
    """The name as it is, and as it is once its run has ended, which may be at any moment."""
    yield name
    if name.has_run:
        gone = name.phase == "ending"
        yield Name(is_stopping=name.is_stopping) if gone else name._replace(has_run=False)


def step(name, what):
    kind, status, answer = what
    if status is None:  # no answer: whatever it could have been
        yield from unanswered(name, kind)
        return
    for now in settled(name):
        yield from STEPS[kind](now, status, answer)


def unanswered(name, kind):
    for now in settled(name):
        if kind == "stop":
            yield now._replace(is_stopping=True)
        elif now.phase != "absent" and kind in ("pause", "resume"):
            yield now._replace(is_paused=kind == "pause")
        elif now.phase != "absent" and kind.startswith("remove"):
            yield now._replace(phase="ending")
        else:  # asked while the runner stops: nothing is added, nothing starts
            yield now


def absent(now, status):
    if status == 404 and now.phase == "absent":
        yield now


def is_it(now, answer):
    return now.phase != "absent" and now.task_id == answer["task_id"]


def get(now, status, answer):
    yield from absent(now, status)
    if status == 200 and is_it(now, answer) and now.is_paused == answer["paused"]:
        if now.has_run == bool(answer["runs"]) and (now.phase == "ending") == (answer["state"] == "removed"):
            yield now


def add(now, status, answer):
    if status == 201 and now.phase == "absent" and not now.is_stopping:
        counts = answer["counts"].values()
        if answer["last_run"] is None and not any(counts) and not answer["runs"]:  # nothing of a former task
            yield Name(phase="alive", task_id=answer["task_id"])
    if status == 409 and now.phase != "absent" and not now.is_stopping:
        yield now
    if status == 503 and now.is_stopping:
        yield now


def remove(now, status, answer):
    yield from absent(now, status)
    if status != 200 or not is_it(now, answer):
        return
    stays = now.has_run or now.is_stopping  # a stopping runner keeps a task until its own end
    if answer["gone"] and not stays:
        yield Name(is_stopping=now.is_stopping)
    if not answer["gone"] and stays:
        yield now._replace(phase="ending")


def after_the_end(now, status):
    """Of a runner that has told its last line there is nothing to change."""
    if status == 503 and now.is_stopping:
        yield now


def pause(now, status, answer):
    yield from absent(now, status)
    yield from after_the_end(now, status)
    if status == 200 and is_it(now, answer) and answer["paused"]:
        yield now._replace(is_paused=True)


def resume(now, status, answer):
    yield from absent(now, status)
    yield from after_the_end(now, status)
    if status == 200 and is_it(now, answer) and not answer["paused"]:
        yield now._replace(is_paused=False)


def trigger(now, status, answer):
    """The refusals are looked at in the order: absent, stopping, paused, overlap."""
    reason = answer["error"]["code"] if status >= 400 else None
    if reason == "unknown_task" and (now.phase == "absent" or (now.phase == "ending" and not now.is_stopping)):
        yield now
    if now.phase == "absent":
        return
    if now.is_stopping:
        if reason == "stopping":
            yield now
    elif now.phase == "alive":
        if reason == "paused" and now.is_paused:
            yield now
        if reason == "overlap" and not now.is_paused and now.has_run:
            yield now
        if status == 200 and is_it(now, answer) and not now.is_paused and not now.has_run:
            yield now._replace(has_run=True)


def stop(now, status, answer):
    if status == 200:
        yield now._replace(is_stopping=True)


STEPS = {"get": get, "add": add, "remove": remove, "remove_now": remove, "pause": pause, "resume": resume,
         "trigger": trigger, "stop": stop}


# The clients. -------------------------------------------------------------------------------------------------------

def request_of(kind, name, chance):
    """The bytes of a request."""
    if kind == "add":
        body = json.dumps({"name": name, "task": chance.choice(DEFINITIONS)})
        return f"POST /v1/tasks HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
    method, path = {"get": ("GET", ""), "remove": ("DELETE", ""), "remove_now": ("DELETE", "?stop=true"),
                    "pause": ("POST", "/pause"), "resume": ("POST", "/resume"), "trigger": ("POST", "/trigger")}[kind]
    return f"{method} /v1/tasks/{name}{path} HTTP/1.1\r\n\r\n".encode()


class Client:
    """One connection with one request under way."""

    def __init__(self, number, path):
        self.number = number
        self.peer = connect(path)
        self.received = b""
        self.under_way = None  # (kind, name, begin)

    def fileno(self):
        return self.peer.fileno()

    def ask(self, kind, name, content):
        self.under_way = (kind, name, time.monotonic_ns())
        try:
            self.peer.sendall(content)
        except OSError:
            pass  # the answer, or its absence, tells

    def answer(self):
        """(name, operation) where the answer is whole; an operation without an end where none will come."""
        try:
            chunk = self.peer.recv(65536)
        except OSError:
            chunk = b""
        self.received += chunk
        kind, name, begin = self.under_way
        head_end = self.received.find(b"\r\n\r\n")
        if not chunk:
            self.peer.close()
            return name, Operation(self.number, begin, None, (kind, None, None))
        if head_end < 0:
            return None
        head = self.received[:head_end]
        length = int(head[head.lower().index(b"content-length:") + 15:].split(b"\r\n", 1)[0])
        if len(self.received) < head_end + 4 + length:
            return None
        body, self.received = self.received[head_end + 4:], b""
        what = (kind, int(head.split(b" ", 2)[1]), json.loads(body))
        return name, Operation(self.number, begin, time.monotonic_ns(), what)


class ControlOrder(RunnerTest):
    def work(self, path, seed):
        """The histories by name: of OPERATIONS requests, with a stop among the last ones."""
        chance = random.Random(seed)
        kinds, weights = list(KINDS), list(KINDS.values())
        plan = iter(chance.choices(kinds, weights, k=OPERATIONS))
        histories = {name: [] for name in NAMES}
        clients = [Client(number, path) for number in range(CLIENTS)]
        ready = selectors.EpollSelector()
        asked = 0

        def ask_next(client):
            nonlocal asked
            asked += 1
            if asked == OPERATIONS - WHILE_STOPPING:
                return client.ask("stop", None, b"POST /v1/stop HTTP/1.1\r\n\r\n")
            if asked == OPERATIONS - WHILE_STOPPING // 2:
                self.write("go", "")
            if (kind := next(plan, None)) is None:
                return ready.unregister(client)
            name = chance.choice(NAMES)
            client.ask(kind, name, request_of(kind, name, chance))

        for client in clients:
            ready.register(client, selectors.EVENT_READ)
            ask_next(client)
        while ready.get_map():
            for key, _ in ready.select():
                client = key.fileobj
                if (done := self.take(client, ready)) is None:
                    continue
                name, operation = done
                for each in NAMES if name is None else [name]:  # a stop is one of every name
                    histories[each].append(operation)
                if operation.end is not None:
                    ask_next(client)
        for client in clients:
            client.peer.close()
        return histories

    @staticmethod
    def take(client, ready):
        registered = client.fileno()
        done = client.answer()
        if done is not None and done[1].end is None:
            ready.unregister(registered)
        return done

    def assert_lines_are_in_order(self, events):
        """The order of the lines is the runner's own. Each id goes to the task whose it is, from task_added to
        task_removed, and all that is told of it in between names that task."""
        holder, free, fresh = {}, collections.deque(), 0
        open_runs, finals = {}, collections.Counter()
        for event in events:
            kind, task_id = event["event"], event.get("task_id")
            if kind == "task_added":
                expected, fresh = (free.popleft(), fresh) if free else (fresh, fresh + 1)
                self.assertEqual(expected, task_id, f"the id that was free longest\n{event}")
                holder[task_id] = event["task"]
            elif task_id is not None:
                self.assertEqual(holder.get(task_id), event["task"], f"it is about no task that is there\n{event}")
            if kind == "task_removed":
                self.assertNotIn(task_id, open_runs.values(), f"a run of it is not over\n{event}")
                del holder[task_id]
                free.append(task_id)
            if kind == "run_started":
                open_runs[event["run_id"]] = task_id
            if kind == "run_skipped" or (kind == "run_finished" and event["final"]):
                finals[event["run_id"]] += 1
                self.assertEqual(task_id, open_runs.pop(event["run_id"], task_id), event)
        self.assertEqual({}, open_runs, "runs without a final line")
        self.assertEqual([], [run for run, count in finals.items() if count != 1], "runs with more than one")
        return finals

    def test_what_eight_clients_see_has_one_order(self):
        runner = self.start({"anchor": ANCHOR}, "--stop-timeout", "10m")
        path = runner.wait_for("runner_started")["socket"]
        self.assertEqual(200, ask(path, "POST", "/v1/tasks/anchor/trigger")[0])
        self.wait_for_file("up")
        histories = self.work(path, seed=4)
        runner.ends_with(0)
        seen = collections.Counter()
        for name, history in histories.items():
            seen.update((what.what[0], what.what[1]) for what in history)
            contradiction = first_contradiction(history, Name(), step)
            self.assertIsNone(contradiction, f"no order explains what was seen of '{name}'")
        print(f"{sum(seen.values())} operations: {dict(sorted(seen.items(), key=str))}")
        finals = self.assert_lines_are_in_order(runner.events())
        answered = [o.what[2]["run_id"] for h in histories.values() for o in h if o.what[:2] == ("trigger", 200)]
        self.assertEqual(len(answered), len(set(answered)), "each trigger has a run of its own")
        self.assertEqual([], [run for run in answered if run not in finals], "runs that were answered and never ended")
        added = sum(1 for h in histories.values() for o in h if o.what[:2] == ("add", 201))
        self.assertEqual(added + 1, len(runner.events("task_added")))
        for kind, status in [("add", 201), ("add", 409), ("add", 503), ("get", 404), ("remove", 200), ("trigger", 200),
                             ("trigger", 409), ("trigger", 503), ("pause", 200), ("resume", 200)]:
            self.assertGreater(seen[kind, status], 0, f"the test has to see {kind} answered {status}")


if __name__ == "__main__":
    main()
