#include "cli/program_lookup.h"

#include <algorithm>
#include <filesystem>
#include <string>

#include <sys/stat.h>
#include <unistd.h>

#include "process/plan.h"

namespace fs = std::filesystem;

namespace taskrun::cli {
namespace {

bool is_program(const fs::path& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && ::access(path.c_str(), X_OK) == 0;
}

}  // namespace

bool has_program(const manifest::ProgramLookup& lookup) {
  return std::ranges::any_of(process::paths_of(lookup.program, lookup.path),
                             [&](const std::string& path) { return is_program(fs::path(lookup.cwd) / path); });
}

}  // namespace taskrun::cli
