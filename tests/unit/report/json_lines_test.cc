#include "report/json_lines.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "channel.h"
#include "report/chunk_writer.h"
#include "samples.h"

namespace taskrun::report {
namespace {

using Json = nlohmann::ordered_json;

Event output(std::size_t size = 1'000) {
  return {kNoon, RunOutput{sample_run(), false, std::string(size, 'o'), false}};
}
Event ended() { return {kNoon, finished(Outcome::success, exited(0))}; }
Event stopped() { return {kNoon, RunnerStopped{}}; }

JsonLines open(const Channel& channel, EventFilter filter = EventFilter::all, QueueBounds bounds = {}) {
  auto lines = JsonLines::open(channel.write.get(), "accounts", filter, bounds);
  REQUIRE(lines.has_value());
  return std::move(*lines);
}

std::vector<Json> parse(const std::string& text) {
  REQUIRE((text.empty() || text.ends_with('\n')));
  std::vector<Json> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    lines.push_back(Json::parse(text.substr(at, end - at)));
    at = end + 1;
  }
  return lines;
}

// What a reader gets who begins to read now, to the end.
std::string read_all(JsonLines& lines, const Channel& channel) {
  std::string text;
  while (lines.flush().state == FlushState::blocked) text += channel.take();
  return text + channel.take();
}

// The numbers of the lines, a dropped range as "from-to": "1 2 [3-9] 10". A hole that is not explained shows as "!".
std::string sequence(const std::vector<Json>& lines) {
  std::string out;
  std::uint64_t next = 1;
  for (const Json& line : lines) {
    if (line["event"] == "events_dropped") {
      out += '[' + std::to_string(line["from_seq"].get<int>()) + '-' + std::to_string(line["to_seq"].get<int>()) + "] ";
      if (line["from_seq"] == next) next = line["to_seq"].get<std::uint64_t>() + 1;
    }
    const auto seq = line["seq"].get<std::uint64_t>();
    if (seq != next) out += '!';
    next = seq + 1;
  }
  return out + "to " + std::to_string(next - 1);
}

std::size_t count(const std::vector<Json>& lines, std::string_view event) {
  return static_cast<std::size_t>(
      std::count_if(lines.begin(), lines.end(), [&](const Json& line) { return line["event"] == event; }));
}

TEST_CASE("Events become lines, numbered from one") {
  const Channel channel = Channel::pipe();
  JsonLines lines = open(channel);
  for (const Event& event : all_samples()) lines.record(event);
  CHECK(lines.flush().state == FlushState::idle);
  const std::vector<Json> told = parse(channel.take());
  CHECK(told.size() == all_samples().size());
  CHECK(told.front()["seq"] == 1);
  CHECK(told.back()["seq"] == told.size());
  CHECK(told.front()["instance"] == "accounts");
}

TEST_CASE("Nothing is written before the turn of the loop ends, unless much has gathered") {
  const Channel channel = Channel::pipe();
  JsonLines lines = open(channel);
  lines.record(ended());
  CHECK(channel.take() == "");
  for (int i = 0; i < 200; ++i) lines.record(ended());
  CHECK(channel.take() != "");
}

TEST_CASE("Under `results` only results and the runner are told, and only they take a number") {
  const Channel channel = Channel::pipe();
  JsonLines lines = open(channel, EventFilter::results);
  for (const Fact& fact :
       {Fact{RunnerStarted{}}, Fact{TaskAdded{sample_task(), std::nullopt}}, Fact{RunStarted{sample_run(), 1ms, 2}},
        output().fact, ended().fact, Fact{RunSkipped{sample_run(), SkipReason::late, 1, std::nullopt}},
        Fact{ClockJumped{1s}}, Fact{hooked(HookKind::on_success, Outcome::success, exited(0))},
        Fact{RunnerStopping{"SIGTERM"}}, Fact{RunnerStopped{}}}) {
    lines.record({kNoon, fact});
  }
  std::string told;
  for (const Json& line : parse(read_all(lines, channel))) {
    told += std::to_string(line["seq"].get<int>()) + ' ' + line["event"].get<std::string>() + '\n';
  }
  CHECK(told ==
        "1 runner_started\n2 run_finished\n3 run_skipped\n4 clock_jumped\n5 runner_stopping\n6 runner_stopped\n");
}

constexpr QueueBounds kSmall{Bytes{20'000}, Bytes{40'000}};

TEST_CASE("A reader that stops costs output lines first, and each gap is told before the next line") {
  const Channel channel = Channel::pipe();
  JsonLines lines = open(channel, EventFilter::all, kSmall);
  for (int i = 0; i < 100; ++i) {
    lines.record(output());
    if (i % 10 == 9) lines.record(ended());
    lines.flush();
  }
  lines.record(stopped());
  const std::vector<Json> told = parse(read_all(lines, channel));
  CHECK(count(told, "run_finished") == 10);
  CHECK(count(told, "run_output") < 100);
  CHECK(count(told, "run_output") > 50);
  CHECK(count(told, "events_dropped") > 0);
  CHECK(sequence(told).find('!') == std::string::npos);
  CHECK(told.back()["event"] == "runner_stopped");
}

TEST_CASE("Above the hard bound everything waits in memory no more, but the runner's own lines") {
  const Channel channel = Channel::pipe();
  JsonLines lines = open(channel, EventFilter::all, kSmall);
  for (int i = 0; i < 10'000; ++i) lines.record(ended());
  lines.record({kNoon, RunnerStopping{"SIGTERM"}});
  for (int i = 0; i < 10'000; ++i) lines.record(ended());
  lines.record(stopped());
  const std::vector<Json> told = parse(read_all(lines, channel));
  CHECK(told.size() < 300);
  const std::string kept = std::to_string(count(told, "run_finished"));
  const std::string first_dropped = std::to_string(std::stoi(kept) + 1);
  CHECK(sequence(told) == '[' + first_dropped + "-10000] [10003-20002] to 20004");
  CHECK(told[told.size() - 3]["event"] == "runner_stopping");
  CHECK(told.back()["event"] == "runner_stopped");
}

TEST_CASE("When there is room again, the gap is told and lines go on") {
  const Channel channel = Channel::pipe();
  JsonLines lines = open(channel, EventFilter::all, kSmall);
  for (int i = 0; i < 200; ++i) lines.record(output());
  std::string text = read_all(lines, channel);
  for (int i = 0; i < 3; ++i) lines.record(output());
  text += read_all(lines, channel);
  const std::vector<Json> told = parse(text);
  CHECK(count(told, "events_dropped") == 1);
  CHECK(told[told.size() - 4]["event"] == "events_dropped");
  CHECK(told[told.size() - 4]["to_seq"] == 200);
  CHECK(told.back()["seq"] == 204);
}

TEST_CASE("A gap at the very end is told as well") {
  const Channel channel = Channel::pipe();
  JsonLines lines = open(channel, EventFilter::all, kSmall);
  for (int i = 0; i < 200; ++i) lines.record(output());
  CHECK(lines.drain(kNoon, 0s).state == FlushState::idle);
  const std::vector<Json> told = parse(channel.take());
  CHECK(told.back()["event"] == "events_dropped");
  CHECK(told.back()["to_seq"] == 200);
  CHECK(told.back()["seq"] == 201);
  CHECK(told.back()["time"] == "2026-02-03T12:00:00.000004Z");
}

TEST_CASE("A reader who stopped long ago finds whole lines, to the last, after the runner has gone") {
  const Channel channel = Channel::pipe();
  {
    const WithoutPrivilege guard;
    JsonLines lines = open(channel);
    for (int i = 0; i < 5'000; ++i) lines.record(output());
    lines.record(stopped());
    CHECK(lines.drain(kNoon, 0s).state == FlushState::idle);
  }
  const std::vector<Json> told = parse(channel.take());
  CHECK(sequence(told).find('!') == std::string::npos);
  CHECK(count(told, "events_dropped") == 1);
  CHECK(told.back()["event"] == "runner_stopped");
}

TEST_CASE("A closed stdout is told once, and then lines go nowhere") {
  Channel channel = Channel::pipe();
  JsonLines lines = open(channel);
  channel.read.reset();
  for (int i = 0; i < 1'000; ++i) lines.record(output());
  const Flushed failed = lines.flush();
  CHECK(failed.state == FlushState::failed);
  CHECK(failed.error == EPIPE);
  CHECK(lines.failure() == EPIPE);
  lines.record(stopped());
  CHECK(lines.drain(kNoon, 1s).state == FlushState::idle);
}

TEST_CASE("What is passed through is left out while its reader is slow, and the gap is told in its place") {
  const Channel channel = Channel::pipe();
  auto opened = ChunkWriter::open(channel.write.get(), Bytes{10'000});
  REQUIRE(opened.has_value());
  ChunkWriter& writer = *opened;
  std::string sent;
  for (int i = 0; i < 200; ++i) {
    writer.write(std::string(999, 'x') + (i % 2 == 0 ? '\n' : 'y'));
    writer.flush();
  }
  CHECK(writer.dropped_bytes() > 100'000);
  std::string got = channel.take();
  while (writer.flush().state == FlushState::blocked) got += channel.take();
  writer.write("at last\n");
  CHECK(writer.drain(0s).state == FlushState::idle);
  got += channel.take();
  const std::size_t note = got.find("[taskrun: ");
  CHECK(got.substr(note) == "[taskrun: " + std::to_string(writer.dropped_bytes()) +
                                " bytes of output left out: stderr was not read fast enough]\nat last\n");
  CHECK(got[note - 1] == '\n');
}

TEST_CASE("What is passed through to an attentive reader comes as it is") {
  const Channel channel = Channel::pipe();
  auto writer = ChunkWriter::open(channel.write.get());
  REQUIRE(writer.has_value());
  writer->write("no newline");
  writer->write("");
  writer->write("\x01\xff\n");
  CHECK(writer->flush().state == FlushState::idle);
  CHECK(channel.take() == "no newline\x01\xff\n");
  CHECK(writer->dropped_bytes() == 0);
}

}  // namespace
}  // namespace taskrun::report
