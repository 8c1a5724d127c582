// Opens what the daemon needs; what cannot be opened ends it before anything has started.

#include "daemon/run.h"

#include <cerrno>
#include <csignal>
#include <memory>
#include <utility>

#include <spdlog/spdlog.h>
#include <unistd.h>

#include "daemon/daemon.h"
#include "daemon/instance.h"
#include "process/process_runner.h"
#include "sys/fd.h"
#include "sys/signals.h"

namespace taskrun::daemon {
namespace {

constexpr int kInternalError = 70;
constexpr int kCannotCreate = 73;
constexpr int kUnavailable = 75;

int give_up(const Error& error, int exit_code) {
  spdlog::error("{}", error.message);
  return exit_code;
}

Result<Doors> open_doors(const Options& options, process::ContainmentChoice choice) {
  const std::uint64_t open_files = sys::raise_descriptor_limit();
  sys::ignore_signals({SIGPIPE, SIGXFSZ});
  std::signal(SIGCHLD, SIG_DFL);  // ignored, it would have the kernel reap our children
  auto signals = sys::SignalReader::make({SIGCHLD, SIGTERM, SIGINT, SIGHUP});
  if (!signals) return tl::unexpected(signals.error());
  auto deadline = sys::BootTimer::make();
  if (!deadline) return tl::unexpected(deadline.error());
  auto wall_deadline = sys::WallTimer::make();
  if (!wall_deadline) return tl::unexpected(wall_deadline.error());
  const bool keeps_state = !options.state_directory.empty() && !options.once;
  FoundHistory history;
  if (keeps_state) {
    history =
        find_history({options.state_directory + "/" + report::kHistoryName, options.durability, options.retention});
  }
  PersistedTasks persisted = keeps_state ? PersistedTasks(options.state_directory) : PersistedTasks();
  auto lines = report::JsonLines::open(STDOUT_FILENO, options.instance, options.events);
  if (!lines) return tl::unexpected(lines.error());
  auto chunks = report::ChunkWriter::open(STDERR_FILENO);
  if (!chunks) return tl::unexpected(chunks.error());
  auto containment = process::choose_containment(choice);
  if (!containment) return tl::unexpected(containment.error());
  std::string name((*containment)->name());
  // std::function copies what it holds; the containment has one owner, who takes it when the loop is there.
  auto held = std::make_shared<std::unique_ptr<process::Containment>>(*std::move(containment));
  const auto make_runner = [held, open_files](boost::asio::io_context& loop, process::Listener& listener) {
    return process::make_runner(loop, listener, std::move(*held), {open_files});
  };
  return Doors{*std::move(lines),    *std::move(chunks),        *std::move(signals),
               *std::move(deadline), *std::move(wall_deadline), std::move(history),
               make_runner,          std::move(name),           {},
               std::move(persisted)};
}

}  // namespace

int run(Options options, process::ContainmentChoice containment, sys::Fd keeper_alive) {
  // First of all: what is another runner's is not even looked at.
  auto instance = options.once ? Result<Instance>() : hold_instance(options);
  if (!instance) return give_up(instance.error(), instance.error().code == EWOULDBLOCK ? kUnavailable : kCannotCreate);
  auto doors = open_doors(options, containment);
  if (!doors) return give_up(doors.error(), kInternalError);
  if (options.watches_manifest) {
    auto watch = sys::FileWatch::make(options.manifest_path);
    if (!watch) return give_up(watch.error(), kInternalError);
    doors->manifest_watch = *std::move(watch);
  }
  doors->listeners = std::exchange(instance->listeners, {});
  const Result<int> code = Daemon(std::move(options), *std::move(doors)).run(std::move(keeper_alive));
  return code ? *code : give_up(code.error(), kInternalError);
}

}  // namespace taskrun::daemon
