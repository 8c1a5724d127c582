#include "cli/runner_link.h"

#include <algorithm>
#include <chrono>
#include <variant>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "cli/exit_codes.h"
#include "cli/socket_search.h"
#include "cli/table.h"
#include "control/target.h"

namespace taskrun::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kLongestMessage = 500;

// For one of several runners to say its pid when they are listed, and for all of them.
constexpr std::chrono::milliseconds kGlance{300};
constexpr std::chrono::seconds kGlances{2};

tl::unexpected<Trouble> told(const Error& error) {
  return no_runner(printable(error.message, kLongestMessage), error.code);
}

std::string quoted(const std::vector<std::string>& names) {
  std::vector<std::string> out;
  for (const std::string& name : names) out.push_back(fmt::format("'{}'", printable(name)));
  return fmt::format("{}", fmt::join(out, ", "));
}

std::string names_of(const std::vector<FoundSocket>& sockets) {
  std::vector<std::string> names;
  for (const FoundSocket& socket : sockets) names.push_back(socket.instance);
  return quoted(names);
}

tl::unexpected<Trouble> none_found(const SocketSearch& search, const std::string& instance) {
  const std::string name = instance.empty() ? "" : fmt::format(" '{}'", instance);
  std::string message = fmt::format("no runner{} answers: looked in {}", name, quoted(search.looked));
  if (!search.live.empty()) message += fmt::format("; there is {}", names_of(search.live));
  if (!search.foreign.empty()) message += fmt::format("; not asked: {} of another user", quoted(search.foreign));
  return no_runner(std::move(message));
}

// The pid where it answers at once; hung runners must not add up.
std::string pid_of(const FoundSocket& socket, Clock::time_point end) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
  const auto patience = std::min(left, kGlance);
  if (patience.count() <= 0) return "";
  const auto reply = control::Client(socket.path, patience).ask("GET", "/v1/runner");
  if (!reply) return "silent";
  const auto runner = read_runner(reply->body);
  return runner ? fmt::format("pid {}{}", runner->pid, runner->is_stopping ? ", stopping" : "") : "";
}

tl::unexpected<Trouble> several_found(const std::vector<FoundSocket>& sockets) {
  const auto end = Clock::now() + kGlances;
  const bool is_name_enough = std::ranges::adjacent_find(sockets, {}, &FoundSocket::instance) == sockets.end();
  std::vector<std::vector<Cell>> rows;
  for (const FoundSocket& socket : sockets) {
    rows.push_back({{"  " + socket.instance}, {pid_of(socket, end)}, {printable(socket.path)}});
  }
  std::string list = table({}, {}, rows);
  list.pop_back();
  return tl::unexpected(Trouble{kUsage, "several_runners",
                                fmt::format("there are several runners, {} says which is meant:\n{}",
                                            is_name_enough ? "--instance NAME" : "--socket PATH", list)});
}

}  // namespace

Answered<RunnerLink> RunnerLink::find(const RunnerChoice& choice) {
  if (choice.socket && !choice.instance.text.empty()) {
    return tl::unexpected(Trouble{kUsage, "usage", "--socket and --instance exclude each other: each names a runner"});
  }
  if (choice.socket) return RunnerLink(*choice.socket);
  const SocketSearch search = search_sockets(this_surroundings());
  const std::string& instance = choice.instance.text;
  const auto meant = instance.empty() ? search.live : named(search.live, instance);
  if (meant.empty()) return none_found(search, instance);
  if (meant.size() > 1) return several_found(meant);
  return RunnerLink(meant.front().path);
}

Answered<std::string> RunnerLink::ask(std::string_view method, std::string_view target, std::string_view body,
                                      std::chrono::milliseconds patience) const {
  constexpr unsigned kFirstRefusal = 300;
  auto reply = control::Client(socket_, patience).ask(method, target, body);
  if (!reply) return told(reply.error());
  if (reply->status >= kFirstRefusal) return tl::unexpected(read_refusal(*reply));
  return std::move(reply->body);
}

Answered<control::EventStream> RunnerLink::follow(std::string_view target) const {
  auto followed = control::Client(socket_).follow(target);
  if (!followed) return told(followed.error());
  if (const auto* const reply = std::get_if<control::Reply>(&*followed)) return tl::unexpected(read_refusal(*reply));
  return std::get<control::EventStream>(std::move(*followed));
}

Answered<RunnerSeen> RunnerLink::look(std::chrono::milliseconds patience) const {
  const auto body = ask("GET", "/v1/runner", "", patience);
  return body ? read_runner(*body) : tl::unexpected(body.error());
}

Answered<ReadyRunner> ready_runner(const RunnerChoice& choice) {
  auto link = RunnerLink::find(choice);
  if (!link) return tl::unexpected(link.error());
  auto seen = link->look();
  if (!seen) return tl::unexpected(seen.error());
  if (seen->is_stopping) {
    return tl::unexpected(Trouble{kNoRunner, "stopping", fmt::format("the runner '{}' is stopping", seen->instance)});
  }
  return ReadyRunner{*std::move(link), *std::move(seen)};
}

std::string task_target(std::string_view name, std::string_view rest) {
  return fmt::format("/v1/tasks/{}{}", control::escaped(name), rest);
}

}  // namespace taskrun::cli
