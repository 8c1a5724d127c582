// A manifest is read in one go: sections of the top level as they come, each task as it comes, and nothing of it is
// kept but the specs. Only a file whose `defaults` or `env` stand after its tasks is read twice: the second reading
// knows them from the first.

#include <array>
#include <unordered_set>

#include <fmt/format.h>

#include "base/text.h"
#include "manifest/accounts.h"
#include "manifest/draft.h"
#include "manifest/environment.h"
#include "manifest/json.h"
#include "manifest/manifest.h"
#include "manifest/programs.h"
#include "manifest/syntax.h"

namespace taskrun::manifest {
namespace {

bool has_key(auto keys, std::string_view name) {
  return std::any_of(keys.begin(), keys.end(), [&](const auto& key) { return key.name == name; });
}

std::string place_of_top_key(std::string_view key) {
  return has_key(task_keys(), key) ? fmt::format("write \"{}\" in \"defaults\" or in a task", key) : "";
}

std::string place_of_task_key(std::string_view key) {
  const bool is_above = has_key(top_keys(), key) && !has_key(task_keys(), key) && key != "name";
  return is_above ? fmt::format("\"{}\" belongs to the top level", key) : "";
}

constexpr ObjectKind kTopLevel{"at the top level", place_of_top_key};
constexpr ObjectKind kTask{"in a task", place_of_task_key};
constexpr ObjectKind kDefaults{"in \"defaults\"", place_of_task_key};

// Tasks that say the same share one policy.
class SharedPolicies {
 public:
  std::shared_ptr<const TaskPolicy> share(std::shared_ptr<TaskPolicy> policy) {
    for (const auto& known : recent_) {
      if (known && *known == *policy) return known;
    }
    return recent_[next_++ % recent_.size()] = std::move(policy);
  }

 private:
  std::array<std::shared_ptr<const TaskPolicy>, 8> recent_;
  std::size_t next_ = 0;
};

class Loader final : public Receiver {
 public:
  // `sections`: the top level as an earlier reading of the same text found it, or null.
  Loader(std::string_view text, const Surroundings& surroundings, const TopDraft* sections)
      : source_{text, surroundings, mistakes_}, programs_(surroundings), accounts_(surroundings), sections_(sections) {}

  void take_member(Member& member) override;
  void take_task(Member& task) override;

  void read() { is_whole_ = read_json(source_.text, *this, mistakes_); }
  [[nodiscard]] bool is_whole() const { return is_whole_; }
  [[nodiscard]] bool must_read_again() const { return is_whole_ && is_late_; }
  [[nodiscard]] const TopDraft& sections() const { return top_; }
  // They are of no use once there is a mistake, and may be many.
  void forget_tasks() { top_.manifest.tasks = {}; }
  Loaded finish();

 private:
  void make_base();
  void read_defaults(const Member& defaults, TaskDraft& draft);
  void finish_policy(TaskDraft& draft);
  void refuse_stdin(TaskDraft& draft);
  void report_unknown_pools();
  void warn(const TaskSpec& task, const TaskDraft& draft);
  void check_owner();

  // A pool that a task names: the pools may stand after the tasks.
  struct PoolReference {
    std::string name;
    std::size_t at;
  };

