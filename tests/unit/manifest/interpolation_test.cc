#include "manifest/interpolation.h"

#include <doctest/doctest.h>

#include "loading.h"

namespace taskrun::manifest {
namespace {

// A string of a manifest, expanded; or what is wrong with it.
std::string expanded(const std::string& value) {
  World world;
  world.variables = {{"A", "one"}, {"EMPTY", ""}, {"NESTED", "${A} $$ $A"}, {"_x9", "under"}};
  const Loaded loaded = world.load(R"({"tasks": {"t": {"shell": "x", "description": ")" + value + "\"}}}");
  return loaded.is_valid() ? loaded.manifest.tasks.at(0)->policy->description : told(loaded);
}

TEST_CASE("variables, defaults and dollars are replaced in strings") {
  CHECK(expanded("plain") == "plain");
  CHECK(expanded("") == "");
  CHECK(expanded("${A}") == "one");
  CHECK(expanded("<${A}|${A}>") == "<one|one>");
  CHECK(expanded("${_x9}") == "under");
  CHECK(expanded("${EMPTY}") == "");
  CHECK(expanded("${A:-two}") == "one");
  CHECK(expanded("${B:-two}") == "two");
  CHECK(expanded("${B:-}") == "");
  CHECK(expanded("${B:-a:-b $$5 \\u007b}") == "a:-b $5 {");
  CHECK(expanded("${A:?must be set}") == "one");
  CHECK(expanded("$$") == "$");
  CHECK(expanded("$${A}") == "${A}");
  CHECK(expanded("$$$$") == "$$");
  CHECK(expanded("\\u0024{A}") == "one");
}

TEST_CASE("an empty variable counts as unset for a default and a message, as in the shell") {
  CHECK(expanded("${EMPTY:-two}") == "two");
  CHECK(expanded("${EMPTY:?it must say something}") == "1:48 the variable EMPTY is empty: it must say something\n");
}

TEST_CASE("what a variable holds is never expanded again") { CHECK(expanded("${NESTED}") == "${A} $$ $A"); }

TEST_CASE("each wrong dollar of a string is told at its own place") {
  CHECK(expanded("$A ${B} ${") ==
        "1:48 a single $ stands for nothing | write ${NAME} for a variable, $$ for a dollar\n"
        "1:51 the variable B is not set | set it, or write ${B:-default}\n"
        "1:56 this ${ has no closing } | write ${NAME}, or $$ for a dollar\n");
  CHECK(expanded("\\u00e9\\n\\ud83d\\ude00é${B}") ==
        "1:69 the variable B is not set | set it, or write ${B:-default}\n");
  CHECK(expanded("${B:-$A}") == "1:48 a single $ stands for nothing | write ${NAME} for a variable, $$ for a dollar\n");
}

}  // namespace
}  // namespace taskrun::manifest
