// Three steps: find the files, choose those that go (cleanup_plan.h), delete them. Between the first and the last a
// file may have been replaced: it is looked at again, and only the file that was found is deleted.

#include "tasks/cleanup.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <set>

#include <fmt/format.h>
#include <fnmatch.h>

#include "base/text.h"
#include "sys/clock.h"
#include "sys/directory.h"
#include "tasks/arguments.h"
#include "tasks/cleanup_plan.h"

namespace taskrun::tasks {
namespace {

using sys::Directory;
using sys::Entry;
using sys::EntryKind;

constexpr std::uint64_t kToldFailures = 20;

struct Selection {
  Arguments::Strings include;
  Arguments::Strings exclude;
  bool recursive = false;
  sys::Mounts mounts = sys::Mounts::stay;
};

// How the removal is done.
struct Manner {
  bool dry_run = false;
  bool remove_empty_directories = false;
};

struct Tally {
  std::uint64_t deleted = 0;
  std::uint64_t bytes = 0;
  std::uint64_t failed = 0;
};

std::string join(const std::string& directory, const std::string& name) {
  return directory.empty() ? name : directory + "/" + name;
}

bool matches(const Arguments::Strings& patterns, const std::string& path, const std::string& name) {
  return std::ranges::any_of(patterns, [&](const std::string& pattern) {
    const bool is_of_path = pattern.find('/') != std::string::npos;
    return ::fnmatch(pattern.c_str(), is_of_path ? path.c_str() : name.c_str(), is_of_path ? FNM_PATHNAME : 0) == 0;
  });
}

class Cleanup {
 public:
  explicit Cleanup(const Directory& root) : root_(root) {}

  [[nodiscard]] const Tally& tally() const { return tally_; }

  std::vector<Candidate> find(const Selection& selection) {
    std::vector<Candidate> found;
    std::vector<std::string> to_visit{""};
    while (!to_visit.empty()) {
      const std::string path = std::move(to_visit.back());
      to_visit.pop_back();
      visit(path, selection, found, to_visit);
    }
    return found;
  }

  void remove(const std::vector<Candidate>& doomed, sys::Mounts mounts, const Manner& manner) {
    for (auto next = doomed.begin(); next != doomed.end();) {
      const auto end =
          std::find_if(next, doomed.end(), [&](const Candidate& c) { return c.directory != next->directory; });
      const Result<Directory> directory = root_.open_below(next->directory, mounts);
      if (!directory) tell_failure(next->directory, directory.error(), static_cast<std::uint64_t>(end - next));
      for (; next != end; ++next) {
        if (directory) remove_one(*directory, *next, manner.dry_run);
      }
    }
    if (manner.remove_empty_directories && !manner.dry_run) remove_emptied(doomed, mounts);
  }

 private:
  void visit(const std::string& path, const Selection& selection, std::vector<Candidate>& found,
             std::vector<std::string>& to_visit) {
    const Result<Directory> directory = root_.open_below(path, selection.mounts);
    if (!directory && directory.error().code == EXDEV) return;
    if (!directory && directory.error().code == ENOENT) return;  // somebody else deleted it
    if (!directory) return tell_failure(path, directory.error());
    Result<std::vector<Entry>> entries = directory->entries();
    if (!entries) return tell_failure(path, entries.error());
    for (Entry& entry : *entries) {
      std::string below = join(path, entry.name);
      if (entry.kind == EntryKind::directory && selection.recursive) to_visit.push_back(std::move(below));
      if (entry.kind != EntryKind::file || !matches(selection.include, below, entry.name)) continue;
      if (matches(selection.exclude, below, entry.name)) continue;
      found.push_back({path, std::move(entry.name), entry.size, entry.modified, entry.device, entry.inode});
    }
  }

  void remove_one(const Directory& directory, const Candidate& file, bool dry_run) {
    const Result<Entry> now = directory.entry(file.name);
    if (!now && now.error().code != ENOENT) return tell_failure(join(file.directory, file.name), now.error());
    const bool is_still_it = now && now->kind == EntryKind::file && now->device == file.device &&
                             now->inode == file.inode && now->modified == file.modified;
    if (!is_still_it) return;
    if (dry_run) {
      fmt::print(stderr, "cleanup: would delete {} ({})\n", printable(join(file.directory, file.name)),
                 format_bytes(file.size));
    } else if (const auto removed = directory.remove_file(file.name); !removed) {
      if (removed.error().code != ENOENT) tell_failure(join(file.directory, file.name), removed.error());
      return;
    }
    ++tally_.deleted;
    tally_.bytes += file.size.count;
  }

