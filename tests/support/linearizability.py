"""Whether what clients saw of one object could have come from one that does one thing at a time.

A history is a list of operations, each with the moments between which it took effect: before it was asked it had not,
after it was answered it had. It is linearizable where each operation can be given one moment in between, so that the
object, doing them one after the other, answers as it did (Herlihy and Wing, 1990).

The search goes through the moments in order and keeps every state that the object may be in, together with the
operations under way that have taken effect already. An operation takes effect as late as can be: when an answer comes,
its own, or one that it made possible (Lowe's just-in-time linearization). With few clients there are few such states,
so the search takes time that grows with the history and no faster.
"""

from typing import Any, NamedTuple, Optional


class Operation(NamedTuple):
    """`end` is None where no answer came: it may have taken effect at any moment since `begin`, or never."""
    client: int
    begin: float
    end: Optional[float]
    what: Any


def moments(history):
    """(moment, is it an end, index), in order. What begins as another one ends is concurrent with it."""
    found = []
    for index, operation in enumerate(history):
        found.append((operation.begin, False, index))
        if operation.end is not None:
            found.append((operation.end, True, index))
    return sorted(found)


def take_effect(index, configurations, pending, history, step):
    """The configurations in which the operation has taken effect, and is over."""
    after = set()
    seen = set()
    stack = []
    for done, state in configurations:
        if index in done:
            after.add((done - {index}, state))
        else:
            stack.append((done, state))
    while stack:
        configuration = stack.pop()
        if configuration in seen:
            continue
        seen.add(configuration)
        done, state = configuration
        for state_then in step(state, history[index].what):
            after.add((done, state_then))
        for other in pending:
            if other != index and other not in done:
                for state_then in step(state, history[other].what):
                    stack.append((done | {other}, state_then))
    return after


def first_contradiction(history, initial, step):
    """None where the history is linearizable; else the first operation whose answer fits no order, the states that the
    object could have been in when it came, and the operations that were under way.

    `step(state, what)` yields the states in which an operation that answered so may leave the object; none where it
    cannot have answered so."""
    configurations = {(frozenset(), initial)}
    pending = set()
    for _, is_end, index in moments(history):
        if not is_end:
            pending.add(index)
            continue
        after = take_effect(index, configurations, pending, history, step)
        if not after:
            return history[index], {state for _, state in configurations}, [history[other] for other in sorted(pending)]
        pending.remove(index)
        configurations = after
    return None
