// The main function of a fuzz target in the ordinary build: `fuzz-NAME FILE-OR-DIRECTORY…`. Every file is given whole,
// and cut at every byte of its beginning, which is where parsers look ahead.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/fuzz/target.h"

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kCuts = 512;
std::size_t inputs = 0;

void give(const std::string& content) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(content.data()), content.size());
  ++inputs;
}

void replay(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string content((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  give(content);
  for (std::size_t size = 0; size < std::min(content.size(), kCuts); ++size) give(content.substr(0, size));
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t files = 0;
  for (int i = 1; i < argc; ++i) {
    for (const auto& entry : fs::recursive_directory_iterator(argv[i])) {
      if (!entry.is_regular_file()) continue;
      replay(entry.path());
      ++files;
    }
  }
  std::printf("%zu inputs from %zu files\n", inputs, files);
  return files > 0 ? 0 : 1;
}
