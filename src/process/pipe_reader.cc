#include "process/pipe_reader.h"

#include <cerrno>

namespace taskrun::process {
namespace {

// More than a pipe holds by default, several times over.
constexpr int kDrainReads = 16;

}  // namespace

Result<std::unique_ptr<PipeReader>> PipeReader::make(PipeWatch& watch, sys::Fd pipe, std::span<char> buffer,
                                                     Sink on_bytes, End on_end) {
  if (auto set = sys::set_nonblocking(pipe.get()); !set) return tl::unexpected(set.error());
  std::unique_ptr<PipeReader> reader(
      new PipeReader(watch, std::move(pipe), buffer, std::move(on_bytes), std::move(on_end)));
  const auto token = watch.add(reader->fd(), *reader);
  if (!token) return tl::unexpected(token.error());
  reader->token_ = *token;
  return reader;
}

// `this` lives as long as the owner; what is called at the end may destroy it.
void PipeReader::on_readable() {
  const auto alive = owner_.lock();
  if (!alive) return;
  read_once();
  if (!at_end_) return;
  const End on_end = on_end_;
  on_end();
}

bool PipeReader::read_once() {
  const auto count = sys::read_some(pipe_.get(), buffer_);
  if (!count && (count.error().code == EAGAIN || count.error().code == EWOULDBLOCK)) return false;
  at_end_ = !count || *count == 0;
  if (at_end_) {
    close();
  } else {
    on_bytes_(std::string_view(buffer_.data(), *count));
  }
  return true;
}

bool PipeReader::drain() {
  for (int reads = 0; reads < kDrainReads && pipe_ && !at_end_; ++reads) {
    if (!read_once()) break;
  }
  return at_end_;
}

void PipeReader::close() {
  watch_.forget(token_);
  pipe_.reset();
}

}  // namespace taskrun::process
