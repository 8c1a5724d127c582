// A manifest of any bytes: it is loaded, or every mistake has a place in it, and nothing of the environment is told.

#include <array>
#include <string>

#include "base/limits.h"
#include "base/text.h"
#include "manifest/manifest.h"
#include "tests/fuzz/target.h"

namespace {

using taskrun::Parameter;
using taskrun::ParameterType;
using taskrun::fuzz::require;

constexpr std::string_view kSecret = "Xq7zSecretXq7z";
constexpr std::array kParameters{
    Parameter{"directory", ParameterType::string, true, "", ""},
    Parameter{"keep", ParameterType::integer, false, "3", ""},
    Parameter{"older_than", ParameterType::duration, false, "", ""},
    Parameter{"include", ParameterType::strings, false, "", ""},
};
constexpr std::array kEveryType{
    Parameter{"path", ParameterType::string, true, "", "where"},
    Parameter{"age", ParameterType::duration, false, "", "how old"},
    Parameter{"size", ParameterType::size, false, "", "how large"},
    Parameter{"keep", ParameterType::integer, false, "", "how many"},
    Parameter{"dry", ParameterType::boolean, false, "", "only tell"},
    Parameter{"order", ParameterType::string, false, "", "which", "age|size"},
    Parameter{"names", ParameterType::strings, false, "", "patterns"},
    Parameter{"labels", ParameterType::object, false, "", "labels"},
};
constexpr std::array kBuiltins{taskrun::manifest::KnownBuiltin{"cleanup", kParameters},
                               taskrun::manifest::KnownBuiltin{"sweep", kEveryType}};

taskrun::manifest::Surroundings surroundings() {
  taskrun::manifest::Surroundings around;
  around.file = "fuzz.json";
  around.variable = [](const std::string& name) {
    if (name == "N") return std::optional<std::string>("7");
    if (name == "E") return std::optional<std::string>("");
    return name.size() < 8 ? std::optional<std::string>(kSecret) : std::nullopt;
  };
  around.read_env_file = [](const std::string& path) -> taskrun::Result<std::string> { return "A=1\n" + path; };
  around.has_program = [](const taskrun::manifest::ProgramLookup& lookup) { return lookup.program.size() % 2 == 0; };
  around.builtins = kBuiltins;
  return around;
}

void check(const taskrun::Diagnostic& diagnostic, std::size_t lines) {
  require(diagnostic.line > 0 && diagnostic.line <= lines, "a mistake lies inside the file");
  require(diagnostic.column > 0 && diagnostic.caret <= diagnostic.source_line.size(), "the caret is on its line");
  require(!diagnostic.message.empty(), "a mistake has a message");
  const std::string shown = taskrun::render(diagnostic);
  require(shown.size() < 4000, "a mistake is told in few words");
  require(shown.find(kSecret) == std::string::npos, "a mistake tells no variable's value");
  for (std::string_view rest = shown; !rest.empty();) {
    const std::size_t length = taskrun::utf8_length(rest);
    require(length > 0, "a mistake is told in UTF-8");
    require(length > 1 || rest[0] == '\n' || rest[0] >= ' ', "a mistake moves no cursor");
    rest.remove_prefix(length);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const auto text = taskrun::fuzz::as_text(bytes, size);
  const taskrun::manifest::Loaded loaded = taskrun::manifest::load(text, surroundings());
  std::size_t lines = 1;
  for (const char c : text) lines += c == '\n' ? 1 : 0;
  for (const auto& diagnostic : loaded.diagnostics) check(diagnostic, lines);
  require(loaded.diagnostics.size() <= 2 * taskrun::limits::kDiagnostics, "mistakes are bounded");
  if (!loaded.is_valid()) return 0;
  for (const auto& task : loaded.manifest.tasks) {
    require(task != nullptr && task->policy != nullptr, "a valid manifest has whole tasks");
    require(taskrun::is_name(task->name), "a valid manifest has names");
  }
  return 0;
}
