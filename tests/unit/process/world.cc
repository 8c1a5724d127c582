#include "world.h"

#include <csignal>
#include <cstdlib>

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/fd.h"

namespace taskrun::process {
namespace {

using namespace std::chrono_literals;

// A test that waits so long has failed.
constexpr auto kPatience = 60s;

std::uint64_t g_marks = 0;

}  // namespace

World::World(ContainmentChoice choice, const RunnerSettings& settings) : signals_(loop_) {
  auto containment = choose_containment(choice);
  if (!containment) {
    MESSAGE("not checked: " << containment.error().message);
    return;
  }
  reader_ = std::make_unique<sys::SignalReader>(sys::SignalReader::make({SIGCHLD}).value());
  // Of a child of an earlier world: looking for orphans at that moment would find some before they have hidden.
  while (reader_->next()) {
  }
  signals_.assign(sys::duplicate(reader_->fd()).value().release());
  runner_ = make_runner(loop_, *this, std::move(*containment), settings).value();
  await_child();
}

// The oracle of every test: nothing lives on, and every child is reaped.
World::~World() {
  if (runner_ == nullptr) return;
  if (expects_running_) {
    runner_.reset();
    while (waitpid(-1, nullptr, 0) > 0) {
    }
    return;
  }
  CHECK(living_children().empty());
  run_until([] { return sys::children_of(getpid()).empty(); });
}

void World::await_child() {
  signals_.async_wait(boost::asio::posix::descriptor_base::wait_read, [this](const boost::system::error_code& error) {
    if (error) return;
    while (reader_->next()) {
    }
    runner_->reap();
    await_child();
  });
}

AttemptId World::start(const Launch& launch) {
  const AttemptId id{++last_id_};
  const auto pid = runner_->start(id, launch);
  REQUIRE_MESSAGE(pid.has_value(), (pid ? "" : pid.error().message));
  pids_[id] = *pid;
  return id;
}

StartFailure World::start_failing(const Launch& launch) {
  const AttemptId id{++last_id_};
  const auto pid = runner_->start(id, launch);
  REQUIRE_FALSE(pid.has_value());
  loop_.restart();
  loop_.poll();
  CHECK(waitpid(-1, nullptr, WNOHANG) == -1);
  CHECK_FALSE(has_ended(id));
  return pid.error();
}

AttemptReport World::run(const Launch& launch) {
  const AttemptId id = start(launch);
  run_until_ended(id);
  return report(id);
}

void World::run_until(const std::function<bool()>& happened) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (!happened()) {
    REQUIRE_MESSAGE(std::chrono::steady_clock::now() < until, "what the test waits for does not come");
    loop_.restart();
    loop_.run_one_for(1s);
  }
}

void World::run_until_ended(AttemptId id) {
  run_until([&] { return has_ended(id); });
}

void World::run_until_written(AttemptId id, const std::string& text) {
  run_until([&] { return chunks_[id].find(text) != std::string::npos; });
}

void World::on_line(AttemptId, Stream stream, std::string_view line, bool partial) {
  lines_.push_back((stream == Stream::out ? "out: " : "err: ") + std::string(line) + (partial ? "…" : ""));
}

void World::on_chunk(AttemptId attempt, Stream, std::string_view bytes) {
  CHECK_FALSE(has_ended(attempt));
  chunk_bytes_ += bytes.size();
  if (keeps_chunks_) chunks_[attempt] += bytes;
}

void World::on_ended(AttemptId attempt, AttemptReport report) {
  CHECK_FALSE(has_ended(attempt));
  reports_.emplace(attempt, std::move(report));
}

Launch command(std::vector<std::string> argv) {
  Launch launch;
  launch.argv = std::move(argv);
  const char* path = std::getenv("PATH");
  launch.environment = {std::string("PATH=") + (path != nullptr ? path : "/bin:/usr/bin"),
                        "TASKRUN_RUN_ID=test-" + std::to_string(getpid()) + "-" + std::to_string(++g_marks),
                        "TASKRUN_ATTEMPT=1"};
  return launch;
}

Launch shell(const std::string& text) { return command({"/bin/sh", "-c", text}); }

Launch nasty(std::vector<std::string> arguments) {
  const char* path = std::getenv("TASKRUN_NASTY");
  REQUIRE_MESSAGE(path != nullptr, "TASKRUN_NASTY names no program: run through meson");
  arguments.insert(arguments.begin(), path);
  return command(std::move(arguments));
}

std::vector<pid_t> living_children() {
  std::vector<pid_t> pids = sys::children_of(getpid());
  std::erase_if(pids, [](pid_t pid) {
    const auto stat = sys::read_stat(pid);
    return !stat || sys::has_ended(*stat);
  });
  return pids;
}

}  // namespace taskrun::process
