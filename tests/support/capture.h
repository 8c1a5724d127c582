#pragma once

#include <cstdio>
#include <string>

#include <doctest/doctest.h>
#include <sys/mman.h>
#include <unistd.h>

/// Puts a file in memory in the place of a descriptor and reads what was written to it.
class Capture {
 public:
  explicit Capture(int descriptor)
      : descriptor_(descriptor), before_(::dup(descriptor)), file_(::memfd_create("capture", 0)) {
    REQUIRE(file_ >= 0);
    std::fflush(stdout);
    ::dup2(file_, descriptor_);
  }
  std::string end() {
    std::fflush(stdout);
    std::fflush(stderr);
    ::dup2(before_, descriptor_);
    ::close(before_);
    std::string text(static_cast<std::size_t>(::lseek(file_, 0, SEEK_END)), '\0');
    REQUIRE(::pread(file_, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()));
    ::close(file_);
    return text;
  }

 private:
  int descriptor_;
  int before_;
  int file_;
};
