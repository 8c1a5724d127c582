// The simulator: the real engine in a made-up world.
//
//   sim FIRST LAST     a day for each seed; the first life in which a promise is broken ends it
//   sim SEED           that life again, told line by line
//   sim year TASKS     a year of so many ordinary tasks without a fault

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

#include "world.h"

using namespace taskrun::sim;

namespace {

bool lives(std::uint64_t first, std::uint64_t last) {
  Lived sum;
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    try {
      const Lived lived = World({seed}, first == last ? &std::cout : nullptr).live();
      sum.starts += lived.starts;
      sum.skipped += lived.skipped;
      sum.decisions += lived.decisions;
    } catch (const Broken& broken) {
      std::cout << "seed " << seed << ": " << broken.what << "\nreplay it: just sim " << seed << '\n';
      return false;
    }
  }
  std::cout << last - first + 1 << " days: " << sum.decisions << " decisions, " << sum.starts << " starts, "
            << sum.skipped << " due times skipped\n";
  return true;
}

bool year(std::size_t tasks) {
  const auto begin = std::chrono::steady_clock::now();
  try {
    const Lived lived = World({1, std::chrono::hours(365 * 24), false, tasks}, nullptr).live();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    std::cout << lived.starts << " starts " << took.count() << " seconds\n";
    return true;
  } catch (const Broken& broken) {
    std::cout << broken.what << '\n';
    return false;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == "year") return year(std::strtoull(argv[2], nullptr, 10)) ? 0 : 1;
  if (argc != 2 && argc != 3) {
    std::cerr << "usage: sim FIRST LAST | sim SEED | sim year TASKS\n";
    return 2;
  }
  const std::uint64_t first = std::strtoull(argv[1], nullptr, 10);
  return lives(first, argc == 3 ? std::strtoull(argv[2], nullptr, 10) : first) ? 0 : 1;
}