  // Longest path first, so that a directory comes after those below it; one that is emptied offers its parent.
  void remove_emptied(const std::vector<Candidate>& doomed, sys::Mounts mounts) {
    const auto is_deeper = [](const std::string& a, const std::string& b) {
      return a.size() != b.size() ? a.size() > b.size() : a < b;
    };
    std::set<std::string, decltype(is_deeper)> offered(is_deeper);
    for (const Candidate& file : doomed) offered.insert(file.directory);
    while (!offered.empty()) {
      const std::string path = *offered.begin();
      offered.erase(offered.begin());
      if (path.empty()) continue;
      const std::size_t slash = path.rfind('/');
      const std::string parent = slash == std::string::npos ? "" : path.substr(0, slash);
      if (remove_directory(parent, path.substr(slash + 1), mounts)) offered.insert(parent);
    }
  }

  bool remove_directory(const std::string& parent, const std::string& name, sys::Mounts mounts) {
    const Result<Directory> directory = root_.open_below(parent, mounts);
    const Result<void> removed = directory ? directory->remove_directory(name) : tl::unexpected(directory.error());
    if (removed) return true;
    const int code = removed.error().code;
    const bool is_expected = code == ENOTEMPTY || code == EEXIST || code == ENOENT;
    if (!is_expected) tell_failure(join(parent, name), removed.error());
    return false;
  }

  void tell_failure(const std::string& path, const Error& error, std::uint64_t files = 1) {
    if (told_ < kToldFailures) {
      fmt::print(stderr, "cleanup: '{}': {}\n", printable(path), strerrordesc_np(error.code));
    } else if (told_ == kToldFailures) {
      fmt::print(stderr, "cleanup: further failures are counted, not told\n");
    }
    ++told_;
    tally_.failed += files;
  }

  const Directory& root_;
  Tally tally_;
  std::uint64_t told_ = 0;
};

Exit refuse(std::string_view message, Exit exit) {
  fmt::print(stderr, "cleanup: {}\n", message);
  return exit;
}

std::optional<std::uint64_t> count_of(std::optional<std::int64_t> value) {
  return value ? std::optional<std::uint64_t>(static_cast<std::uint64_t>(*value)) : std::nullopt;
}

void report(const Tally& tally, std::size_t found, bool dry_run) {
  const std::uint64_t kept = found - std::min<std::uint64_t>(found, tally.deleted);
  write_result(fmt::format(R"({{"deleted":{},"bytes":{},"kept":{},"failed":{},"dry_run":{}}})", tally.deleted,
                           tally.bytes, kept, tally.failed, dry_run));
  fmt::print(stderr, "cleanup: {} {} files of {} bytes, {} kept, {} failed\n",
             dry_run ? "would have deleted" : "deleted", tally.deleted, tally.bytes, kept, tally.failed);
}

}  // namespace

std::string problem_of_cleanup(const Arguments& arguments) {
  const auto keep_newest = arguments.find<std::int64_t>("keep_newest");
  if (keep_newest && *keep_newest < 0) return "argument 'keep_newest' is below 0";
  if (!keep_newest && !arguments.find<Nanos>("older_than") && !arguments.find<Bytes>("max_total_size")) {
    return "one of 'older_than', 'max_total_size' and 'keep_newest' must say what goes";
  }
  const std::string directory = arguments.get<std::string>("directory");
  if (directory.empty()) return "argument 'directory' is empty";
  return directory.find_first_not_of('/') == std::string::npos ? "'directory' is the root of the file system" : "";
}

Exit run_cleanup(const Arguments& arguments) {
  const Criteria criteria{.older_than = arguments.find<Nanos>("older_than"),
                          .max_total_size = arguments.find<Bytes>("max_total_size"),
                          .keep_newest = count_of(arguments.find<std::int64_t>("keep_newest"))};
  const Result<Directory> root = Directory::open(arguments.get<std::string>("directory"));
  if (!root) return refuse(printable(root.error().message), Exit::failure);
  if (root->is_root()) return refuse("'directory' is the root of the file system", Exit::arguments);

  const Selection selection{
      .include = arguments.get<Arguments::Strings>("include"),
      .exclude = arguments.get<Arguments::Strings>("exclude"),
      .recursive = arguments.get<bool>("recursive"),
      .mounts = arguments.get<bool>("cross_file_systems") ? sys::Mounts::cross : sys::Mounts::stay};
  const Manner manner{.dry_run = arguments.get<bool>("dry_run"),
                      .remove_empty_directories = arguments.get<bool>("remove_empty_directories")};
  Cleanup cleanup(*root);
  std::vector<Candidate> found = cleanup.find(selection);
  const std::size_t count = found.size();
  cleanup.remove(choose(std::move(found), criteria, sys::read_clocks().wall), selection.mounts, manner);
  report(cleanup.tally(), count, manner.dry_run);
  return cleanup.tally().failed == 0 ? Exit::success : Exit::failure;
}

}  // namespace taskrun::tasks
