#include "base/diagnostic.h"

#include <doctest/doctest.h>

#include "base/result.h"

namespace taskrun {
namespace {

TEST_CASE("A mistake is shown with its place, its line, a caret and a hint") {
  CHECK(render({Severity::error, "a.json", 3, 7, "unknown key \"timout\"", "did you mean \"timeout\"?",
                "  \"timout\": \"10s\"", 2}) ==
        "a.json:3:7: error: unknown key \"timout\"\n"
        "    \"timout\": \"10s\"\n"
        "    ^\n"
        "  hint: did you mean \"timeout\"?\n");
}

TEST_CASE("What is not known is not shown") {
  CHECK(render({Severity::error, "a.json", 1, 1, "the file is empty", "", "", 0}) ==
        "a.json:1:1: error: the file is empty\n");
  CHECK(render({Severity::warning, "<stdin>", 1, 1, "it never fires", "", "", 0}) ==
        "<stdin>:1:1: warning: it never fires\n");
  CHECK(render({Severity::warning, "a.json", 1, 1, "odd", "", "x", 0}) == "a.json:1:1: warning: odd\n  x\n  ^\n");
}

TEST_CASE("Warnings alone are no errors") {
  CHECK_FALSE(has_errors({}));
  CHECK_FALSE(has_errors({{Severity::warning, "a", 0, 0, "w", "", "", 0}}));
  CHECK(has_errors({{Severity::warning, "a", 0, 0, "w", "", "", 0}, {Severity::error, "a", 0, 0, "e", "", "", 0}}));
}

TEST_CASE("A failure of the world names the attempt and the reason") {
  const tl::unexpected<Error> failed = fail_errno("cannot open '/run/x.sock'", 13);
  CHECK(failed.value().message == "cannot open '/run/x.sock': Permission denied");
  CHECK(failed.value().code == 13);
  CHECK(fail_errno("cannot jump", 123'456).value().message == "cannot jump: unknown error");
  CHECK(fail("no such thing").value().code == 0);
}

}  // namespace
}  // namespace taskrun
