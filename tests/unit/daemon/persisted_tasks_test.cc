// Tasks that clients have added to stay: what a next runner finds of them, and what is refused where they cannot be
// kept.

#include "daemon/persisted_tasks.h"

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "base/limits.h"
#include "sys/file.h"
#include "tests/support/temporary_directory.h"

using namespace taskrun;
using namespace taskrun::daemon;
using control::NewTask;
using control::Refusal;

namespace {

// A task is right, unless its definition says otherwise.
tl::expected<TaskSpecPtr, Diagnostics> read_task(const std::string& name, const std::string& definition,
                                                 const Manifest&) {
  if (definition.find("wrong") != std::string::npos) {
    return tl::unexpected(Diagnostics{{.severity = Severity::warning, .message = "no matter"},
                                      {.message = "there is no pool 'db'"},
                                      {.message = "and more"}});
  }
  auto spec = std::make_shared<TaskSpec>();
  spec->name = name;
  return spec;
}

TaskSpecPtr right(const std::string& name) { return *read_task(name, "{}", {}); }

struct State {
  TemporaryDirectory directory;
  std::string path = directory.file("tasks");

  [[nodiscard]] std::string text() const { return sys::read_file(path, limits::kPersistedSize).value_or("none"); }
  void write(std::string_view text) const { REQUIRE(sys::write_file(path, text).has_value()); }
  [[nodiscard]] std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory.path())) {
      names.push_back(entry.path().filename());
    }
    return names;
  }
  [[nodiscard]] PersistedTasks open() const { return PersistedTasks(directory.path()); }
  // The names of those that come back in the next runner.
  [[nodiscard]] std::string back(const Manifest& manifest = {}) const {
    PersistedTasks tasks = open();
    std::string names;
    for (const TaskSpecPtr& spec : tasks.restore(manifest, read_task)) {
      names += spec->name + " ";
      CHECK(tasks.has(spec));
    }
    return names;
  }
};

}  // namespace

