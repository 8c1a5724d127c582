#include "process/credentials.h"

#include <algorithm>
#include <cerrno>
#include <charconv>

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include "base/text.h"

namespace taskrun::process {
namespace {

constexpr std::size_t kLargestEntry = 1 << 20;  // a group may have very many members

std::optional<unsigned> as_number(const std::string& text) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number == UINT_MAX) return std::nullopt;
  return number;
}

// The C library's reentrant look-ups want memory and ask for more with ERANGE. 0 without an entry: there is none.
template <class Entry, class Key>
int look_up(int (*function)(Key, Entry*, char*, std::size_t, Entry**), Key key, Entry& entry, std::vector<char>& memory,
            bool& found) {
  for (memory.resize(4096);; memory.resize(memory.size() * 4)) {
    Entry* result = nullptr;
    const int code = function(key, &entry, memory.data(), memory.size(), &result);
    found = result != nullptr;
    if (code != ERANGE || memory.size() >= kLargestEntry) return found ? 0 : code;
  }
}

tl::unexpected<Error> fail_finding(const char* kind, const std::string& name, int code) {
  // Name services answer "no such entry" in several ways (getpwnam(3)).
  const bool absent = code == 0 || code == ENOENT || code == ESRCH || code == EBADF || code == EPERM;
  const std::string attempt = fmt::format("finding {} '{}'", kind, printable(name));
  return absent ? fail(fmt::format("{}: no such {}", attempt, kind)) : fail_errno(attempt, code);
}

Result<gid_t> find_group(const std::string& name) {
  group entry{};
  std::vector<char> memory;
  bool found = false;
  const int code = look_up<group, const char*>(&getgrnam_r, name.c_str(), entry, memory, found);
  if (found) return entry.gr_gid;
  if (const auto number = as_number(name)) return *number;
  return fail_finding("group", name, code);
}

std::vector<gid_t> groups_of(const char* name, gid_t group) {
  int count = 64;
  std::vector<gid_t> groups(static_cast<std::size_t>(count));
  while (getgrouplist(name, group, groups.data(), &count) < 0) groups.resize(static_cast<std::size_t>(count));
  groups.resize(static_cast<std::size_t>(count));
  std::sort(groups.begin(), groups.end());
  groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
  return groups;
}

Result<Credentials> find_user(const std::string& name, std::optional<gid_t> group) {
  passwd entry{};
  std::vector<char> memory;
  bool found = false;
  int code = look_up<passwd, const char*>(&getpwnam_r, name.c_str(), entry, memory, found);
  const auto number = as_number(name);
  if (!found && number) code = look_up<passwd, uid_t>(&getpwuid_r, *number, entry, memory, found);
  if (found) {
    const gid_t own = group.value_or(entry.pw_gid);
    return Credentials{entry.pw_uid, own, groups_of(entry.pw_name, own)};
  }
  if (!number) return fail_finding("user", name, code);
  if (!group) return fail(fmt::format("finding user '{}': no such user, and no group is named beside it", *number));
  return Credentials{*number, *group, std::vector<gid_t>{*group}};
}

}  // namespace

Result<std::optional<Credentials>> find_credentials(const std::string& user, const std::string& group) {
  if (user.empty() && group.empty()) return std::nullopt;
  std::optional<gid_t> wanted_group;
  if (!group.empty()) {
    const auto found = find_group(group);
    if (!found) return tl::unexpected(found.error());
    wanted_group = *found;
  }
  Credentials credentials{geteuid(), wanted_group.value_or(getegid()), std::nullopt};
  if (!user.empty()) {
    auto found = find_user(user, wanted_group);
    if (!found) return tl::unexpected(found.error());
    credentials = std::move(*found);
  }
  // Without privileges one may always "become" oneself, but not say so to the kernel.
  const bool is_self = credentials.user == geteuid() && credentials.group == getegid();
  if (is_self && geteuid() != 0) return std::nullopt;
  return credentials;
}

}  // namespace taskrun::process
