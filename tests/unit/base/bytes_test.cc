#include "base/bytes.h"

#include <doctest/doctest.h>

namespace taskrun {
namespace {

TEST_CASE("a size is a whole number with a unit of 1000 or 1024, or none") {
  CHECK(parse_bytes("0") == Bytes{0});
  CHECK(parse_bytes("4096") == Bytes{4096});
  CHECK(parse_bytes("12B") == Bytes{12});
  CHECK(parse_bytes("64KiB") == kibibytes(64));
  CHECK(parse_bytes("512MiB") == mebibytes(512));
  CHECK(parse_bytes("2GiB") == mebibytes(2048));
  CHECK(parse_bytes("1TiB") == mebibytes(1048576));
  CHECK(parse_bytes("10kB") == Bytes{10'000});
  CHECK(parse_bytes("10KB") == Bytes{10'000});
  CHECK(parse_bytes("10MB") == Bytes{10'000'000});
  CHECK(parse_bytes("3GB") == Bytes{3'000'000'000});
  CHECK(parse_bytes("1TB") == Bytes{1'000'000'000'000});
  CHECK(parse_bytes("18446744073709551615") == Bytes{UINT64_MAX});
}

struct Mistake {
  const char* text;
  const char* message;
  const char* hint;
};

TEST_CASE("a mistaken size is told with what to write instead") {
  constexpr const char* kLook = R"(sizes look like "4096", "64KiB" or "10MB")";
  const Mistake mistakes[] = {
      {"", R"("" is not a size: it is empty)", R"(sizes look like "4096", "64KiB" or "10MB")"},
      {"64K", R"("64K" is not a size: unknown unit "K")", R"(write "64KiB")"},
      {"64k", R"("64k" is not a size: unknown unit "k")", R"(write "64KiB")"},
      {"2 GiB", R"("2 GiB" is not a size: unknown unit " GiB")", R"(write "2GiB")"},
      {"10mb", R"("10mb" is not a size: unknown unit "mb")", R"(write "10MB")"},
      {"10 bytes", R"("10 bytes" is not a size: unknown unit " bytes")", R"(write "10")"},
      {"1.5GiB", R"("1.5GiB" is not a size: the number must be whole)", kLook},
      {"-1", R"("-1" is not a size: it begins with no number)", kLook},
      {"+1", R"("+1" is not a size: it begins with no number)", kLook},
      {"MiB", R"("MiB" is not a size: it begins with no number)", kLook},
      {"18446744073709551616", R"("18446744073709551616" is not a size: it is more than 64 bits can hold)", kLook},
      {"17179869184GiB", R"("17179869184GiB" is not a size: it is more than 64 bits can hold)", kLook},
  };
  for (const Mistake& mistake : mistakes) {
    CAPTURE(mistake.text);
    const auto size = parse_bytes(mistake.text);
    REQUIRE_FALSE(size.has_value());
    CHECK(size.error().message == mistake.message);
    CHECK(size.error().hint == mistake.hint);
  }
}

TEST_CASE("to people a size always has a unit") {
  CHECK(bytes_in_words(Bytes{10}) == "10 bytes");
  CHECK(bytes_in_words(Bytes{1}) == "1 byte");
  CHECK(bytes_in_words(kibibytes(4)) == "4KiB");
}

TEST_CASE("what format_bytes writes is short and reads back") {
  CHECK(format_bytes(Bytes{0}) == "0");
  CHECK(format_bytes(Bytes{4097}) == "4097");
  CHECK(format_bytes(kibibytes(4)) == "4KiB");
  CHECK(format_bytes(mebibytes(2048)) == "2GiB");
  for (const std::uint64_t count : {std::uint64_t{1}, std::uint64_t{1} << 20, std::uint64_t{3} << 41, UINT64_MAX}) {
    CHECK(parse_bytes(format_bytes(Bytes{count})) == Bytes{count});
  }
}

}  // namespace
}  // namespace taskrun
