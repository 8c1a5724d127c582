// The table of the top level's keys.

#include <fmt/format.h>

#include "base/limits.h"
#include "base/text.h"
#include "manifest/draft.h"
#include "manifest/schema.h"

namespace taskrun::manifest {
namespace {

constexpr IntegerRange kVersion{1, 1};
constexpr IntegerRange kParallel{1, limits::kMaxParallel};

Member member_of(const Value& value) { return {std::string(value.key()), value.key_at(), value.node()}; }

void read_version(const Value& value) {
  const auto version = value.integer({1});
  if (version && *version != 1)
    value.error("this version of the format is not known", "this taskrun reads \"version\": 1");
}

void read_pools(const Value& value, Manifest& manifest) {
  for (const Value& pool : value.members("an object of pools", "pool")) {
    if (!is_name(pool.key()))
      pool.key_error(fmt::format("\"{}\" is not a pool name", printable(pool.key(), 70)), std::string(kNameHint));
    const auto size = pool.integer(kParallel);
    manifest.pools.emplace_back(pool.key(), static_cast<int>(size.value_or(1)));
  }
}

std::string ignored_schema() { return R"({"type":"string"})"; }
std::string pools_schema() {
  return R"({"type":"object","propertyNames":)" + schema::reference("key_name") + R"(,"additionalProperties":)" +
         schema::integer_in(kParallel) + '}';
}
std::string tasks_schema() {
  return R"({"type":"object","propertyNames":)" + schema::reference("key_name") + R"(,"additionalProperties":)" +
         schema::reference("task") + '}';
}

constexpr std::array<Key<TopDraft>, 9> kTopKeys{{
    {"$schema", "string", "", "ignored; for editors",
     [](const Value& v, TopDraft&) { static_cast<void>(v.verbatim()); }, ignored_schema},
    {"version", "integer", "`1`", "format version", [](const Value& v, TopDraft&) { read_version(v); },
     schema::integer<kVersion>},
    {"name", "name", "from the file's name", "instance name",
     [](const Value& v, TopDraft& top) { keep(v.name(), top.manifest.name); }, schema::name},
    {"defaults", "object", "`{}`", "any task key except what to run and when; each task inherits it",
     [](const Value& v, TopDraft& top) { top.defaults = member_of(v); }, [] { return schema::reference("defaults"); }},
    {"env", "object of strings", "`{}`", "environment of every task",
     [](const Value& v, TopDraft& top) { top.env = member_of(v); }, schema::variables},
    {"max_parallel", "integer from 1", "`256`", "runs alive at once; a due run over it waits in order and stays due",
     [](const Value& v, TopDraft& top) {
       if (const auto count = v.integer(kParallel)) top.manifest.max_parallel = static_cast<int>(*count);
     },
     schema::integer<kParallel>},
    {"pools", "object name → integer from 1", "`{}`", "named limits shared by tasks: `\"pools\": {\"db\": 1}`",
     [](const Value& v, TopDraft& top) { read_pools(v, top.manifest); }, pools_schema},
    {"stop_timeout", "duration", "`10s`", "how long running runs may finish when the runner stops",
     [](const Value& v, TopDraft& top) { keep(v.duration(Nanos::zero()), top.manifest.stop_timeout); },
     schema::duration},
    {"tasks", "object name → task", "required", "the tasks; their order is kept",
     [](const Value& v, TopDraft& top) {
       top.has_tasks = true;
       if (v.node().kind != Kind::object) v.wrong_type("an object of tasks", "write \"tasks\": {}");
     },
     tasks_schema},
}};

}  // namespace

std::span<const Key<TopDraft>> top_keys() { return kTopKeys; }

}  // namespace taskrun::manifest
