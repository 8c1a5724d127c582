// Whole diagnostics, compared as text: tests/data/manifest/NAME.json is loaded, NAME.expected is what is told. With
// TASKRUN_WRITE_EXPECTED set, the expected files are written instead.

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>

#include "loading.h"

namespace taskrun::manifest {
namespace {

World golden_world() {
  World world;
  world.variables = {{"PATH", "/usr/bin"}, {"SET", "canary"}, {"EMPTY", ""}, {"TEN", "10"}};
  world.env_files = {{"good.env", "A=1\n"}, {"bad.env", "A=1\ncanary\nB='canary\n"}};
  return world;
}

std::string told_whole(const std::string& name, const Loaded& loaded) {
  std::string out;
  for (Diagnostic diagnostic : loaded.diagnostics) {
    diagnostic.file = name;
    out += render(diagnostic);
  }
  return out;
}

std::vector<std::string> golden_names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(test_data() + "/manifest")) {
    if (entry.path().extension() == ".json") names.push_back(entry.path().stem());
  }
  std::sort(names.begin(), names.end());
  return names;
}

TEST_CASE("the diagnostics of each golden manifest are as expected, character for character") {
  const std::vector<std::string> names = golden_names();
  REQUIRE(names.size() >= 8);
  for (const std::string& name : names) {
    CAPTURE(name);
    const std::string text = read_test_file("manifest/" + name + ".json");
    const std::string told = told_whole(name + ".json", golden_world().load(text));
    if (std::getenv("TASKRUN_WRITE_EXPECTED") != nullptr) {
      std::ofstream(test_data() + "/manifest/" + name + ".expected") << told;
    }
    CHECK(told == read_test_file("manifest/" + name + ".expected"));
  }
}

TEST_CASE("no golden message repeats what a variable or an env_file held") {
  for (const std::string& name : golden_names()) {
    CAPTURE(name);
    CHECK(read_test_file("manifest/" + name + ".expected").find("canary") == std::string::npos);
  }
}

TEST_CASE("the messages shown in docs/manifest.md are real") {
  const std::string shown = "```\n" + read_test_file("manifest/usual.expected") + "```\n";
  CHECK(read_test_file("../../docs/manifest.md").find(shown) != std::string::npos);
}

}  // namespace
}  // namespace taskrun::manifest
