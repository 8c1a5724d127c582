#include <doctest/doctest.h>

#include "loading.h"

namespace taskrun::manifest {
namespace {

struct Malformed {
  std::string text;
  std::string told;
};

TEST_CASE("malformed JSON is told by the mistake that people made") {
  const Malformed cases[] = {
      {"", "1:1 the file is empty | `taskrun init` writes a first manifest"},
      {" \n\t ", "1:1 the file is empty | `taskrun init` writes a first manifest"},
      {"\xef\xbb\xbf", "1:1 the file is empty | `taskrun init` writes a first manifest"},
      {"tasks:\n  a: 1", "1:1 a manifest is one JSON object | begin with {"},
      {"[tasks]", "1:1 a manifest is one JSON object | begin with {"},
      {"[]", "1:1 a manifest is one JSON object | begin with {"},
      {"5", "1:1 a manifest is one JSON object | begin with {"},
      {"'x'", "1:1 JSON has no single quotes | write double quotes"},
      {"# a comment\n{}",
       "1:1 JSON has no comments | take it out, or write \"x-comment\": \"…\": keys that begin with x- are ignored"},
      {"{", "1:1 this object is not closed: the file ends first | write the closing }"},
      {"{\"a\": [1, 2", "1:7 this array is not closed: the file ends first | write the closing ]"},
      {"{\"a\": [1, 2}", "1:12 this } does not close the [ that was opened last | write ]"},
      {"{\"a\": {]", "1:8 this ] does not close the { that was opened last | write }"},
      {"{\"a\"", "1:1 this object is not closed: the file ends first | write the closing }"},
      {"{\"a\":", "1:1 this object is not closed: the file ends first | write the closing }"},
      {"{\"a\": 1,", "1:1 this object is not closed: the file ends first | write the closing }"},
      {"{\"a\": tru", "1:7 tru is no JSON value | write it in double quotes: \"tru\""},
      {"{\"a", "1:2 this string is not closed | write the closing quote"},
      {"{\"a\\", "1:2 this string is not closed | write the closing quote"},
      {"{\"a\": \"b\n\"}", "1:7 this string has no closing quote on its line | write \\n for a line break"},
      {"{\"a\": \"b\tc\"}", "1:9 a control character stands in a string | write \\t"},
      {"{\"a\": \"b\x01\"}", "1:9 a control character stands in a string | write \\u0001"},
      {"{\"a\": \"\\d\"}", "1:8 \\d is no escape of JSON | write \\\\ for a backslash"},
      {"{\"a\": \"é\\u12\"}", "1:9 \\u wants four hexadecimal digits"},
      {"{\"a\": \"\\ud800\"}", "1:7 half of a surrogate pair stands in this string | write the character itself"},
      {"{\"a\": \"b\xff\"}", "1:9 this byte is not UTF-8 | save the file as UTF-8"},
      {"{\"a\xe9\": 1}", "1:4 this byte is not UTF-8 | save the file as UTF-8"},
      {"\xff\xfe{", "1:1 the file is UTF-16 | save it as UTF-8"},
      {"{\xff", "1:2 this byte is not UTF-8 | save the file as UTF-8"},
      {"{\"a\" 1}", "1:5 a colon is missing after this key | write \"key\": value"},
      {"{\"a\" = 1}", "1:6 a colon is wanted between key and value | write : for ="},
      {"{\"a\"}", "1:5 a colon is missing after this key | write \"key\": value"},
      {"{\"a\": }", "1:5 a value is missing here"},
      {"{\"a\": , \"b\": 1}", "1:5 a value is missing here"},
      {"{\"a\":: 1}", "1:6 : begins no JSON value"},
      {"{\"a\": 1: 2}", "1:8 a second colon follows a value | write a comma between members"},
      {"{\"a\": [\"b\": 1]}", "1:11 an array has no keys | write an object: {\"key\": value}"},
      {"{, \"a\": 1}", "1:2 nothing stands before this comma | take it out"},
      {"{\"a\": [,1]}", "1:8 nothing stands before this comma | take it out"},
      {"{\"a\": 1,}", "1:8 a comma stands before the closing bracket | take it out"},
      {"{\"a\": [1,\n]}", "1:9 a comma stands before the closing bracket | take it out"},
      {"{\"a\": 1,, \"b\": 2}", "1:9 two commas follow each other | take one out"},
      {"{\"a\": 1\n\"b\": 2}", "1:8 a comma is missing here | write , after this value"},
      {"{\"a\": [1 2]}", "1:9 a comma is missing here | write , after this value"},
      {"{\"a\": \"x\" \"y\"}", "1:10 a comma is missing here | write , after this value"},
      {"{\"a\": {} // c\n}",
       "1:10 JSON has no comments | take it out, or write \"x-comment\": \"…\": keys that begin with x- are ignored"},
      {"{\"a\": /* c */ 1}",
       "1:7 JSON has no comments | take it out, or write \"x-comment\": \"…\": keys that begin with x- are ignored"},
      {"{\"a\": 1, # c\n}",
       "1:10 JSON has no comments | take it out, or write \"x-comment\": \"…\": keys that begin with x- are ignored"},
      {"{'a': 1}", "1:2 JSON has no single quotes | write double quotes"},
      {"{\"a\": 'b'}", "1:7 JSON has no single quotes | write double quotes"},
      {"{\"a\": `b`}", "1:7 JSON has no backquotes | write double quotes"},
      {"{“a”: 1}", "1:2 this is a typographic quote | write a plain double quote"},
      {"{a: 1}", "1:2 a key stands in double quotes | write \"a\""},
      {"{\"a\": 1, b-c: 1}", "1:10 a key stands in double quotes | write \"b-c\""},
      {"{5: 1}", "1:2 a key stands in double quotes | write \"5\""},
      {"{: 1}", "1:2 a key is wanted here | keys stand in double quotes: \"key\": value"},
      {"{\"a\": NaN}", "1:7 NaN is no JSON value | JSON has only finite numbers"},
      {"{\"a\": -Infinity}", "1:7 -Infinity is no JSON value | JSON has only finite numbers"},
      {"{\"a\": True}", "1:7 True is no JSON value | write true"},
      {"{\"a\": no}", "1:7 no is no JSON value | write false"},
      {"{\"a\": None}", "1:7 None is no JSON value | leave the key out"},
      {"{\"a\": undefined}", "1:7 undefined is no JSON value | leave the key out"},
      {"{\"a\": hello}", "1:7 hello is no JSON value | write it in double quotes: \"hello\""},
      {"{\"env\": truely}", "1:9 truely is no JSON value | write it in double quotes: \"truely\""},
      {"{\"a\": 10s}", "1:7 10s is no JSON number | text and durations stand in double quotes"},
      {"{\"a\": 1h30m}", "1:7 1h30m is no JSON number | text and durations stand in double quotes"},
      {"{\"version\": 01}", "1:13 01 is no JSON number | write it without leading zeros, or in double quotes"},
      {"{\"a\": [1, 022]}", "1:11 022 is no JSON number | write it without leading zeros, or in double quotes"},
      {"{\"a\": +1}", "1:7 +1 is no JSON number | write it without the plus sign"},
      {"{\"a\": .5}", "1:7 .5 is no JSON number | write a 0 before the point"},
      {"{\"a\": -.5}", "1:7 -.5 is no JSON number | write a 0 before the point"},
      {"{\"a\": 1.}", "1:7 1. is no JSON number | write a digit after the point"},
      {"{\"a\": 0x1F}", "1:7 0x1F is no JSON number | write the number in decimal"},
      {"{\"a\": 1e999}", "1:7 this number is too large"},
      {"{\"a\": -}", "1:7 - is no JSON value"},
      {"{\"a\": @}", "1:7 @ begins no JSON value"},
      {"{\"a\": 1}}", "1:9 this closes nothing | take it out"},
      {"{\"a\": 1} {}", "1:10 something follows the end of the manifest | a manifest is one JSON object"},
      {"{\"a\": 1} // end",
       "1:10 JSON has no comments | take it out, or write \"x-comment\": \"…\": keys that begin with x- are ignored"},
  };
  for (const Malformed& malformed : cases) {
    CAPTURE(malformed.text);
    const std::string all = told(World().load(malformed.text));
    // The key "a" is unknown, too; here only the other message counts.
    const std::size_t unknown = all.find("1:2 unknown key \"a\"");
    CHECK((unknown == std::string::npos ? all : all.substr(0, unknown) + all.substr(all.find('\n', unknown) + 1)) ==
          malformed.told + '\n');
  }
}

}  // namespace
}  // namespace taskrun::manifest
