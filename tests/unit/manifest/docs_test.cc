#include <doctest/doctest.h>

#include "loading.h"

namespace taskrun::manifest {
namespace {

// What stands between the two markers of a section.
std::string section_of(const std::string& document, const std::string& name) {
  const std::string begin = "<!-- keys: " + name + " -->\n";
  const std::size_t from = document.find(begin);
  REQUIRE(from != std::string::npos);
  const std::size_t to = document.find("<!-- end -->", from);
  REQUIRE(to != std::string::npos);
  return document.substr(from + begin.size(), to - from - begin.size());
}

TEST_CASE("the key tables of docs/manifest.md are those of the loader") {
  const std::string document = read_test_file("../../docs/manifest.md");
  for (const char* section :
       {"top level", "what", "when", "start", "how", "retry", "output", "limits", "dst", "hook"}) {
    CAPTURE(section);
    CHECK(section_of(document, section) == key_table(section));
  }
}

TEST_CASE("there is no table of an unknown section") { CHECK(key_table("no such section") == ""); }

}  // namespace
}  // namespace taskrun::manifest
