// The machine's own zone by name. The C library reads the rules behind /etc/localtime without caring for the name; we
// need one to show and to compare, so it is taken from where the link points, or, where it is a copy, from a file of
// the database with the same content.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "base/text.h"
#include "schedule/zone.h"
#include "schedule/zone_names.h"

namespace taskrun {
namespace {

constexpr std::string_view kLocaltime = "/etc/localtime";
constexpr std::string_view kDatabase = "zoneinfo/";
constexpr std::string_view kNameIt = "set TZ, or the task's \"timezone\", to a name like \"Europe/Berlin\"";

// "Asia/Shanghai" for /usr/share/zoneinfo/Asia/Shanghai; a path that leads elsewhere as it is.
std::string name_in_database(std::string path) {
  if (const std::size_t at = path.rfind(kDatabase); at != std::string::npos) path.erase(0, at + kDatabase.size());
  for (const std::string_view tree : {"posix/", "right/"}) {
    if (path.starts_with(tree)) path.erase(0, tree.size());
  }
  return path;
}

tl::expected<Zone, SyntaxError> find_named_by(std::string_view source, const std::string& name) {
  auto zone = find_zone(name);
  if (!zone) zone.error().message = fmt::format("the local time zone, from {}: {}", source, zone.error().message);
  return zone;
}

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The first name whose file is a copy of /etc/localtime; "" where there is none.
std::string name_of_copy() {
  const char* const directory = std::getenv("TZDIR");
  const std::filesystem::path database = directory != nullptr ? directory : "/usr/share/zoneinfo";
  const std::string content = content_of(kLocaltime);
  for (const std::string_view name : zone_names()) {
    std::error_code error;
    const std::filesystem::path path = database / name;
    if (std::filesystem::file_size(path, error) == content.size() && content_of(path) == content) {
      return std::string(name);
    }
  }
  return {};
}

tl::expected<Zone, SyntaxError> zone_of_etc_localtime() {
  std::error_code error;
  if (!std::filesystem::exists(kLocaltime, error)) return utc_zone();
  const std::filesystem::path target = std::filesystem::read_symlink(kLocaltime, error);
  const std::string name = error ? name_of_copy() : name_in_database(target.string());
  if (!name.empty()) return find_named_by(kLocaltime, name);
  return tl::unexpected(SyntaxError{
      fmt::format("the local time zone has no name: {} is no link to the tz database and no copy of its files",
                  kLocaltime),
      std::string(kNameIt)});
}

}  // namespace

tl::expected<Zone, SyntaxError> local_zone() {
  const char* const variable = std::getenv("TZ");
  if (variable == nullptr) return zone_of_etc_localtime();
  std::string_view value = variable;
  if (value.starts_with(':')) value.remove_prefix(1);
  if (value.empty()) return utc_zone();
  if (value == kLocaltime || value == "localtime") return zone_of_etc_localtime();
  return find_named_by("TZ", name_in_database(std::string(value)));
}

}  // namespace taskrun
