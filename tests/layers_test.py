#!/usr/bin/env python3
"""The shape of the tree, checked: which folder may include which, where each third-party library enters, how long a
file may be, which names are not used, and what stands at the top level (docs/architecture.md).

Every rule is a function from a tree to the list of its violations, so the rules are tested themselves, on small
made-up trees that break them: a rule that cannot fail guards nothing.
"""

import fnmatch
import re
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# A folder is a layer. It may include itself and the folders named here; siblings never include each other.
MAY_INCLUDE = {
    "base": set(),
    "sys": {"base"},
    "database": {"base"},
    "schedule": {"base"},
    "model": {"schedule", "base"},
    "manifest": {"model", "schedule", "base"},
    "engine": {"model", "schedule", "base"},
    "process": {"model", "sys", "base"},
    "report": {"model", "database", "sys", "base"},
    "control": {"model", "sys", "base"},
    "daemon": {"control", "manifest", "engine", "process", "report", "model", "schedule", "database", "sys", "base",
               "tasks"},
    "cli": {"daemon", "control", "manifest", "engine", "process", "report", "model", "schedule", "database", "sys", "base",
            "tasks"},
    "tasks": {"schedule", "database", "sys", "base"},
    "main": {"cli", "base"},
}

# Headers of a sibling that are made for others: what an event is told to, and how its line is written.
MAY_INCLUDE_TOO = {"control": {"report/sink.h", "report/event_codec.h"}}

# How a header of each library is spelled, and the only files that may include it.
THIRD_PARTY = {
    "tl::expected": (r"tl/", ["src/base/*.h", "src/schedule/*.h", "src/database/*.h"]),
    "fmt": (r"fmt/", ["src/base/*.cc", "src/schedule/*.cc", "src/model/*.cc", "src/manifest/*.cc", "src/sys/*.cc",
                      "src/database/*.cc", "src/process/*.cc", "src/report/*.cc", "src/control/*.cc",
                      "src/daemon/*.cc", "src/cli/*.cc", "tasks/*.cc"]),
    "nlohmann": (r"nlohmann/", ["src/manifest/*.cc", "src/report/*.cc", "src/control/*.cc", "src/cli/*.cc",
                              "tasks/arguments.cc", "tasks/sql_rows.cc"]),
    "Boost.Beast": (r"boost/beast", ["src/control/http_message.cc"]),
    "Boost.Asio": (r"boost/", ["src/process/*", "src/control/*", "src/daemon/*"]),
    "spdlog": (r"spdlog/", ["src/daemon/*", "src/cli/*.cc", "src/main.cc"]),
    "CLI11": (r"CLI/", ["src/cli/parse.cc"]),
    "Abseil": (r"absl/", ["src/schedule/zone_rules.cc"]),
    "libcurl": (r"curl/", ["tasks/curl.h"]),
    "SQLite": (r"sqlite3\.h", ["src/database/sqlite.cc"]),
    "prometheus-cpp": (r"prometheus/", ["src/report/metric_series.h", "src/report/metrics_text.h"]),
    "libpq": (r"libpq-fe\.h", ["src/database/libpq.h"]),
}

# Layers that decide and touch nothing: what they may not even include.
PURE = {"schedule", "model", "engine"}
IMPURE_HEADERS = {"thread", "mutex", "condition_variable", "future", "fstream", "iostream", "filesystem", "unistd.h",
                  "fcntl.h", "signal.h", "cstdio", "time.h", "ctime"}
# Which zone the machine is in is a fact of the world that every reader of a schedule needs; so are the rules of zones,
# which are read once for whichever thread asks first.
MAY_LOOK = {"src/schedule/local_zone.cc", "src/schedule/zone_rules.cc"}

MAX_SOURCE_LINES = 400
MAX_HEADER_LINES = 150

