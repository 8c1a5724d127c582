#include "process/plan.h"

#include <algorithm>
#include <cerrno>
#include <string_view>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include "base/text.h"
#include "process/start_failure.h"
#include "sys/kernel_file.h"

namespace taskrun::process {
namespace {

// What the C library takes where there is no PATH.
constexpr std::string_view kDefaultPath = "/bin:/usr/bin";

std::vector<const char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<const char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (const std::string& text : texts) pointers.push_back(text.c_str());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<const char*> environment_of(const Launch& launch) {
  std::vector<const char*> pointers = launch.inherited;
  pointers.reserve(pointers.size() + launch.environment.size() + 1);
  for (const std::string& variable : launch.environment) pointers.push_back(variable.c_str());
  pointers.push_back(nullptr);
  return pointers;
}

// `environment` ends with a null pointer.
std::optional<std::string_view> path_variable(const std::vector<const char*>& environment) {
  constexpr std::string_view kName = "PATH=";
  for (std::size_t i = 0; environment[i] != nullptr; ++i) {
    const std::string_view variable = environment[i];
    if (variable.starts_with(kName)) return variable.substr(kName.size());
  }
  return std::nullopt;
}

std::uint64_t whole_seconds(Nanos duration) {
  return static_cast<std::uint64_t>(
      std::max<std::int64_t>(std::chrono::ceil<std::chrono::seconds>(duration).count(), 1));
}

std::vector<LimitOrder> limits_of(const ResourceLimits& limits, std::optional<std::uint64_t> open_files) {
  std::vector<LimitOrder> orders;
  const auto both = [&](int resource, const char* name, std::uint64_t value) {
    orders.push_back({resource, {value, value}, name});
  };
  if (limits.open_files) both(RLIMIT_NOFILE, "open_files", *limits.open_files);
  if (limits.processes) both(RLIMIT_NPROC, "processes", *limits.processes);
  if (limits.memory) both(RLIMIT_AS, "memory", limits.memory->count);
  if (limits.file_size) both(RLIMIT_FSIZE, "file_size", limits.file_size->count);
  if (limits.core) both(RLIMIT_CORE, "core", limits.core->count);
  if (limits.cpu) {
    // At the soft limit comes SIGXCPU, which tells why; at the hard one SIGKILL, which cannot be ignored.
    const std::uint64_t seconds = whole_seconds(*limits.cpu);
    orders.push_back({RLIMIT_CPU, {seconds, seconds + 1}, "cpu"});
  }
  if (open_files && !limits.open_files) {
    rlimit64 limit{};
    getrlimit64(RLIMIT_NOFILE, &limit);
    const rlimit64 wanted{std::min(*open_files, limit.rlim_max), limit.rlim_max};
    if (wanted.rlim_cur != limit.rlim_cur) orders.push_back({RLIMIT_NOFILE, wanted, "open_files"});
  }
  return orders;
}

}  // namespace

std::vector<std::string> paths_of(const std::string& program, std::optional<std::string_view> path) {
  if (program.empty() || program.find('/') != std::string::npos) return {program};
  std::vector<std::string> paths;
  std::string_view rest = path.value_or(kDefaultPath);
  for (;;) {
    const auto end = rest.find(':');
    const std::string_view directory = rest.substr(0, end);
    paths.push_back(fmt::format("{}/{}", directory.empty() ? "." : directory, program));
    if (end == std::string_view::npos) return paths;
    rest.remove_prefix(end + 1);
  }
}

tl::expected<Plan, StartFailure> Plan::make(const Launch& launch, const ResourceLimits& limits,
                                            std::optional<std::uint64_t> open_files) {
  Plan plan(launch);
  auto credentials = find_credentials(launch.user, launch.group);
  if (!credentials) return tl::unexpected(StartFailure{credentials.error().message, StartFailure::Kind::other});
  plan.credentials_ = std::move(*credentials);
  if (plan.credentials_ && plan.credentials_->groups) {
    plan.groups_read_back_.resize(plan.credentials_->groups->size() + 1);
  }
  plan.environment_pointers_ = environment_of(launch);
  plan.paths_ = paths_of(launch.argv.front(), path_variable(plan.environment_pointers_));
  plan.path_pointers_ = pointers_to(plan.paths_);
  plan.argument_pointers_ = pointers_to(launch.argv);
  plan.limits_ = limits_of(limits, open_files);
  return plan;
}

ChildOrders Plan::orders() {
  ChildOrders orders{};
  std::fill(std::begin(orders.descriptors), std::end(orders.descriptors), -1);
  orders.limits = limits_.data();
  orders.limit_count = limits_.size();
  if (launch_->nice) orders.nice = &*launch_->nice;
  if (launch_->umask) orders.umask = &*launch_->umask;
  if (credentials_) {
    orders.changes_user = true;
    orders.user = credentials_->user;
    orders.group = credentials_->group;
  }
  if (credentials_ && credentials_->groups) {
    orders.groups = credentials_->groups->data();
    orders.group_count = credentials_->groups->size();
    orders.groups_read_back = groups_read_back_.data();
  }
  if (!launch_->cwd.empty()) orders.directory = launch_->cwd.c_str();
  orders.paths = path_pointers_.data();
  orders.arguments = argument_pointers_.data();
  orders.environment = environment_pointers_.data();
  return orders;
}

StartFailure Plan::describe(const ChildFailure& failure) const {
  switch (failure.stage) {
    case Stage::setting_limit:
      return failed_at(fmt::format("setting limit {}", limits_.at(failure.which).name), failure);
    case Stage::setting_nice: return failed_at(fmt::format("setting nice to {}", launch_->nice.value_or(0)), failure);
    case Stage::setting_groups:
    case Stage::setting_user:
    case Stage::verifying_user:
      return failed_at(fmt::format("{} '{}'", name_of(failure.stage), printable(launch_->user)), failure);
    case Stage::setting_group: {
      const std::string& name = launch_->group.empty() ? launch_->user : launch_->group;
      return failed_at(fmt::format("{} '{}'", name_of(failure.stage), printable(name)), failure);
    }
    case Stage::entering_directory:
      return failed_at(fmt::format("entering directory '{}'", printable(launch_->cwd)), failure);
    case Stage::executing: return StartFailure{explain_execution(failure), kind_of(failure)};
    case Stage::starting:
    case Stage::entering_cgroup:
    case Stage::making_session:
    case Stage::placing_descriptors:
    case Stage::tying_to_runner: return failed_at(std::string(name_of(failure.stage)), failure);
  }
  __builtin_unreachable();
}

std::string Plan::explain_execution(const ChildFailure& failure) const {
  const bool missing = is_missing(failure);
  const std::string& path = missing ? launch_->argv.front() : paths_.at(failure.which);
  const std::string attempt = fmt::format("executing '{}'", printable(path));
  // Of several places that do not have it, one that is no directory is not the reason.
  const int code = missing && paths_.size() > 1 ? ENOENT : failure.code;
  std::string message = fail_errno(attempt, code).value().message;
  if (code == E2BIG) return message + " (" + largest_of(*launch_) + ")";
  if (code == ENOENT && !missing) return explain_interpreter(attempt, interpreter_at(path));
  if (code == EACCES && S_ISDIR(failure.mode)) return attempt + ": it is a directory";
  if (code == ENOEXEC) return message + " (no program for this machine, and no script that begins with #!)";
  return message;
}

std::string Plan::interpreter_at(const std::string& path) const {
  const bool absolute = path.starts_with('/') || launch_->cwd.empty();
  const std::string file = absolute ? path : launch_->cwd + "/" + path;
  constexpr std::size_t kFirstLine = 256;  // as far as the kernel looks
  return interpreter_in(sys::read_kernel_file(AT_FDCWD, file.c_str(), kFirstLine).value_or(""));
}

}  // namespace taskrun::process
