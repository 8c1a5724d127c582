#include "cli/completion_names.h"

#include <algorithm>
#include <unordered_set>

#include "base/limits.h"
#include "base/text.h"
#include "cli/manifest_source.h"
#include "cli/runner_answers.h"
#include "cli/socket_search.h"
#include "control/client.h"
#include "manifest/json.h"
#include "schedule/zone_names.h"
#include "tasks/builtin.h"

namespace taskrun::cli {
namespace {

using manifest::Kind;
using manifest::Member;

const Member* find_member(const Member& object, std::string_view key) {
  const auto found = std::ranges::find(object.value.members, key, &Member::key);
  return found != object.value.members.end() ? &*found : nullptr;
}

// A manifest that is being written is seldom free of mistakes, and its variables are set elsewhere: only names are
// read.
class NameReceiver final : public manifest::Receiver {
 public:
  void take_member(Member&) override {}
  void take_task(Member& task) override {
    if (!is_name(task.key)) return;
    const Member* const description = find_member(task, "description");
    const bool has_one = description != nullptr && description->value.kind == Kind::string;
    names_.tasks.push_back({task.key, has_one ? description->value.text : ""});
    if (const Member* const tags = find_member(task, "tags"); tags != nullptr) take_tags(*tags);
  }
  NamesInManifest take() { return std::move(names_); }

 private:
  void take_tags(const Member& tags) {
    for (const manifest::Node& tag : tags.value.items) {
      if (tag.kind != Kind::string || !is_name(tag.text)) continue;
      if (known_tags_.insert(tag.text).second) names_.tags.push_back({tag.text});
    }
  }

  std::unordered_set<std::string> known_tags_;
  NamesInManifest names_;
};

std::vector<Candidate> of_manifest(const Completion& completion) {
  if (completion.places.manifest == "-") return {};  // what is typed is not to be read
  const auto text = read_manifest_text({completion.places.manifest, limits::kCompletionManifest});
  if (!text) return {};
  NamesInManifest names = names_in(*text);
  return completion.wanted == Wanted::tag ? std::move(names.tags) : std::move(names.tasks);
}

std::vector<Candidate> instances() {
  std::vector<Candidate> all;
  for (const FoundSocket& socket : search_sockets(this_surroundings()).live) {
    if (is_name(socket.instance)) all.push_back({socket.instance});
  }
  return all;
}

std::optional<std::string> find_socket(const NamePlaces& places) {
  if (places.socket) return places.socket;
  const SocketSearch search = search_sockets(this_surroundings());
  const auto meant = places.instance.empty() ? search.live : named(search.live, places.instance);
  return meant.size() == 1 ? std::optional(meant.front().path) : std::nullopt;
}

std::vector<Candidate> of_runner(const NamePlaces& places) {
  const auto socket = find_socket(places);
  if (!socket) return {};
  const auto reply = control::Client(*socket, limits::kCompletionPatience).ask("GET", "/v1/tasks");
  const auto tasks = reply ? read_tasks(reply->body) : no_runner("");
  std::vector<Candidate> all;
  for (const TaskSeen& task : tasks.value_or(std::vector<TaskSeen>())) {
    if (is_name(task.name)) all.push_back({task.name, task.state});
  }
  return all;
}

std::vector<Candidate> built_ins() {
  std::vector<Candidate> all;
  for (const tasks::Builtin& builtin : tasks::registry()) {
    all.push_back({std::string(builtin.name), std::string(builtin.summary)});
  }
  return all;
}

std::vector<Candidate> zones() {
  std::vector<Candidate> all;
  for (const std::string_view name : zone_names()) all.push_back({std::string(name)});
  return all;
}

}  // namespace

NamesInManifest names_in(std::string_view text) {
  NameReceiver receiver;
  manifest::Mistakes mistakes;
  static_cast<void>(manifest::read_json(text, receiver, mistakes));
  return receiver.take();
}

std::vector<Candidate> names_for(const Completion& completion) {
  switch (completion.wanted) {
    case Wanted::nothing:
    case Wanted::word:
    case Wanted::file:
    case Wanted::directory:
    case Wanted::program: return {};
    case Wanted::task: return completion.places.are_of_runner ? of_runner(completion.places) : of_manifest(completion);
    case Wanted::tag: return of_manifest(completion);
    case Wanted::instance: return instances();
    case Wanted::built_in: return built_ins();
    case Wanted::zone: return zones();
  }
  __builtin_unreachable();
}

}  // namespace taskrun::cli