BANNED_WORDS = {"util", "utils", "common", "helper", "helpers", "manager", "info", "data", "misc"}
TOP_LEVEL = {"src", "tasks", "docs", "tests", "meson.build", "justfile", "README.md", "LICENSE", "CONTRIBUTING.md",
             "bootstrap.sh"}

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')
TYPE_NAME = re.compile(r"\b(?:class|struct|enum(?:\s+class)?|union|concept|using)\s+([A-Z]\w*)")
BANNED_FUNCTION = re.compile(r"(?<![\w:.>])((?:handle|do)_\w+)\s*\(")
# Spelled apart, so that this file holds none of the marks it looks for.
MARKS = re.compile("|".join([r"\bTO" + "DO", "FIX" + "ME", r"\bXX" + r"X\b", r"\bHA" + r"CK\b"]))


def sources(tree):
    """Every C++ file of src/ and tasks/, as paths relative to `tree`."""
    found = []
    for top in ("src", "tasks"):
        found += [p.relative_to(tree) for p in (tree / top).rglob("*") if p.suffix in (".cc", ".h")]
    return sorted(found)


def layer_of(path):
    """The layer of a file or of an include path: its folder; `main` for src/main.cc."""
    parts = Path(path).parts
    if parts[0] == "src":
        parts = parts[1:]
    return "main" if parts == ("main.cc",) else parts[0]


