// A child that does what no runner wishes for: `nasty MODE [ARGUMENT…]`. The end-to-end tests start it as a task; each
// mode is one way to misbehave, or one look at what the runner handed down. It knows nothing of taskrun.

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using Arguments = std::span<char*>;

long number(Arguments arguments, std::size_t index, long otherwise) {
  return index < arguments.size() ? std::strtol(arguments[index], nullptr, 10) : otherwise;
}

bool say(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(1, text.data(), text.size());
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// Ends by itself after a while, so that a broken runner leaves nothing for ever.
int sleep_long(long seconds) {
  timespec left{.tv_sec = seconds, .tv_nsec = 0};
  while (::nanosleep(&left, &left) != 0 && errno == EINTR) {
  }
  return 0;
}

void ignore_stop_signals() {
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGQUIT}) std::signal(signal, SIG_IGN);
}

void drop_output() {
  const int null = ::open("/dev/null", O_RDWR);
  for (int fd = 0; fd < 3; ++fd) ::dup2(null, fd);
}

// Becomes a fresh process of this program in MODE, with an empty environment where `bare`.
[[noreturn]] void become(const char* mode, const char* argument, bool bare) {
  std::array<const char*, 4> argv{"nasty", mode, argument, nullptr};
  std::array<char*, 1> nothing{nullptr};
  std::array<char, 4096> program{};
  if (::readlink("/proc/self/exe", program.data(), program.size() - 1) < 0) std::_Exit(99);
  ::execve(program.data(), const_cast<char**>(argv.data()), bare ? nothing.data() : environ);
  std::_Exit(99);
}

// sleep [SECONDS]
int sleep_mode(Arguments arguments) { return sleep_long(number(arguments, 0, 60)); }

// ignore-term [SECONDS]: says "ready" once the signals are ignored.
int ignore_term(Arguments arguments) {
  ignore_stop_signals();
  say("ready\n");
  return sleep_long(number(arguments, 0, 60));
}

// daemon KIND [SECONDS] [EXIT]: leaves a daemon behind (two forks and a session of its own) and ends with EXIT, or
// never where EXIT is "stay". KIND: plain; bare (no environment); stubborn (ignores signals); loud (keeps the output).
int leave_daemon(Arguments arguments) {
  const std::string_view kind = arguments.empty() ? "plain" : arguments[0];
  const char* seconds = arguments.size() > 1 ? arguments[1] : "60";
  std::array<int, 2> settled{};
  if (::pipe2(settled.data(), O_CLOEXEC) != 0) return 98;
  const pid_t first = ::fork();
  if (first == 0) {
    ::setsid();
    if (::fork() != 0) std::_Exit(0);
    if (kind != "loud") drop_output();
    become(kind == "stubborn" ? "ignore-term" : "sleep", seconds, kind == "bare");
  }
  ::close(settled[1]);
  ::waitpid(first, nullptr, 0);
  char byte = 0;
  // The daemon's copy of the pipe closes when it has become itself.
  if (::read(settled[0], &byte, 1) < 0) return 98;
  say("daemon is up\n");
  if (arguments.size() > 2 && std::string_view(arguments[2]) == "stay") return sleep_long(60);
  return static_cast<int>(number(arguments, 2, 0));
}

// chain [LINKS] [MICROSECONDS]: a session of its own, deaf to signals, that forks a successor every millisecond, or as
// often as told, and ends.
int chain(Arguments arguments) {
  const long links = number(arguments, 0, 2000);
  if (::fork() != 0) return 0;
  ::setsid();
  ignore_stop_signals();
  drop_output();
  const timespec pause{.tv_sec = 0, .tv_nsec = number(arguments, 1, 1000) * 1000};
  for (long link = 0; link < links; ++link) {
    if (::fork() > 0) std::_Exit(0);
    ::nanosleep(&pause, nullptr);
  }
  return 0;
}

// tree [WIDTH] [DEPTH]: a tree of processes, each level in a session of its own, all asleep.
int tree(Arguments arguments) {
  const long width = number(arguments, 0, 3);
  const long depth = number(arguments, 1, 3);
  for (long level = 0; level < depth; ++level) {
    bool is_child = false;
    for (long i = 0; i < width && !is_child; ++i) is_child = ::fork() == 0;
    if (!is_child) break;
    ::setsid();
  }
  return sleep_long(60);
}

// stop-self: stopped until somebody continues it; says "continued" then, and ends on SIGTERM as usual.
int stop_self(Arguments) {
  ::raise(SIGSTOP);
  say("continued\n");
  return sleep_long(60);
}

