// A reload with an engine behind it, and a manifest that is read when the test lets it be.

#include "daemon/reload.h"

#include <functional>
#include <future>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include "engine/engine.h"
#include "sys/clock.h"

using namespace taskrun;

namespace {

using Answered = tl::expected<control::Reloaded, control::Refused>;

Manifest manifest_of(const std::vector<std::pair<std::string, std::string>>& tasks) {
  Manifest manifest;
  for (const auto& [name, description] : tasks) {
    auto policy = std::make_shared<TaskPolicy>();
    policy->description = description;
    TaskSpec spec;
    spec.name = name;
    spec.schedule = OnRequest{};
    spec.policy = std::move(policy);
    manifest.tasks.push_back(std::make_shared<TaskSpec>(std::move(spec)));
  }
  return manifest;
}

struct Runner {
  boost::asio::io_context loop;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> stays = boost::asio::make_work_guard(loop);
  daemon::Options options;
  engine::Engine engine{{}, sys::read_clocks()};
  std::vector<Fact> told;
  daemon::Reload reload{loop,
                        options,
                        engine,
                        {[this](const std::vector<engine::Input>& inputs) { take(inputs); },
                         [this](engine::Input input) { take({std::move(input)}); },
                         [this](Fact fact) { told.push_back(std::move(fact)); }, [] {},
                         [this](const std::string& name, const Manifest&) { return name == "kept" ? kept : nullptr; }}};
  AttemptId alive{};  // the attempt that was started last
  TaskSpecPtr kept;   // what a client has added to stay under this name

  explicit Runner(Manifest manifest) {
    options.manifest = std::move(manifest);
    for (const TaskSpecPtr& task : options.manifest.tasks) take({engine::AddTask{task}});
  }

  void take(const std::vector<engine::Input>& inputs) {
    std::vector<engine::Action> actions;
    for (const engine::Input& input : inputs) engine.apply(input, sys::read_clocks(), actions);
    for (const engine::Action& action : actions) {
      if (const auto* start = std::get_if<engine::StartAttempt>(&action)) alive = start->attempt;
      const auto* emitted = std::get_if<engine::Emit>(&action);
      const auto* removed = emitted != nullptr ? std::get_if<TaskRemoved>(&emitted->event.fact) : nullptr;
      if (removed != nullptr) reload.is_gone(removed->task);
    }
  }

  // `meanwhile` happens while the manifest is being read.
  Answered read(Manifest manifest, const std::function<void()>& meanwhile = [] {}) {
    std::promise<void> go;
    options.read_again = [&, wait = go.get_future().share()] {
      wait.wait();
      daemon::Rereading reading;
      reading.manifest = manifest;
      return reading;
    };
    return answer_of(meanwhile, &go);
  }
  Answered answer_of(const std::function<void()>& meanwhile, std::promise<void>* go) {
    std::optional<Answered> got;
    reload.request([&](const Answered& answer) { got = answer; });
    meanwhile();
    if (go != nullptr) go->set_value();
    while (!got) loop.run_one();
    return *got;
  }