def includes(tree, path):
    """(line number, quoted path or None, bracketed path or None) for each #include of a file."""
    for number, line in enumerate((tree / path).read_text().splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            yield number, match.group(1), match.group(2)


def check_layers(tree):
    wrong = []
    for path in sources(tree):
        layer = layer_of(path)
        if layer not in MAY_INCLUDE:
            wrong.append(f"{path}: folder '{layer}' has no row in the layer table")
            continue
        for number, quoted, _ in includes(tree, path):
            if quoted is None:
                continue
            target = layer_of(quoted)
            if quoted in MAY_INCLUDE_TOO.get(layer, ()):
                continue
            if target != layer and target not in MAY_INCLUDE[layer]:
                wrong.append(f"{path}:{number}: {layer} may not include {target} (\"{quoted}\")")
    return wrong


def check_targets(tree):
    """A quoted include names an existing file by its whole path: "folder/file.h" from src, "tasks/file.h" from the top."""
    wrong = []
    for path in sources(tree):
        for number, quoted, _ in includes(tree, path):
            if quoted is None:
                continue
            if "/" not in quoted or not any((tree / top / quoted).is_file() for top in ("src", ".")):
                wrong.append(f"{path}:{number}: no such file of ours: \"{quoted}\"")
    return wrong


def check_cycles(tree):
    """No header includes itself by way of others."""
    graph = {}
    for path in sources(tree):
        key = str(path.relative_to("src")) if path.parts[0] == "src" else str(path)
        graph[key] = [quoted for _, quoted, _ in includes(tree, path) if quoted]
    wrong, finished = [], set()

    def walk(node, trail):
        if node in trail:
            wrong.append("include cycle: " + " -> ".join(trail[trail.index(node):] + [node]))
        elif node not in finished:
            for target in graph.get(node, []):
                walk(target, trail + [node])
            finished.add(node)

    for start in graph:
        walk(start, [])
    return wrong


def library_of(header):
    for library, (spelling, _) in THIRD_PARTY.items():
        if re.match(spelling, header):
            return library
    return None


def is_system(header):
    """A header of the C++ library, of C, of the C library or of the kernel."""
    return re.fullmatch(r"[a-z_]+|[a-z_0-9]+\.h|(sys|linux|netinet|arpa|net|asm)/\w+\.h", header) is not None


def check_third_party(tree):
    wrong = []
    for path in sources(tree):
        for number, _, header in includes(tree, path):
            if header is None:
                continue
            library = library_of(header)
            if library is not None:
                if not any(fnmatch.fnmatch(str(path), pattern) for pattern in THIRD_PARTY[library][1]):
                    wrong.append(f"{path}:{number}: {library} does not belong here (<{header}>)")
            elif not is_system(header):
                wrong.append(f"{path}:{number}: <{header}> is of no library in the table")
    return wrong


def check_purity(tree):
    wrong = []
    for path in sources(tree):
        if layer_of(path) not in PURE or str(path) in MAY_LOOK:
            continue
        for number, _, header in includes(tree, path):
            if header and (header in IMPURE_HEADERS or (header.startswith("sys/") and header != "sys/types.h")):
                wrong.append(f"{path}:{number}: {layer_of(path)} is pure and may not include <{header}>")
    return wrong


def check_lengths(tree):
    wrong = []
    for path in sources(tree):
        limit = MAX_HEADER_LINES if path.suffix == ".h" else MAX_SOURCE_LINES
        lines = len((tree / path).read_text().splitlines())
        if lines > limit:
            wrong.append(f"{path}: {lines} lines, at most {limit}: one concept each?")
    return wrong


def words_of(name):
    """The words of a snake_case or PascalCase name, in lower case."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)]


def check_names(tree):
    wrong = []
    for path in sources(tree):
        for part in path.with_suffix("").parts:
            if BANNED_WORDS & set(words_of(part)):
                wrong.append(f"{path}: '{part}' says nothing: name the concept")
        for number, line in enumerate((tree / path).read_text().splitlines(), 1):
            code = line.split("//")[0]
            for name in TYPE_NAME.findall(code):
                if BANNED_WORDS & set(words_of(name)):
                    wrong.append(f"{path}:{number}: type '{name}' has a banned word")
            for name in BANNED_FUNCTION.findall(code):
                wrong.append(f"{path}:{number}: function '{name}': name what it does")
    return wrong


def check_form(tree):
    """Header guards and left-over marks."""
    wrong = []
    for path in sources(tree):
        text = (tree / path).read_text()
        if path.suffix == ".h" and "#pragma once" not in text:
            wrong.append(f"{path}: no #pragma once")
        for number, line in enumerate(text.splitlines(), 1):
            if MARKS.search(line):
                wrong.append(f"{path}:{number}: left-over mark")
    return wrong


def check_top_level(tree):
    """Only the agreed entries, dot files, and what a build makes."""
    wrong = []
    for entry in sorted(p.name for p in tree.iterdir()):
        if entry in TOP_LEVEL or entry.startswith(".") or entry == "build" or entry.startswith("build-"):
            continue
        wrong.append(f"{entry}: does not belong at the top level")
    return wrong


class Tree(unittest.TestCase):
    """The rules on the real tree."""

    def assert_clean(self, violations):
        self.assertEqual([], violations, "\n" + "\n".join(violations))

    def test_there_is_something_to_check(self):
        self.assertGreater(len(sources(ROOT)), 20)

    def test_includes_go_only_down(self):
        self.assert_clean(check_layers(ROOT))

    def test_includes_name_existing_files_by_their_whole_path(self):
        self.assert_clean(check_targets(ROOT))

    def test_includes_make_no_cycle(self):
        self.assert_clean(check_cycles(ROOT))

    def test_each_library_enters_only_where_it_belongs(self):
        self.assert_clean(check_third_party(ROOT))

    def test_deciding_layers_touch_nothing(self):
        self.assert_clean(check_purity(ROOT))

    def test_files_are_short(self):
        self.assert_clean(check_lengths(ROOT))

    def test_names_say_something(self):
        self.assert_clean(check_names(ROOT))

    def test_headers_are_guarded_and_nothing_is_left_over(self):
        self.assert_clean(check_form(ROOT))

    def test_the_top_level_holds_only_what_was_agreed(self):
        self.assert_clean(check_top_level(ROOT))


class Rules(unittest.TestCase):
    """Each rule on a made-up tree that breaks it, and on one that does not."""

    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.tree = Path(self.directory.name)
        (self.tree / "src").mkdir()
        (self.tree / "tasks").mkdir()

    def tearDown(self):
        self.directory.cleanup()

    def write(self, path, text):
        file = self.tree / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def assert_one(self, violations, *parts):
        self.assertEqual(1, len(violations), violations)
        for part in parts:
            self.assertIn(part, violations[0])

    def test_an_include_upward_is_found(self):
        self.write("src/base/a.h", '#pragma once\n#include "engine/b.h"\n')
        self.assert_one(check_layers(self.tree), "src/base/a.h:2", "base may not include engine")

    def test_an_include_of_a_sibling_is_found(self):
        self.write("src/engine/a.cc", '#include "process/runner.h"\n')
        self.assert_one(check_layers(self.tree), "engine may not include process")

    def test_of_a_sibling_only_the_named_headers_are_fine(self):
        self.write("src/control/a.cc", '#include "report/sink.h"\n#include "report/json_text.h"\n')
        self.assert_one(check_layers(self.tree), "src/control/a.cc:2", "control may not include report")

    def test_a_folder_without_a_row_is_found(self):
        self.write("src/extras/a.cc", "")
        self.assert_one(check_layers(self.tree), "extras")

    def test_an_include_downward_is_fine(self):
        self.write("src/daemon/a.cc", '#include "engine/b.h"\n#include "tasks/builtin.h"\n#include "daemon/c.h"\n')
        self.assertEqual([], check_layers(self.tree))

    def test_an_include_without_its_folder_is_found(self):
        self.write("src/base/a.h", "")
        self.write("src/base/b.cc", '#include "a.h"\n')
        self.assert_one(check_targets(self.tree), '"a.h"')

    def test_a_cycle_is_found(self):
        self.write("src/base/a.h", '#include "base/b.h"\n')
        self.write("src/base/b.h", '#include "base/a.h"\n')
        self.assert_one(check_cycles(self.tree), "base/a.h -> base/b.h -> base/a.h")

    def test_a_library_in_the_wrong_place_is_found(self):
        self.write("src/engine/a.cc", "#include <vector>\n#include <nlohmann/json.hpp>\n")
        self.assert_one(check_third_party(self.tree), "src/engine/a.cc:2", "nlohmann")

    def test_an_unknown_library_is_found(self):
        self.write("src/base/a.cc", "#include <curious/thing.hpp>\n#include <sys/wait.h>\n#include <string>\n")
        self.assert_one(check_third_party(self.tree), "curious/thing.hpp")

    def test_a_clock_in_the_engine_is_found(self):
        self.write("src/engine/a.cc", "#include <sys/timerfd.h>\n")
        self.assert_one(check_purity(self.tree), "sys/timerfd.h")

    def test_a_long_file_is_found(self):
        self.write("src/base/a.cc", "\n" * 401)
        self.write("src/base/b.cc", "\n" * 400)
        self.write("src/base/c.h", "\n" * 151)
        self.assertEqual(["src/base/a.cc", "src/base/c.h"], [v.split(":")[0] for v in check_lengths(self.tree)])

    def test_names_that_say_nothing_are_found(self):
        self.write("src/base/string_util.cc", "")
        self.write("src/base/a.cc", "class TaskManager {\nvoid handle_exit(int);\n// do_it()\n  x.data();\n")
        self.assertEqual(["src/base/a.cc:1", "src/base/a.cc:2", "src/base/string_util.cc"],
                         [re.match(r"[\w/.]+(:\d+)?", v).group(0) for v in check_names(self.tree)])

    def test_an_unguarded_header_and_a_mark_are_found(self):
        self.write("src/base/a.h", "// TO" + "DO: later\n")
        self.assertEqual(2, len(check_form(self.tree)))

    def test_a_stray_entry_at_the_top_is_found(self):
        self.write("notes.txt", "")
        self.write(".gitignore", "")
        (self.tree / "build-asan").mkdir()
        self.assert_one(check_top_level(self.tree), "notes.txt")


if __name__ == "__main__":
    sys.exit(unittest.main())
