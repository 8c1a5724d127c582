#!/usr/bin/env python3
"""The documents name only what is there: files that they link to, tests that they cite."""

import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


def documents():
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def broken_links(document, text):
    """Relative links of a document that lead nowhere."""
    return [f"{document.name}: {target}" for target in LINK.findall(text)
            if "://" not in target and not (document.parent / target).exists()]


class Documents(unittest.TestCase):
    def test_links_lead_somewhere(self):
        self.assertEqual([], [wrong for d in documents() for wrong in broken_links(d, d.read_text())])

    def test_the_check_finds_a_broken_link(self):
        self.assertEqual(["README.md: no/such.md"], broken_links(ROOT / "README.md", "see [it](no/such.md#part)"))

    def test_the_guarantees_cite_tests_that_exist(self):
        cited = set(re.findall(r"`(\w+_test\.py)`", (ROOT / "docs" / "guarantees.md").read_text()))
        self.assertGreater(len(cited), 10)
        self.assertEqual(set(), cited - {p.name for p in (ROOT / "tests" / "e2e").glob("*_test.py")})


if __name__ == "__main__":
    unittest.main()
