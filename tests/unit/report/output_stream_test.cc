#include "report/output_stream.h"

#include <cstdlib>

#include <doctest/doctest.h>
#include <poll.h>

#include "channel.h"

namespace taskrun::report {
namespace {

using namespace std::chrono_literals;

// Numbered lines of 100 bytes, so that a missing, doubled or torn piece shows.
std::string lines(std::size_t count, std::size_t first = 0) {
  std::string out;
  for (std::size_t i = first; i < first + count; ++i) {
    std::string line = std::to_string(i) + ' ';
    line.resize(99, '.');
    out += line + '\n';
  }
  return out;
}

std::unique_ptr<OutputStream> open(const Channel& channel) {
  auto stream = OutputStream::open(channel.write.get());
  REQUIRE(stream.has_value());
  return std::move(*stream);
}

bool is_ready(const OutputStream& stream) {
  pollfd wanted{stream.ready_fd(), POLLIN, 0};
  return ::poll(&wanted, 1, 0) == 1;
}

// Reads and flushes in turns, until everything has come.
std::string read_on(OutputStream& stream, const Channel& channel) {
  std::string got;
  while (stream.flush().state == FlushState::blocked) {
    const std::string more = channel.take(5'000);
    REQUIRE_FALSE(more.empty());
    got += more;
  }
  return got + channel.take();
}

// Everything comes, in order, however slow the reader; it is never waited for, and its descriptor is left as it was.
void check_slow_reader(const Channel& channel, OutputStream& stream) {
  const std::string sent = lines(10'000);
  for (std::size_t at = 0; at < sent.size(); at += 1'000) stream.append(std::string_view(sent).substr(at, 1'000));
  CHECK(stream.flush().state == FlushState::blocked);
  CHECK(stream.pending() > 0);
  CHECK_FALSE(is_ready(stream));
  std::string got = channel.take();
  CHECK(is_ready(stream));
  got += read_on(stream, channel);
  CHECK((got == sent));
  CHECK(stream.pending() == 0);
  CHECK(channel.is_blocking());
}

TEST_CASE("A slow reader of a pipe gets everything, and is never waited for") {
  const Channel channel = Channel::pipe();
  check_slow_reader(channel, *open(channel));
}

TEST_CASE("A slow reader of a pipe that may not be opened again gets everything, and is never waited for") {
  const Channel channel = Channel::pipe();
  const auto stream = [&] {
    const WithoutOpening guard(channel);
    REQUIRE(::open(("/proc/self/fd/" + std::to_string(channel.write.get())).c_str(), O_WRONLY | O_NONBLOCK) == -1);
    return open(channel);
  }();
  check_slow_reader(channel, *stream);
}

TEST_CASE("A slow reader of a socket gets everything, and is never waited for") {
  const Channel channel = Channel::socket();
  check_slow_reader(channel, *open(channel));
}

TEST_CASE("A terminal that is not read is never waited for") {
  const Channel channel = Channel::terminal();
  const auto stream = open(channel);
  stream->append("hello\n");
  CHECK(stream->flush().state == FlushState::idle);
  CHECK(channel.take() == "hello\r\n");
  stream->append(lines(10'000));
  CHECK(stream->flush().state == FlushState::blocked);
  CHECK(channel.is_blocking());
}

TEST_CASE("A regular file is written where it stands") {
  char path[] = "/tmp/taskrun-report-XXXXXX";
  const sys::Fd file(::mkostemp(path, O_CLOEXEC));
  ::unlink(path);
  REQUIRE(sys::write_all(file.get(), "before\n").has_value());
  auto stream = OutputStream::open(file.get());
  REQUIRE(stream.has_value());
  (*stream)->append("after\n");
  CHECK((*stream)->flush().state == FlushState::idle);
  REQUIRE(::lseek(file.get(), 0, SEEK_SET) == 0);
  CHECK(sys::read_all(file.get(), kibibytes(1)).value() == "before\nafter\n");
}

// The failure is told once, and then bytes go nowhere and cost nothing.
void check_failure(OutputStream& stream, int expected) {
  stream.append("lost\n");
  const Flushed failed = stream.flush();
  CHECK(failed.state == FlushState::failed);
  CHECK(failed.error == expected);
  CHECK(stream.failure() == expected);
  stream.append("also lost\n");
  CHECK(stream.pending() == 0);
  CHECK(stream.flush().state == FlushState::idle);
  CHECK(stream.drain(1s).state == FlushState::idle);
}

TEST_CASE("A reader that is gone is a failure, told once") {
  Channel before = Channel::pipe();
  before.read.reset();
  check_failure(*open(before), EPIPE);
  Channel meanwhile = Channel::pipe();
  const auto stream = open(meanwhile);
  stream->append(lines(1'000));
  CHECK(stream->flush().state == FlushState::blocked);
  meanwhile.read.reset();
  CHECK(is_ready(*stream));
  check_failure(*stream, EPIPE);
  Channel socket = Channel::socket();
  socket.read.reset();
  check_failure(*open(socket), EPIPE);
}

TEST_CASE("A full disk is a failure, told once") {
  const sys::Fd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  auto stream = OutputStream::open(full.get());
  REQUIRE(stream.has_value());
  check_failure(**stream, ENOSPC);
}

TEST_CASE("A descriptor that is not open is refused") {
  auto stream = OutputStream::open(1'000'000);
  CHECK_FALSE(stream.has_value());
}

TEST_CASE("At the end a full pipe is made to hold what is left for a reader who pauses") {
  const Channel channel = Channel::pipe();
  const auto stream = open(channel);
  stream->append(lines(8'000));
  CHECK(stream->flush().state == FlushState::blocked);
  CHECK(stream->drain(0s).state == FlushState::idle);
  CHECK((channel.take() == lines(8'000)));
}

TEST_CASE("A pipe that may not hold all that is left gets as much as it may, in whole lines") {
  const Channel channel = Channel::pipe();
  const auto stream = open(channel);
  const WithoutPrivilege guard;
  stream->append("x" + lines(15'000));  // so that no line ends where the pipe is full
  stream->flush();
  stream->append(lines(15'000, 15'000));
  CHECK(stream->drain(0s).state == FlushState::blocked);
  const std::string got = channel.take();
  CHECK(got.size() > 500'000);
  CHECK(got.ends_with('\n'));
  CHECK(("x" + lines(30'000)).starts_with(got));
}

TEST_CASE("What has left is given back to the memory") {
  const Channel channel = Channel::pipe();
  const auto stream = open(channel);
  std::string got;
  for (std::size_t i = 0; i < 1'000; ++i) {
    stream->append(lines(10, i * 10));
    stream->flush();
    got += channel.take(900);
    CHECK(stream->pending() <= 10'000 + i * 100);
  }
  got += read_on(*stream, channel);
  CHECK((got == lines(10'000)));
}

}  // namespace
}  // namespace taskrun::report