  void remove(const std::string& name) {
    const engine::Task* task = engine.tasks().find(name);
    REQUIRE(task != nullptr);
    reload.removed_by_client(*task);
    take({engine::RemoveTask{task->key}});
  }
  bool has(const std::string& name) { return engine.tasks().find(name) != nullptr; }
};

TEST_CASE("A task that a client takes out while its change is read is the manifest's again") {
  Runner runner(manifest_of({{"a", "old"}, {"b", ""}}));
  const Answered changed = runner.read(manifest_of({{"a", "new"}, {"b", ""}}), [&] { runner.remove("a"); });
  REQUIRE(changed);
  REQUIRE(runner.has("a"));
  const Answered removed = runner.read(manifest_of({{"b", ""}}));
  REQUIRE(removed);
  CHECK(removed->removed == 1);
  CHECK(removed->unchanged == 1);
  CHECK(!runner.has("a"));
}

TEST_CASE("A task that a client takes out while nothing changes it is back after the next reading") {
  Runner runner(manifest_of({{"a", ""}}));
  REQUIRE(runner.read(manifest_of({{"a", ""}}), [&] { runner.remove("a"); }));
  CHECK(!runner.has("a"));
  const Answered back = runner.read(manifest_of({{"a", ""}}));
  REQUIRE(back);
  CHECK(back->added == 1);
  CHECK(runner.has("a"));
}

TEST_CASE("A name that the manifest had taken from a client's persisted task is the client's again when it drops it") {
  Runner runner(manifest_of({{"kept", "written"}, {"b", ""}}));
  runner.kept = manifest_of({{"kept", "added"}}).tasks.front();
  const TaskKey key = runner.engine.tasks().find("kept")->key;
  REQUIRE(runner.read(manifest_of({{"b", ""}})));
  REQUIRE(runner.has("kept"));
  CHECK(runner.engine.tasks().find("kept")->spec == runner.kept);
  CHECK(runner.engine.tasks().find("kept")->key == key);
  REQUIRE(runner.read(manifest_of({})));
  CHECK(runner.has("kept"));
  REQUIRE(runner.read(manifest_of({{"kept", "written again"}})));
  CHECK(runner.engine.tasks().find("kept")->spec->policy->description == "written again");
  runner.kept = nullptr;  // it has become wrong
  REQUIRE(runner.read(manifest_of({})));
  CHECK(!runner.has("kept"));
}

TEST_CASE("A client takes out what waits for the end of a client's task of its name") {
  Runner runner(manifest_of({}));
  runner.take({engine::AddTask{manifest_of({{"a", "added"}}).tasks.front()}});
  const TaskKey key = runner.engine.tasks().find("a")->key;
  runner.reload.added_by_client(key);
  runner.take({engine::TriggerTask{key}});
  runner.remove("a");
  REQUIRE(runner.read(manifest_of({{"a", "written"}})));
  runner.remove("a");
  REQUIRE(runner.has("a"));
  runner.take({engine::AttemptEnded{runner.alive, {}}});
  CHECK(!runner.has("a"));
  const Answered back = runner.read(manifest_of({{"a", "written"}}));
  REQUIRE(back);
  CHECK(back->added == 1);
  CHECK(runner.has("a"));
}

TEST_CASE("Whoever waits for a manifest that hangs is answered by the stop, which does not wait for it") {
  Runner runner(manifest_of({{"a", ""}}));
  std::promise<void> go;
  runner.options.read_again = [wait = go.get_future().share()] {
    wait.wait();
    return daemon::Rereading{};
  };
  int refused = 0;
  const auto take = [&](const Answered& answer) {
    REQUIRE(!answer);
    CHECK(answer.error().reason == control::Refusal::stopping);
    ++refused;
  };
  CHECK(runner.reload.has_ended_within(Nanos::zero()));
  runner.reload.request(take);
  runner.reload.request(take);
  runner.reload.request(nullptr);
  CHECK_FALSE(runner.reload.has_ended_within(Nanos::zero()));
  runner.reload.give_up();
  CHECK(refused == 2);
  go.set_value();
  CHECK(runner.reload.has_ended_within(std::chrono::hours(1)));
}

TEST_CASE("A manifest that there is no memory for costs no more than a refusal") {
  Runner runner(manifest_of({{"a", ""}}));
  runner.options.manifest_path = "/m.json";
  runner.options.read_again = []() -> daemon::Rereading { throw std::bad_alloc(); };
  const Answered refused = runner.answer_of([] {}, nullptr);
  REQUIRE(!refused);
  CHECK(refused.error().reason == control::Refusal::unreadable_manifest);
  CHECK(runner.reload.error().starts_with("the manifest cannot be read again: "));
  REQUIRE(runner.told.size() == 1);
  CHECK(std::holds_alternative<ManifestRejected>(runner.told.front()));
  CHECK(runner.has("a"));
}

}  // namespace
