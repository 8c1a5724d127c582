#include "cli/completion.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/command.h"
#include "cli/completion_names.h"

using namespace taskrun::cli;

namespace {

using Words = std::vector<std::string>;

Completion completed(const Words& words) { return complete(words); }

std::string texts(const std::vector<Candidate>& candidates) {
  std::vector<std::string> all;
  for (const Candidate& candidate : candidates) all.push_back(candidate.text);
  return fmt::format("{}", fmt::join(all, " "));
}

// The words that are offered where words are; what is looked up elsewhere is told by its kind.
std::string offered(const Words& words) {
  const Completion completion = complete(words);
  if (completion.wanted != Wanted::word) return fmt::format("kind {}", static_cast<int>(completion.wanted));
  std::vector<Candidate> left = completion.words;
  std::erase_if(left, [&](const Candidate& candidate) { return !candidate.text.starts_with(completion.begun); });
  return texts(left);
}

}  // namespace

TEST_CASE("every value and argument of the table is known to completion") {
  for (const Command& command : commands()) {
    CAPTURE(command.name);
    for (const Flag& flag : command.flags) {
      CAPTURE(flag.value);
      CHECK((flag.value.empty() || wanted_for(flag.value).has_value()));
    }
    for (const Positional* const positional : {&command.positional, &command.second}) {
      CAPTURE(positional->name);
      CHECK((positional->name.empty() || wanted_for(positional->name).has_value()));
    }
  }
}

TEST_CASE("the first word is a command, or a flag of the program") {
  CHECK(offered({"st"}).find("start") != std::string::npos);
  CHECK(offered({"ini"}) == "init");
  CHECK(offered({"-"}) == "--help --version");
  CHECK(offered({"exec"}) == "");
  CHECK(completed({}).wanted == Wanted::nothing);
}

TEST_CASE("flags are completed, and so are words of closed sets") {
  CHECK(offered({"start", "--st"}) == "--stop-timeout --state");
  CHECK(offered({"start", "--containment", ""}) == "auto cgroup subreaper");
  CHECK(offered({"start", "--containment", "c"}) == "cgroup");
  CHECK(offered({"schema", ""}) == "manifest event control");
  CHECK(offered({"init", "--force", "--"}) == "--force --help");
}

TEST_CASE("a value in the same word as its flag keeps the flag before it") {
  const Completion completion = completed({"start", "--containment=c"});
  CHECK(completion.prefix == "--containment=");
  CHECK(completion.begun == "c");
  CHECK(completion.wanted == Wanted::word);
  CHECK(completed({"once", "--manifest="}).wanted == Wanted::file);
  CHECK(completed({"once", "--all=x"}).wanted == Wanted::nothing);
}

TEST_CASE("files, directories, tasks, tags, built-ins and zones are told apart") {
  CHECK(completed({"check", ""}).wanted == Wanted::file);
  CHECK(completed({"check", "a.json", ""}).wanted == Wanted::word);  // nothing but flags can follow
  CHECK(completed({"once", "-m", ""}).wanted == Wanted::file);
  CHECK(completed({"start", "--state", ""}).wanted == Wanted::directory);
  CHECK(completed({"once", ""}).wanted == Wanted::task);
  CHECK(completed({"list", "--tag", ""}).wanted == Wanted::tag);
  CHECK(completed({"builtins", ""}).wanted == Wanted::built_in);
  CHECK(completed({"next", "--timezone", "E"}).wanted == Wanted::zone);
  CHECK(completed({"next", "--tz", "E"}).wanted == Wanted::zone);
  CHECK(completed({"next", "-n", ""}).wanted == Wanted::nothing);
}

TEST_CASE("the manifest that was named is the one that is asked") {
  CHECK(completed({"once", "-m", "jobs.json", ""}).places.manifest == "jobs.json");
  CHECK(completed({"once", "--manifest=jobs.json", "a", ""}).places.manifest == "jobs.json");
  CHECK(completed({"start", "jobs.json", "--only", ""}).places.manifest == "jobs.json");
  CHECK_FALSE(completed({"start", "--only", ""}).places.manifest.has_value());
  CHECK_FALSE(completed({"once", ""}).places.are_of_runner);
}

TEST_CASE("names are not offered twice, be it in words of their own or behind commas") {
  CHECK(completed({"once", "a", "b", ""}).given == Words{"a", "b"});
  const Completion list = completed({"start", "--only", "a,b,c"});
  CHECK(list.prefix == "a,b,");
  CHECK(list.begun == "c");
  CHECK(list.given == Words{"a", "b"});
  CHECK(completed({"start", "--only=a,"}).prefix == "--only=a,");
}

TEST_CASE("after -- nothing is a flag") {
  CHECK(completed({"once", "--", "--al"}).wanted == Wanted::task);
  CHECK(completed({"once", "--", "--manifest", "x"}).given == Words{"--manifest"});
}

TEST_CASE("what the table does not know is completed by nothing") {
  for (const Words& words : {Words{"nope", ""}, {"exec-builtin", ""}, {"start", "--nope", "--nope=x"}}) {
    CHECK(completed(words).wanted == Wanted::nothing);
  }
}

TEST_CASE("names are read from a manifest with mistakes, too, but no hostile ones") {
  const NamesInManifest names = names_in(R"json({"tasks": {"a": {"description": "first", "tags": ["x", "y z"]},
    "$(rm)": {}, "b\nc": {}, "b": {"evry": 1, "tags": ["x", "w"], "description": 3}, "c": {"shell": "})json");
  CHECK(texts(names.tasks) == "a b");
  CHECK(names.tasks.front().meaning == "first");
  CHECK(texts(names.tags) == "x w");
}
