#pragma once

#include <cstdlib>
#include <fstream>
#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace taskrun::test {

/// The array in a file of tests/data/cron.
inline nlohmann::json cases_of(const std::string& file) {
  std::ifstream in(std::string(std::getenv("TASKRUN_TEST_DATA")) + "/cron/" + file);
  nlohmann::json cases = nlohmann::json::parse(in, nullptr, /*allow_exceptions=*/false);
  REQUIRE(cases.is_array());
  REQUIRE(cases.size() > 90);
  return cases;
}

}  // namespace taskrun::test
