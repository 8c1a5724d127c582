// The main function of every unit-test binary. Whatever its parent ignores or blocks (a shell's "&" ignores SIGINT,
// nohup SIGHUP), a test begins with signals as they are by default.
#define DOCTEST_CONFIG_IMPLEMENT
#include <csignal>

#include <doctest/doctest.h>

int main(int argc, char** argv) {
  for (int signal = 1; signal < SIGRTMAX; ++signal) std::signal(signal, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  return doctest::Context(argc, argv).run();
}
