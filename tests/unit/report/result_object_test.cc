#include "report/result_object.h"

#include <doctest/doctest.h>

#include "base/limits.h"

namespace taskrun::report {
namespace {

using namespace std::string_view_literals;

std::string read(std::string_view text) {
  const Result<std::string> result = compact_json_object(text);
  return result ? *result : "! " + result.error().message;
}

std::string nested(std::size_t arrays) { return "{\"a\":" + std::string(arrays, '[') + std::string(arrays, ']') + "}"; }

TEST_CASE("A result keeps everything but its white space") {
  CHECK(read("{}") == "{}");
  CHECK(read(" \n{ \"a\" : [ 1 , 2.50 , null , true ] ,\t\"b c\" : { } }\r\n") ==
        R"({"a":[1,2.50,null,true],"b c":{}})");
  CHECK(read(R"({ "quote \" and \\" : " x " })") == R"({"quote \" and \\":" x "})");
  CHECK(read("{\"z\":123456789012345678901234567890,\"a\":1.0e5,\"ö\":\"\\u00e9 €\"}") ==
        "{\"z\":123456789012345678901234567890,\"a\":1.0e5,\"ö\":\"\\u00e9 €\"}");
  CHECK(read(R"({"a":{"x":1},"b":{"x":1}})") == R"({"a":{"x":1},"b":{"x":1}})");
}

TEST_CASE("What is no object of ours is refused, and said") {
  CHECK(read("") == "! the result is empty");
  CHECK(read(" \n") == "! the result is empty");
  CHECK(read("[1]") == "! the result is not a JSON object");
  CHECK(read("12") == "! the result is not a JSON object");
  CHECK(read("secret") == "! the result is not a JSON object");
  CHECK(read("\xef\xbb\xbf{}") == "! the result is not a JSON object");
  CHECK(read("{\"a\":1") == "! the result is not valid JSON at byte 7");
  CHECK(read("{\"a\":nul}") == "! the result is not valid JSON at byte 9");
  CHECK(read("{} {}") == "! the result is not valid JSON at byte 4");
  CHECK(read("{}\0"sv) == "! the result is not valid JSON at byte 3");
  CHECK(read("{\"a\":\"\xff\"}") == "! the result is not valid JSON at byte 7");
  CHECK(read("{\"a\":\"\n\"}") == "! the result is not valid JSON at byte 7");
  CHECK(read("{\"a\":1 /* one */}") == "! the result is not valid JSON at byte 8");
  CHECK(read(R"({"a":1,"b":2,"a":3})") == "! the result is not usable: a key stands twice in one object");
  CHECK(read(R"({"o":[{"a":1,"\u0061":3}]})") == "! the result is not usable: a key stands twice in one object");
}

TEST_CASE("A result is bounded in depth and size") {
  CHECK(read(nested(limits::kJsonDepth - 1)) == nested(limits::kJsonDepth - 1));
  CHECK(read(nested(limits::kJsonDepth)) == "! the result is nested deeper than 64 levels");
  CHECK(read(nested(4'000)) == "! the result is nested deeper than 64 levels");
  const std::string full = "{\"a\":\"" + std::string(limits::kResultSize.count - 8, 'x') + "\"}";
  CHECK(read(full) == full);
  CHECK(read(full + " ") == "! the result has more than 12KiB");
}

}  // namespace
}  // namespace taskrun::report