TEST_CASE("what is kept is on disk, for its owner alone, and back in the next runner") {
  const State state;
  PersistedTasks tasks = state.open();
  CHECK(state.files().empty());
  const TaskSpecPtr spec = right("b");
  REQUIRE(tasks.keep({"b", R"({"every":"1m"})", true}, spec).has_value());
  REQUIRE(tasks.keep({"a", R"({"at":[]})", true}, right("a")).has_value());
  CHECK(state.text() ==
        "taskrun-tasks 1 2\n{\"name\":\"a\",\"task\":{\"at\":[]}}\n{\"name\":\"b\",\"task\":{\"every\":\"1m\"}}\n");
  struct stat status{};
  CHECK(::stat(state.path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  CHECK(state.files() == std::vector<std::string>{"tasks"});
  CHECK(tasks.has(spec));
  CHECK_FALSE(tasks.has(right("b")));
  CHECK(state.back() == "a b ");
}

TEST_CASE("what is forgotten is gone from the disk") {
  const State state;
  PersistedTasks tasks = state.open();
  REQUIRE(tasks.keep({"a", "{}", true}, right("a")).has_value());
  REQUIRE(tasks.forget("b").has_value());
  CHECK(state.back() == "a ");
  REQUIRE(tasks.forget("a").has_value());
  CHECK(state.text() == "taskrun-tasks 1 0\n");
  CHECK(state.back().empty());
}

TEST_CASE("a name that the manifest has is the manifest's, and one that has become wrong stays away; both are kept") {
  const State state;
  const std::string text =
      "taskrun-tasks 1 3\n{\"name\":\"mine\",\"task\":{}}\n{\"name\":\"a\\\"\\n\",\"task\":{\"pool\":\"wrong\"}}\n"
      "{\"name\":\"theirs\",\"task\":{}}\n";
  state.write(text);
  Manifest manifest;
  manifest.tasks = {right("theirs")};
  PersistedTasks tasks = state.open();
  CHECK(tasks.restore(manifest, read_task).size() == 1);
  CHECK_FALSE(tasks.has(manifest.tasks.front()));
  REQUIRE(tasks.keep({"new", "{}", true}, right("new")).has_value());
  CHECK(state.text().starts_with(
      "taskrun-tasks 1 4\n{\"name\":\"a\\\"\\n\",\"task\":{\"pool\":\"wrong\"}}\n{\"name\":\"mine\""));
  CHECK(state.back() == "mine new theirs ");
}

TEST_CASE("without a state directory nothing is kept, and it is said so") {
  PersistedTasks tasks;
  const auto kept = tasks.keep({"a", "{}", true}, right("a"));
  REQUIRE_FALSE(kept.has_value());
  CHECK(kept.error().reason == Refusal::no_state);
  CHECK(tasks.forget("a").has_value());
  CHECK_FALSE(tasks.has(right("a")));
}

TEST_CASE("where the disk fails nothing changes") {
  const State state;
  PersistedTasks tasks = state.open();
  const TaskSpecPtr spec = right("a");
  REQUIRE(tasks.keep({"a", "{}", true}, spec).has_value());
  const std::string elsewhere = state.directory.path() + "-elsewhere";
  std::filesystem::rename(state.directory.path(), elsewhere);
  const auto kept = tasks.keep({"b", "{}", true}, right("b"));
  const auto forgotten = tasks.forget("a");
  std::filesystem::rename(elsewhere, state.directory.path());
  REQUIRE_FALSE(kept.has_value());
  CHECK(kept.error().reason == Refusal::state_failed);
  CHECK(kept.error().message == "cannot write '" + state.path + "': No such file or directory");
  REQUIRE_FALSE(forgotten.has_value());
  CHECK(forgotten.error().reason == Refusal::state_failed);
  CHECK(tasks.has(spec));
  CHECK(state.back() == "a ");
}

TEST_CASE("there is a limit to what is kept") {
  const State state;
  std::string text = "taskrun-tasks 1 " + std::to_string(limits::kPersistedTasks) + "\n";
  for (std::size_t task = 0; task < limits::kPersistedTasks; ++task) {
    text += "{\"name\":\"t" + std::to_string(task) + "\",\"task\":{}}\n";
  }
  state.write(text);
  PersistedTasks full = state.open();
  const auto kept = full.keep({"one-more", "{}", true}, right("one-more"));
  REQUIRE_FALSE(kept.has_value());
  CHECK(kept.error().reason == Refusal::too_many_persisted);
  CHECK(full.keep({"t1", "{}", true}, right("t1")).has_value());
  const State other;
  PersistedTasks tasks = other.open();
  const auto large = tasks.keep({"a", std::string(limits::kPersistedSize.count, 'x'), true}, right("a"));
  REQUIRE_FALSE(large.has_value());
  CHECK(large.error().reason == Refusal::too_many_persisted);
  CHECK(other.files().empty());
}

TEST_CASE("a file that cannot be read is set aside with a date, never deleted") {
  for (const char* text :
       {"", "taskrun-tasks 1 2\n{\"name\":\"a\",\"task\":{}}\n", "taskrun-tasks 1 1\n{\"name\":\"a\"}\n",
        "taskrun-tasks 1 1\n{\"name\":\"a\",\"task\":{},\"task\":{}}\n", "taskrun-tasks 0 0\n",
        "taskrun-tasks 1 2\n{\"name\":\"a\",\"task\":{}}\n{\"name\":\"a\",\"task\":{}}\n"}) {
    CAPTURE(text);
    const State state;
    state.write(text);
    CHECK(state.back().empty());
    const auto names = state.files();
    REQUIRE(names.size() == 1);
    CHECK(names.front().starts_with("tasks.20"));
    CHECK(names.front().ends_with(".broken"));
    CHECK(*sys::read_file(state.directory.file(names.front()), kibibytes(1)) == text);
  }
}

TEST_CASE("a file of a newer taskrun is left alone, and nothing is kept beside it") {
  for (const char* text : {"taskrun-tasks 2 0\n", "taskrun-tasks 12 1 more\nx\n"}) {
    CAPTURE(text);
    const State state;
    state.write(text);
    PersistedTasks tasks = state.open();
    const auto kept = tasks.keep({"a", "{}", true}, right("a"));
    REQUIRE_FALSE(kept.has_value());
    CHECK(kept.error().reason == Refusal::state_failed);
    CHECK(state.files() == std::vector<std::string>{"tasks"});
    CHECK(*sys::read_file(state.directory.file("tasks"), kibibytes(1)) == text);
  }
}

TEST_CASE("what can be neither read nor set aside is not replaced") {
  const TemporaryDirectory directory;
  // So deep that the name with a date would be too long.
  std::string deep = directory.path();
  while (deep.size() < 4'060) deep += "/" + std::string(std::min<std::size_t>(200, 4'075 - deep.size()), 'x');
  std::filesystem::create_directories(deep);
  const std::string path = deep + "/tasks";
  REQUIRE(sys::write_file(path, "broken").has_value());
  PersistedTasks tasks(deep);
  const auto kept = tasks.keep({"a", "{}", true}, right("a"));
  REQUIRE_FALSE(kept.has_value());
  CHECK(kept.error().reason == Refusal::state_failed);
  CHECK(kept.error().message == "'" + path + "' holds what cannot be read");
  CHECK(*sys::read_file(path, kibibytes(1)) == "broken");
}
