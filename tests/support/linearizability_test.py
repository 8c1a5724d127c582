#!/usr/bin/env python3
"""The search for an order, on histories of a register and of a counter whose answer is known."""

import itertools
import random
import unittest

from linearizability import Operation, first_contradiction


def register(state, what):
    """("write", v) and ("read", v)."""
    kind, value = what
    if kind == "write":
        yield value
    elif state == value:
        yield state


def history(*operations):
    return [Operation(client, begin, end, what) for client, (begin, end, what) in enumerate(operations)]


def is_linearizable_by_trying(operations, initial, step):
    """Every order of every subset that holds all answered ones: slow, and plainly right."""
    answered = {o for o in operations if o.end is not None}
    for size in range(len(answered), len(operations) + 1):
        for order in itertools.permutations(operations, size):
            if not answered <= set(order):
                continue
            if any(later.end is not None and later.end < earlier.begin
                   for at, earlier in enumerate(order) for later in order[at + 1:]):
                continue
            states = {initial}
            for operation in order:
                states = {after for state in states for after in step(state, operation.what)}
            if states:
                return True
    return False


class Linearizability(unittest.TestCase):
    def right(self, *operations):
        self.assertIsNone(first_contradiction(history(*operations), 0, register))

    def wrong(self, at, *operations):
        found = first_contradiction(history(*operations), 0, register)
        self.assertIsNotNone(found)
        self.assertEqual(operations[at], found[0][1:])

    def test_one_after_the_other(self):
        self.right((1, 2, ("write", 1)), (3, 4, ("read", 1)), (5, 6, ("read", 1)))
        self.wrong(1, (1, 2, ("write", 1)), (3, 4, ("read", 0)))

    def test_at_once_either_may_be_first(self):
        self.right((1, 4, ("write", 1)), (2, 3, ("read", 0)))
        self.right((1, 4, ("write", 1)), (2, 3, ("read", 1)))
        self.right((1, 2, ("write", 1)), (2, 3, ("read", 0)))

    def test_what_was_seen_is_not_taken_back(self):
        self.wrong(2, (1, 9, ("write", 1)), (2, 3, ("read", 1)), (4, 5, ("read", 0)))

    def test_an_unanswered_operation_may_have_taken_effect_or_not(self):
        self.right((1, None, ("write", 1)), (2, 3, ("read", 0)))
        self.right((1, None, ("write", 1)), (2, 3, ("read", 0)), (4, 5, ("read", 1)))
        self.wrong(2, (1, None, ("write", 1)), (2, 3, ("read", 1)), (4, 5, ("read", 0)))

    def test_small_histories_are_judged_as_by_trying_every_order(self):
        verdicts = set()
        for seed in range(1500):
            chance = random.Random(seed)
            operations = []
            for client in range(chance.randint(2, 5)):
                begin = chance.randint(0, 8)
                end = begin + chance.randint(1, 6) if chance.random() < 0.9 else None
                operations.append(Operation(client, begin, end, (chance.choice(["write", "read"]), chance.randint(0, 2))))
            expected = is_linearizable_by_trying(operations, 0, register)
            verdicts.add(expected)
            self.assertEqual(expected, first_contradiction(operations, 0, register) is None, operations)
        self.assertEqual({True, False}, verdicts)


if __name__ == "__main__":
    unittest.main()
