#include "cli/instance_name.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string_view>

#include <fmt/format.h>

#include "base/limits.h"
#include "base/text.h"

namespace taskrun::cli {
namespace {

constexpr std::size_t kHashSuffix = 9;  // "-0123abcd"

// FNV-1a.
std::uint32_t hash_of(std::string_view text) {
  std::uint32_t hash = 2'166'136'261U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16'777'619U;
  return hash;
}

// What of the stem a name may hold.
std::string plain(std::string_view stem) {
  std::string out;
  for (const char c : stem.substr(0, limits::kNameLength - kHashSuffix)) {
    out += is_name(fmt::format("a{}", c)) ? c : '-';
  }
  return is_name(out) ? out : "runner";
}

}  // namespace

std::string instance_name(const std::string& asked, const ManifestReading& reading) {
  if (!asked.empty()) return asked;
  if (!reading.manifest.name.empty()) return reading.manifest.name;
  const std::string stem = reading.path.empty() ? "stdin" : std::filesystem::path(reading.path).stem().string();
  return fmt::format("{}-{:08x}", plain(stem), hash_of(reading.path));
}

}  // namespace taskrun::cli
