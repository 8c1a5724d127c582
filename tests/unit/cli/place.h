#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

/// A directory of its own for each test, and the working directory for its lifetime; no manifest is named by the
/// environment.
class Place {
 public:
  Place() : before_(std::filesystem::current_path()) {
    std::string name = (std::filesystem::temp_directory_path() / "taskrun-cli-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    root_ = std::filesystem::canonical(name);
    std::filesystem::current_path(root_);
    ::unsetenv("TASKRUN_MANIFEST");
  }
  ~Place() {
    std::filesystem::current_path(before_);
    std::filesystem::remove_all(root_);
    ::unsetenv("TASKRUN_MANIFEST");
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  [[nodiscard]] const std::filesystem::path& root() const { return root_; }

  static void write(const std::filesystem::path& path, std::string_view text) { std::ofstream(path) << text; }

  static std::string read(const std::filesystem::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  std::filesystem::path before_;
  std::filesystem::path root_;
};
