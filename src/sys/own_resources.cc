#include "sys/own_resources.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "sys/kernel_file.h"

namespace taskrun::sys {
namespace {

// The words after the program's name in /proc/PID/stat count from the third field.
constexpr int kStarted = 22, kVirtual = 23, kResident = 24, kFirst = 3;

// The n-th (from 0) of the words of `text`, as a number; 0 where there is none.
std::uint64_t number_at(std::string_view text, int n) {
  std::uint64_t number = 0;
  for (;; --n) {
    text.remove_prefix(std::min(text.find_first_not_of(" \n"), text.size()));
    const std::string_view word = text.substr(0, text.find_first_of(" \n"));
    if (n == 0) {
      std::from_chars(word.data(), word.data() + word.size(), number);
      return number;
    }
    if (word.empty()) return 0;
    text.remove_prefix(word.size());
  }
}

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

double boot_second() {
  constexpr std::string_view kKey = "\nbtime ";
  const auto text = read_kernel_file(AT_FDCWD, "/proc/stat");
  const auto at = text ? text->find(kKey) : std::string::npos;
  return at == std::string::npos ? 0
                                 : static_cast<double>(number_at(std::string_view(*text).substr(at + kKey.size()), 0));
}

// But the one that looks.
std::uint64_t count_descriptors() {
  DIR* listing = opendir("/proc/self/fd");
  if (listing == nullptr) return 0;
  std::uint64_t count = 0;
  while (const dirent* entry = readdir(listing)) count += entry->d_name[0] != '.' ? 1 : 0;
  closedir(listing);
  return count - 1;
}

}  // namespace

OwnResources read_own_resources() {
  OwnResources own;
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) == 0) own.cpu_seconds = seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) own.max_descriptors = limit.rlim_cur;
  own.open_descriptors = count_descriptors();
  const auto stat = read_kernel_file(AT_FDCWD, "/proc/self/stat");
  const auto name_end = stat ? stat->rfind(')') : std::string::npos;
  if (name_end == std::string::npos) return own;
  const std::string_view words = std::string_view(*stat).substr(name_end + 1);
  const auto ticks = static_cast<double>(number_at(words, kStarted - kFirst));
  own.started_at = boot_second() + ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
  own.virtual_bytes = number_at(words, kVirtual - kFirst);
  own.resident_bytes = number_at(words, kResident - kFirst) * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  return own;
}

}  // namespace taskrun::sys
