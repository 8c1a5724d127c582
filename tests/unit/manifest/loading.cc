#include "loading.h"

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include <doctest/doctest.h>

namespace taskrun::manifest {
namespace {

constexpr Parameter kSweepParameters[] = {
    {"path", ParameterType::string, true, "", "the directory to sweep"},
    {"older_than", ParameterType::duration, false, "\"7d\"", "age of what is swept"},
    {"larger_than", ParameterType::size, false, "", "size of what is swept"},
    {"keep", ParameterType::integer, false, "0", "how many files stay"},
    {"dry_run", ParameterType::boolean, false, "false", "only tell"},
    {"order", ParameterType::string, false, "\"age\"", "which goes first", "age|size"},
    {"names", ParameterType::strings, false, "[]", "patterns"},
    {"labels", ParameterType::object, false, "{}", "what the result carries"},
};
std::string problem_with(std::string_view, std::string_view arguments) {
  return arguments.find("-1") != std::string_view::npos ? "argument 'keep' is below 0" : "";
}
constexpr KnownBuiltin kBuiltins[] = {{"sweep", kSweepParameters, problem_with}, {"noop", {}}};

}  // namespace

std::span<const KnownBuiltin> known_builtins() { return kBuiltins; }

Surroundings World::surroundings() {
  Surroundings out;
  out.file = "m.json";
  out.variable = [this](const std::string& name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  out.read_env_file = [this](const std::string& path) -> Result<std::string> {
    if (path.ends_with(".fifo")) return fail("cannot read '" + path + "': it is a FIFO, not a regular file", ESPIPE);
    const auto found = env_files.find(path);
    if (found == env_files.end()) return fail("cannot open '" + path + "': No such file or directory", ENOENT);
    return found->second;
  };
  out.has_program = [this](const ProgramLookup& lookup) {
    ++programs_asked[lookup.program];
    return lookup.program != "absent";
  };
  out.doubt_account = [this](const std::string& user, const std::string& group) {
    ++accounts_asked[user + ':' + group];
    if (group == "absent") return AccountDoubt::no_group;
    if (user == "absent") return AccountDoubt::no_user;
    return is_root || user + group == "self" ? AccountDoubt::none : AccountDoubt::needs_root;
  };
  out.builtins = kBuiltins;
  out.local_zone = [this]() -> Result<Zone> {
    if (local_zone.empty()) return fail("TZ names none");
    return find_zone(local_zone).value();
  };
  out.now = now;
  out.is_root = is_root;
  out.is_writable_by_others = is_writable_by_others;
  return out;
}

Loaded World::load(std::string_view text) { return manifest::load(text, surroundings()); }

Manifest load_valid(std::string_view text, World world) {
  Loaded loaded = world.load(text);
  CHECK(told(loaded) == "");
  return std::move(loaded.manifest);
}

std::string one_task(std::string_view task) { return R"({"tasks": {"t": )" + std::string(task) + "}}"; }

TaskSpec load_task(std::string_view task, World world) {
  const Manifest manifest = load_valid(one_task(task), std::move(world));
  REQUIRE(manifest.tasks.size() == 1);
  return *manifest.tasks[0];
}

std::string told(const Loaded& loaded) {
  std::string out;
  for (const Diagnostic& d : loaded.diagnostics) {
    out += std::to_string(d.line) + ':' + std::to_string(d.column) + ' ' +
           (d.severity == Severity::warning ? "warning: " : "") + d.message + (d.hint.empty() ? "" : " | " + d.hint) +
           '\n';
  }
  return out;
}

std::string test_data() {
  const char* const directory = std::getenv("TASKRUN_TEST_DATA");
  REQUIRE_MESSAGE(directory != nullptr, "TASKRUN_TEST_DATA names tests/data");
  return directory;
}

std::string read_test_file(const std::string& name) {
  std::ifstream in(test_data() + "/" + name, std::ios::binary);
  REQUIRE(in.good());
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace taskrun::manifest
