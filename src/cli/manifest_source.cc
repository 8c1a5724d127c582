#include "cli/manifest_source.h"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/text.h"
#include "cli/account_lookup.h"
#include "cli/exit_codes.h"
#include "cli/known_builtins.h"
#include "cli/program_lookup.h"
#include "manifest/json.h"
#include "manifest/manifest.h"
#include "manifest/screen.h"
#include "sys/clock.h"
#include "sys/fd.h"
#include "sys/file.h"

namespace fs = std::filesystem;

namespace taskrun::cli {
namespace {

constexpr std::string_view kUsualName = "taskrun.json";
constexpr std::size_t kLongestMessage = 2'000;

bool is_there(const fs::path& path) {
  struct stat status{};
  return ::lstat(path.c_str(), &status) == 0;
}

// The taskrun.json of the working directory, by its bare name, or of the nearest parent, by its whole path.
std::optional<std::string> find_upward() {
  if (is_there(kUsualName)) return std::string(kUsualName);
  std::error_code error;
  for (fs::path directory = fs::current_path(error); directory.has_relative_path();) {
    directory = directory.parent_path();
    if (const fs::path path = directory / kUsualName; is_there(path)) return path.string();
  }
  return std::nullopt;
}

std::optional<std::string> find(const ManifestChoice& choice) {
  if (choice.path) return choice.path;
  if (const char* const named = std::getenv("TASKRUN_MANIFEST"); named != nullptr && *named != '\0') return named;
  return find_upward();
}

Result<std::string> read(const std::string& path, Bytes limit, manifest::Screen& screen) {
  const sys::IsMoreWanted is_more_wanted = [&](std::string_view part) { return screen.take(part); };
  if (path != "-") return sys::read_file(path, limit, is_more_wanted);
  auto text = sys::read_all(STDIN_FILENO, limit, is_more_wanted);
  if (text) return text;
  if (text.error().code == EFBIG) return fail(fmt::format("stdin is larger than {}", bytes_in_words(limit)), EFBIG);
  return fail_errno("cannot read stdin", text.error().code);
}

bool is_writable_by_others(const std::string& path) {
  struct stat status{};
  return path != "-" && ::stat(path.c_str(), &status) == 0 && (status.st_mode & S_IWOTH) != 0;
}

std::optional<std::string> variable(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
}

Result<Zone> find_local_zone() {
  auto zone = local_zone();
  return zone ? Result<Zone>(*zone) : fail(std::move(zone.error().message));
}

manifest::Surroundings surroundings(const std::string& name, const std::string& path) {
  manifest::Surroundings around;
  around.file = name;
  around.variable = variable;
  around.read_env_file = [directory =
                              path == "-" ? fs::path() : fs::path(path).parent_path()](const std::string& file) {
    return sys::read_file((directory / file).string(), limits::kEnvFileSize);
  };
  around.has_program = [](const manifest::ProgramLookup& lookup) { return has_program(lookup); };
  around.doubt_account = doubt_account;
  around.builtins = known_builtins();
  around.local_zone = [zone = std::optional<Result<Zone>>()]() mutable {
    if (!zone) zone = find_local_zone();
    return *zone;
  };
  around.now = sys::read_clocks().wall;
  around.is_root = ::geteuid() == 0;
  around.is_writable_by_others = is_writable_by_others(path);
  return around;
}

ManifestReading unread(std::string name, std::string failure, int exit_code) {
  ManifestReading reading;
  reading.exit_code = exit_code;
  reading.failure = std::move(failure);
  reading.name = std::move(name);
  return reading;
}

std::string hint_for(const Error& error) {
  if (error.code == EFBIG) return " (--manifest-limit allows more)";
  return error.code == ESPIPE ? " ('-' reads stdin)" : "";
}

std::string counted(std::size_t count, std::string_view word) {
  return fmt::format("{} {}{}", count, word, count == 1 ? "" : "s");
}

// render() with the mark in colour.
std::string painted(const Diagnostic& diagnostic, const Terminal& terminal) {
  std::string text = render(diagnostic);
  if (!terminal.has_colour) return text;
  const bool is_error = diagnostic.severity == Severity::error;
  const std::string_view word = is_error ? "error:" : "warning:";
  const std::size_t at = text.find(word, diagnostic.file.size());
  return text.replace(at, word.size(), paint(terminal, is_error ? Paint::red : Paint::yellow, word));
}

// In the text that a definition is read from it begins with the second line; what stands on the first, which nobody has
// written, is told of the task as a whole.
void place_in_definition(Diagnostic& diagnostic) {
  if (diagnostic.line > 1) {
    --diagnostic.line;
    return;
  }
  diagnostic.column = 1;
  diagnostic.source_line.clear();
}

manifest::Loaded load_task(const std::string& name, const std::string& definition, const std::string& path,
                           const Pools& pools) {
  std::string limits;
  for (const auto& [pool, places] : pools) {
    limits += fmt::format("{}{}:{}", limits.empty() ? "" : ",", manifest::quote_json(pool), places);
  }
  const std::string text = fmt::format("{{\"version\":1,\"pools\":{{{}}},\"tasks\":{{{}:\n{}}}}}", limits,
                                       manifest::quote_json(name), definition);
  manifest::Loaded loaded = manifest::load(text, surroundings("<request>", path.empty() ? "-" : path));
  for (Diagnostic& diagnostic : loaded.diagnostics) place_in_definition(diagnostic);
  return loaded;
}

std::size_t count(const Diagnostics& diagnostics, Severity severity) {
  return static_cast<std::size_t>(std::count_if(diagnostics.begin(), diagnostics.end(),
                                                [&](const Diagnostic& d) { return d.severity == severity; }));
}

}  // namespace

Result<std::string> read_manifest_text(const ManifestChoice& choice) {
  const std::optional<std::string> path = find(choice);
  manifest::Screen screen;
  return path ? read(*path, choice.limit, screen) : fail("there is no manifest", ENOENT);
}

ManifestReading read_manifest(const ManifestChoice& choice, const IsWarnedOf& is_warned_of) {
  const std::optional<std::string> path = find(choice);
  if (!path) {
    return unread("taskrun.json",
                  "no manifest is named, and there is no taskrun.json here or in a parent directory "
                  "('taskrun init' writes one)",
                  kNoInput);
  }
  const std::string name = *path == "-" ? "<stdin>" : printable(*path);
  const sys::FileStamp stamp = *path == "-" ? sys::FileStamp{} : sys::stamp_of(*path);
  manifest::Screen screen;
  const Result<std::string> text = read(*path, choice.limit, screen);
  if (!text) {
    ManifestReading reading = unread(name, printable(text.error().message, kLongestMessage) + hint_for(text.error()),
                                     text.error().code == EFBIG ? kWrongManifest : kNoInput);
    reading.stamp = stamp;
    return reading;
  }
  manifest::Surroundings around = surroundings(name, *path);
  around.is_warned_of = is_warned_of;
  around.is_broken = !screen.is_whole();
  manifest::Loaded loaded = manifest::load(*text, around);
  ManifestReading reading;
  reading.stamp = stamp;
  reading.exit_code = loaded.is_valid() ? kDone : kWrongManifest;
  reading.manifest = std::move(loaded.manifest);
  reading.diagnostics = std::move(loaded.diagnostics);
  reading.more_errors = loaded.more_errors;
  reading.more_warnings = loaded.more_warnings;
  reading.name = name;
  std::error_code error;
  if (*path == "-") return reading;
  reading.path = fs::canonical(*path, error).string();
  reading.found = fs::absolute(*path, error).string();
  return reading;
}

tl::expected<TaskSpecPtr, Diagnostics> read_task(const std::string& name, const std::string& definition,
                                                 const std::string& path, const Pools& pools) {
  manifest::Loaded loaded = load_task(name, definition, path, pools);
  if (!loaded.is_valid() || loaded.manifest.tasks.empty()) return tl::unexpected(std::move(loaded.diagnostics));
  return loaded.manifest.tasks.front();
}

Diagnostics remarks_on_task(const std::string& name, const std::string& definition) {
  return load_task(name, definition, "", {}).diagnostics;
}

std::string told(const ManifestReading& reading, const Terminal& terminal) {
  if (!reading.failure.empty()) return fmt::format("taskrun: {}\n", reading.failure);
  std::string out;
  for (const Diagnostic& diagnostic : reading.diagnostics) out += painted(diagnostic, terminal);
  if (const std::size_t errors = count_errors(reading), warnings = count_warnings(reading); errors + warnings > 1) {
    out += fmt::format("{}{}{} in {}\n", errors > 0 ? counted(errors, "error") : "",
                       errors > 0 && warnings > 0 ? ", " : "", warnings > 0 ? counted(warnings, "warning") : "",
                       reading.name);
  }
  return out;
}

std::size_t count_errors(const ManifestReading& reading) {
  return count(reading.diagnostics, Severity::error) + reading.more_errors + (reading.failure.empty() ? 0 : 1);
}

std::size_t count_warnings(const ManifestReading& reading) {
  return count(reading.diagnostics, Severity::warning) + reading.more_warnings;
}

}  // namespace taskrun::cli
