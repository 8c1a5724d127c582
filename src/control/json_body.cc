#include "control/json_body.h"

#include <set>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/limits.h"
#include "base/text.h"

namespace taskrun::control {
namespace {

using Json = nlohmann::ordered_json;

// Sees every key while the text is read: the value that comes out has forgotten the first of two equal ones.
class Strictness {
 public:
  bool see(int depth, Json::parse_event_t event, const Json& value) {
    if (static_cast<std::size_t>(depth) > limits::kJsonDepth) {
      wrong_ = fmt::format("the body is nested more than {} deep", limits::kJsonDepth);
      return false;
    }
    if (event == Json::parse_event_t::object_start) keys_.emplace_back();
    if (event == Json::parse_event_t::object_end) keys_.pop_back();
    if (event == Json::parse_event_t::key && !keys_.back().insert(value.get<std::string>()).second) {
      wrong_ = fmt::format("key '{}' is given twice", printable(value.get<std::string>()));
    }
    return true;
  }
  [[nodiscard]] const std::string& wrong() const { return wrong_; }

 private:
  std::vector<std::set<std::string>> keys_;
  std::string wrong_;
};

Result<Json> parse(std::string_view body) {
  Strictness strictness;
  const auto see = [&](int depth, Json::parse_event_t event, Json& value) {
    return strictness.see(depth, event, value);
  };
  try {
    Json json = Json::parse(body, see);
    if (!strictness.wrong().empty()) return fail(strictness.wrong());
    return json;
  } catch (const Json::exception& mistake) {
    if (!strictness.wrong().empty()) return fail(strictness.wrong());
    const std::string_view what = mistake.what();
    return fail("the body is no JSON: " + printable(what.substr(std::min(what.find("] ") + 2, what.size()))));
  }
}

}  // namespace

Result<NewTask> read_new_task(std::string_view body) {
  auto json = parse(body);
  if (!json) return tl::unexpected(json.error());
  if (!json->is_object()) return fail("the body is one JSON object");
  for (const auto& [key, value] : json->items()) {
    if (key != "name" && key != "task" && key != "persist")
      return fail(fmt::format("unknown key '{}'", printable(key)));
  }
  const auto name = json->find("name");
  const auto task = json->find("task");
  if (name == json->end() || !name->is_string()) return fail("'name' is missing, or no string");
  if (task == json->end() || !task->is_object()) return fail("'task' is missing, or no object");
  const auto persist = json->find("persist");
  if (persist != json->end() && !persist->is_boolean()) return fail("'persist' is true or false");
  return NewTask{name->get<std::string>(), task->dump(), persist != json->end() && persist->get<bool>()};
}

Result<Variables> read_trigger(std::string_view body) {
  Variables env;
  if (body.empty()) return env;
  auto json = parse(body);
  if (!json) return tl::unexpected(json.error());
  if (!json->is_object()) return fail("the body is one JSON object");
  for (const auto& [key, value] : json->items()) {
    if (key != "env") return fail(fmt::format("unknown key '{}'", printable(key)));
    if (!value.is_object()) return fail("'env' is an object of strings");
    for (const auto& [name, text] : value.items()) {
      if (!text.is_string()) return fail("'env' is an object of strings");
      env.emplace_back(name, text.get<std::string>());
    }
  }
  return env;
}

}  // namespace taskrun::control
