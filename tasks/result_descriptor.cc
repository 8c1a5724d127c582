#include <charconv>
#include <cstdlib>
#include <string_view>

#include <unistd.h>

#include "tasks/builtin.h"

namespace taskrun::tasks {
namespace {

int result_descriptor() {
  const char* const text = std::getenv("TASKRUN_RESULT_FD");
  if (text == nullptr) return -1;
  const std::string_view digits = text;
  int descriptor = -1;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), descriptor);
  return error == std::errc() && end == digits.data() + digits.size() ? descriptor : -1;
}

}  // namespace

void write_result(std::string_view json_object) {
  const int descriptor = result_descriptor();
  while (descriptor >= 0 && !json_object.empty()) {
    const ssize_t written = ::write(descriptor, json_object.data(), json_object.size());
    if (written <= 0) return;
    json_object.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace taskrun::tasks