  Mistakes mistakes_;
  Source source_;
  Programs programs_;
  Accounts accounts_;
  EnvFiles env_files_;
  SharedPolicies policies_;
  const TopDraft* sections_;
  TopDraft top_;
  std::shared_ptr<const TaskPolicy> base_;  // what tasks inherit; null until the first task
  ClockRules base_clock_;                   // likewise
  std::vector<PoolReference> pool_references_;
  bool is_late_ = false;   // `defaults` or `env` came after base_ was made
  bool is_whole_ = false;  // the text was read to its end
};

void Loader::take_member(Member& member) {
  if (base_ && (member.key == "defaults" || member.key == "env")) is_late_ = sections_ == nullptr;
  read_member(Value(source_, member.value, member.key, member.begin), top_keys(), top_, kTopLevel);
}

void Loader::make_base() {
  const TopDraft& sections = sections_ != nullptr ? *sections_ : top_;
  auto common = std::make_shared<TaskPolicy>();
  if (sections.env) {
    common->env = read_variables(Value(source_, sections.env->value, "env", sections.env->begin));
  }
  TaskDraft draft(std::move(common));
  if (sections.defaults) read_defaults(*sections.defaults, draft);
  finish_policy(draft);
  base_ = draft.own ? draft.own : draft.inherited;
  base_clock_ = draft.when.clock;
  for (const Node* program : draft.programs) programs_.check(*program, *base_, mistakes_);
  accounts_.check(draft, *base_, mistakes_);
}

void Loader::read_defaults(const Member& defaults, TaskDraft& draft) {
  const auto says_what_or_when = [](std::string_view name) {
    const auto keys = task_keys();
    return std::any_of(keys.begin(), keys.end(), [&](const Key<TaskDraft>& key) {
      return key.name == name && (key.part == Part::what || key.part == Part::when);
    });
  };
  for (const Value& value : Value(source_, defaults.value, "defaults", defaults.begin).members("an object", "")) {
    if (says_what_or_when(value.key())) {
      value.key_error(fmt::format("{} cannot stand in \"defaults\"", value.label()),
                      "each task says for itself what to run and when");
    } else {
      read_member(value, task_keys(), draft, kDefaults);
    }
  }
}

// What needs more than one key: the environment in its order, and the pool.
void Loader::finish_policy(TaskDraft& draft) {
  const Variables& from_file = env_files_.of(draft, source_);
  if (!from_file.empty() || !draft.env.empty()) {
    Variables& env = draft.edit().env;
    env.insert(env.end(), from_file.begin(), from_file.end());
    env.insert(env.end(), draft.env.begin(), draft.env.end());
  }
  if (draft.pool_value != nullptr && draft.own && !draft.own->pool.empty()) {
    pool_references_.push_back({draft.own->pool, draft.pool_value->begin});
  }
}

void Loader::take_task(Member& task) {
  if (!base_) make_base();
  const Value value(source_, task.value, task.key, task.begin, "task");
  if (!is_name(task.key)) {
    value.key_error(fmt::format("\"{}\" is not a task name", printable(task.key, 70)), std::string(kNameHint));
  }
  const std::size_t warnings = mistakes_.count_warnings();
  TaskDraft draft(base_, base_clock_);
  if (!read_object(value, task_keys(), draft, kTask)) return;
  std::optional<What> what = finish_what(draft, value);
  Schedule schedule = finish_when(draft.when, source_);
  finish_policy(draft);
  if (draft.key == "builtin") refuse_stdin(draft);
  if (!what || is_late_) return;
  auto policy = draft.own ? policies_.share(std::move(draft.own)) : base_;
  auto spec =
      std::make_shared<const TaskSpec>(std::move(task.key), std::move(*what), std::move(schedule), std::move(policy));
  if (source_.surroundings.is_broken) return;
  warn(*spec, draft);
  const auto& is_warned_of = source_.surroundings.is_warned_of;
  if (is_warned_of && !is_warned_of(*spec)) mistakes_.forget_warnings_after(warnings);
  if (!mistakes_.has_errors()) {
    top_.manifest.tasks.push_back(std::move(spec));
  } else {
    forget_tasks();
  }
}

// A built-in reads its arguments from its standard input.
void Loader::refuse_stdin(TaskDraft& draft) {
  if (draft.stdin_at != 0) {
    mistakes_.error(draft.stdin_at, "\"stdin\" cannot stand beside \"builtin\"",
                    "a built-in takes its input from \"with\"");
  } else if (draft.inherited->stdin_text) {
    draft.edit().stdin_text.reset();
  }
}

void Loader::warn(const TaskSpec& task, const TaskDraft& draft) {
  if (const Node* const program = program_of(draft); program != nullptr) {
    programs_.check(*program, *task.policy, mistakes_);
  }
  for (const Node* program : draft.programs) programs_.check(*program, *task.policy, mistakes_);
  accounts_.check(draft, *task.policy, mistakes_);
  const Every* const every = std::get_if<Every>(&task.schedule);
  const TaskPolicy& policy = *task.policy;
  if (every != nullptr && policy.jitter > every->period) {
    mistakes_.warning(draft.when.key_at,
                      "the jitter is longer than the interval: what is due while a start is put off is skipped",
                      "make \"jitter\" shorter than the interval");
  }
  if (every == nullptr || policy.overlap != Overlap::queue) return;
  if (policy.timeout && *policy.timeout < every->period) return;
  mistakes_.warning(draft.when.key_at, "the timeout is not shorter than the interval, so a queued run may always wait",
                    "make \"timeout\" shorter, or \"overlap\": \"skip\"");
}

void Loader::report_unknown_pools() {
  std::vector<std::string_view> pools;
  pools.reserve(top_.manifest.pools.size());
  for (const auto& [name, size] : top_.manifest.pools) pools.push_back(name);
  const std::unordered_set<std::string_view> known(pools.begin(), pools.end());
  for (const PoolReference& reference : pool_references_) {
    if (known.contains(reference.name)) continue;
    // As the manifest spells it: the name may come from a variable.
    const std::string_view written =
        source_.text.substr(reference.at, end_of_string(source_.text, reference.at) - reference.at);
    const auto meant = written.find('$') == std::string_view::npos ? nearest(reference.name, pools) : std::nullopt;
    mistakes_.error(reference.at, fmt::format("there is no pool {}", printable(written, 70)),
                    meant ? fmt::format("did you mean \"{}\"?", *meant) : "\"pools\" at the top level names them");
  }
}

void Loader::check_owner() {
  if (!source_.surroundings.is_writable_by_others) return;
  const std::string hint = "take that right away: chmod o-w";
  if (source_.surroundings.is_root) {
    mistakes_.error(Mistakes::kNowhere, "everybody may write this file, and root is to run it", hint);
  } else {
    mistakes_.warning(Mistakes::kNowhere, "everybody may write this file: a runner of root's would refuse it", hint);
  }
}

Loaded Loader::finish() {
  if (!base_) make_base();
  if (is_whole_) {
    if (!top_.has_tasks) mistakes_.error(source_.text.find('{'), "\"tasks\" is missing", "write \"tasks\": {}");
    report_unknown_pools();
  } else {
    mistakes_.forget_warnings();
  }
  check_owner();
  Loaded loaded;
  loaded.manifest = std::move(top_.manifest);
  loaded.diagnostics = mistakes_.diagnostics(source_.text, source_.surroundings.file);
  loaded.more_errors = mistakes_.more_errors();
  loaded.more_warnings = mistakes_.more_warnings();
  return loaded;
}

}  // namespace

Loaded load(std::string_view text, const Surroundings& surroundings) {
  Loader loader(text, surroundings, nullptr);
  loader.read();
  if (surroundings.is_broken && loader.is_whole()) {
    Surroundings corrected = surroundings;
    corrected.is_broken = false;
    return load(text, corrected);
  }
  if (!loader.must_read_again()) return loader.finish();
  loader.forget_tasks();
  Loader again(text, surroundings, &loader.sections());
  again.read();
  return again.finish();
}

}  // namespace taskrun::manifest
