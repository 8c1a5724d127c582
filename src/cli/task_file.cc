#include "cli/task_file.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "cli/exit_codes.h"
#include "manifest/json.h"
#include "manifest/mistakes.h"

namespace taskrun::cli {
namespace {

using manifest::Kind;
using manifest::Member;

// What a manifest may say beside its tasks without meaning anything for one that is added.
constexpr std::array<std::string_view, 3> kMeaningless{"$schema", "version", "name"};

bool is_meaningless(std::string_view key) {
  return key.starts_with("x-") || std::ranges::find(kMeaningless, key) != kMeaningless.end();
}

// Keeps the text of each member, and where its key stands.
class Members final : public manifest::Receiver {
 public:
  explicit Members(std::string_view text) : text_(text) {}

  void take_member(Member& member) override {
    if (member.key == "tasks") {
      is_manifest_ = true;
    } else {
      top_.push_back(entry_of(member));
    }
  }
  void take_task(Member& task) override { tasks_.push_back(entry_of(task)); }

  struct Entry {
    TaskText task;
    Kind kind;
    std::size_t at;
  };
  [[nodiscard]] const std::vector<Entry>& top() const { return top_; }
  [[nodiscard]] const std::vector<Entry>& tasks() const { return tasks_; }
  [[nodiscard]] bool is_manifest() const { return is_manifest_; }

 private:
  [[nodiscard]] Entry entry_of(const Member& member) const {
    const auto definition = text_.substr(member.value.begin, member.value.end - member.value.begin);
    return {{member.key, std::string(definition), member.value.begin}, member.value.kind, member.begin};
  }

  std::string_view text_;
  std::vector<Entry> top_;
  std::vector<Entry> tasks_;
  bool is_manifest_ = false;
};

std::vector<TaskText> texts_of(const std::vector<Members::Entry>& entries) {
  std::vector<TaskText> texts;
  for (const Members::Entry& entry : entries) texts.push_back(entry.task);
  return texts;
}

// The tasks of a manifest; whatever else it says is a mistake.
std::vector<TaskText> tasks_of_manifest(const Members& members, manifest::Mistakes& mistakes) {
  for (const Members::Entry& entry : members.top()) {
    if (is_meaningless(entry.task.name)) continue;
    mistakes.error(entry.at, fmt::format("\"{}\" does not apply to tasks that are added", printable(entry.task.name)),
                   "write it into the tasks, or into the runner's manifest, and reload that");
  }
  return texts_of(members.tasks());
}

bool is_object(const Members::Entry& entry) { return entry.kind == Kind::object; }

}  // namespace

Answered<std::vector<TaskText>> read_tasks_in(std::string_view text, const std::string& file,
                                              const std::string& name_of_one) {
  manifest::Mistakes mistakes;
  Members members(text);
  static_cast<void>(manifest::read_json(text, members, mistakes));
  std::vector<TaskText> tasks;
  if (members.is_manifest()) {
    tasks = tasks_of_manifest(members, mistakes);
  } else if (std::ranges::all_of(members.top(), is_object)) {
    tasks = texts_of(members.top());
  } else {
    const std::size_t begin = std::min(text.find('{'), text.size());  // behind a byte order mark
    tasks.push_back({name_of_one, std::string(text.substr(begin)), begin});
  }
  if (tasks.empty() && !mistakes.has_errors()) mistakes.error(manifest::Mistakes::kNowhere, "there is no task in it");
  if (!mistakes.has_errors()) return tasks;
  return tl::unexpected(Trouble{kWrongManifest, "wrong_task", fmt::format("nothing of {} was added", file),
                                mistakes.diagnostics(text, file)});
}

}  // namespace taskrun::cli