// descriptors: the open ones, in order, on one line.
int descriptors(Arguments) {
  DIR* directory = ::opendir("/proc/self/fd");
  if (directory == nullptr) return 98;
  std::vector<int> open;
  while (const dirent* entry = ::readdir(directory)) {
    const int fd = std::atoi(entry->d_name);
    if (entry->d_name[0] != '.' && fd != ::dirfd(directory)) open.push_back(fd);
  }
  ::closedir(directory);
  std::string line;
  for (const int fd : open) line += (line.empty() ? "" : " ") + std::to_string(fd);
  say(line + "\n");
  return 0;
}

// state: signal masks, session, group and terminal as this process finds them.
int state(Arguments) {
  std::FILE* status = std::fopen("/proc/self/status", "r");
  if (status == nullptr) return 98;
  std::array<char, 512> line{};
  while (std::fgets(line.data(), line.size(), status) != nullptr) {
    if (std::strncmp(line.data(), "Sig", 3) == 0 || std::strncmp(line.data(), "ShdPnd", 6) == 0) say(line.data());
  }
  std::fclose(status);
  say("leads its session: " + std::string(::getsid(0) == ::getpid() ? "yes" : "no") + "\n");
  say("leads its group: " + std::string(::getpgid(0) == ::getpid() ? "yes" : "no") + "\n");
  const int terminal = ::open("/dev/tty", O_RDWR);
  say("terminal: " + std::string(terminal >= 0 ? "yes" : std::strerror(errno)) + "\n");
  return 0;
}

// write BYTES [TEXT]: TEXT over and over, that many bytes in all.
int write_bytes(Arguments arguments) {
  long left = number(arguments, 0, 1);
  const std::string_view text = arguments.size() > 1 ? arguments[1] : "x";
  std::string block;
  while (block.size() < 65536) block += text;
  while (left > 0) {
    const std::string_view now(block.data(), std::min(static_cast<std::size_t>(left), block.size()));
    if (!say(now)) return 1;
    left -= static_cast<long>(now.size());
  }
  return 0;
}

// orphans COUNT: as many children that end at once and are never waited for.
int orphans(Arguments arguments) {
  for (long i = number(arguments, 0, 1); i > 0; --i) {
    if (::fork() == 0) std::_Exit(0);
  }
  return 0;
}

// close-output [SECONDS]: goes on with nothing to write to.
int close_output(Arguments arguments) {
  ::close(1);
  ::close(2);
  return sleep_long(number(arguments, 0, 60));
}

// signal NUMBER: ends by that signal.
int end_by_signal(Arguments arguments) {
  const int signal = static_cast<int>(number(arguments, 0, SIGKILL));
  std::signal(signal, SIG_DFL);
  ::raise(signal);
  return 98;
}

// exit CODE
int exit_mode(Arguments arguments) { return static_cast<int>(number(arguments, 0, 0)); }

// signals: says "ready", then what SIGTERM and SIGCONT did, in order, and ends after SIGTERM.
int signals_in_order(Arguments) {
  sigset_t wanted;
  sigemptyset(&wanted);
  for (const int signal : {SIGTERM, SIGINT, SIGUSR1, SIGCONT}) sigaddset(&wanted, signal);
  ::sigprocmask(SIG_BLOCK, &wanted, nullptr);
  say("ready\n");
  for (;;) {
    int signal = 0;
    if (::sigwait(&wanted, &signal) != 0) return 98;
    say(std::string(sigabbrev_np(signal)) + "\n");
    if (signal != SIGCONT) return 0;
  }
}

// allocate MIB: touches that much memory; exit code 3 where it is refused.
int allocate(Arguments arguments) {
  const auto size = static_cast<std::size_t>(number(arguments, 0, 1)) << 20U;
  void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return 3;
  std::memset(memory, 1, size);
  return 0;
}

// spin: burns processor time.
int spin(Arguments) {
  for (;;) ::getppid();
}

struct Mode {
  std::string_view name;
  int (*run)(Arguments);
};

constexpr std::array kModes{
    Mode{"sleep", sleep_mode},
    Mode{"ignore-term", ignore_term},
    Mode{"daemon", leave_daemon},
    Mode{"chain", chain},
    Mode{"tree", tree},
    Mode{"stop-self", stop_self},
    Mode{"descriptors", descriptors},
    Mode{"state", state},
    Mode{"write", write_bytes},
    Mode{"orphans", orphans},
    Mode{"close-output", close_output},
    Mode{"signal", end_by_signal},
    Mode{"exit", exit_mode},
    Mode{"signals", signals_in_order},
    Mode{"allocate", allocate},
    Mode{"spin", spin},
};

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments(argv, static_cast<std::size_t>(argc));
  for (const Mode& mode : kModes) {
    if (arguments.size() > 1 && mode.name == arguments[1]) return mode.run(arguments.subspan(2));
  }
  say("nasty: no such mode\n");
  return 97;
}
