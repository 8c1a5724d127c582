#include "sys/private_directory.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/fd.h"

namespace taskrun::sys {
namespace {

constexpr mode_t kPrivate = 0700;

std::string attempt_on(const std::string& path) { return "cannot make the directory '" + path + "'"; }

std::string without_last_name(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string without_end_slashes(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

Result<void> make_missing(const std::string& path) {
  if (::mkdir(path.c_str(), kPrivate) == 0 || errno == EEXIST) return {};
  if (errno != ENOENT) return fail_errno(attempt_on(path), errno);
  if (auto above = make_missing(without_last_name(path)); !above) return above;
  if (::mkdir(path.c_str(), kPrivate) == 0 || errno == EEXIST) return {};
  return fail_errno(attempt_on(path), errno);
}

// Whether somebody else could put another directory in the place of one in this one.
bool is_open_to_others(const struct stat& status) {
  const bool is_of_another = status.st_uid != ::geteuid() && status.st_uid != 0;
  const bool is_shared = (status.st_mode & (S_IWGRP | S_IWOTH)) != 0 && (status.st_mode & S_ISVTX) == 0;
  return is_of_another || is_shared;
}

Result<void> check_above(const std::string& path, const std::string& above) {
  struct stat status{};
  if (::stat(above.c_str(), &status) != 0) return fail_errno(attempt_on(path), errno);
  if (!is_open_to_others(status)) return {};
  return fail(attempt_on(path) + ": others may write to '" + above + "'", EPERM);
}

}  // namespace

Result<void> make_private_directory(const std::string& given) {
  const std::string path = without_end_slashes(given);
  if (auto made = make_missing(path); !made) return made;
  if (auto above = check_above(path, without_last_name(path)); !above) return above;
  const auto directory = open_file(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!directory) return fail_errno(attempt_on(path), directory.error().code);
  struct stat status{};
  if (::fstat(directory->get(), &status) != 0) return fail_errno(attempt_on(path), errno);
  if (status.st_uid != ::geteuid()) return fail(attempt_on(path) + ": it belongs to another user", EPERM);
  const bool is_private = (status.st_mode & 077) == 0;
  if (!is_private && ::fchmod(directory->get(), kPrivate) != 0) return fail_errno(attempt_on(path), errno);
  return {};
}

}  // namespace taskrun::sys
