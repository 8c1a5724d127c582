#include "report/chunk_writer.h"

#include <utility>

#include <fmt/format.h>

#include "report/output_stream.h"

namespace taskrun::report {

ChunkWriter::ChunkWriter(std::unique_ptr<OutputStream> stream, Bytes bound)
    : stream_(std::move(stream)), bound_(bound.count) {}
ChunkWriter::ChunkWriter(ChunkWriter&&) noexcept = default;
ChunkWriter& ChunkWriter::operator=(ChunkWriter&&) noexcept = default;
ChunkWriter::~ChunkWriter() = default;

Result<ChunkWriter> ChunkWriter::open(int descriptor, Bytes bound) {
  auto stream = OutputStream::open(descriptor);
  if (!stream) return tl::unexpected(std::move(stream.error()));
  return ChunkWriter(std::move(*stream), bound);
}

// Once something is left out, all is until half of the queue has been read: a few long gaps instead of many short ones.
void ChunkWriter::write(std::string_view bytes) {
  if (bytes.empty() || stream_->failure() != 0) return;
  const std::size_t bound = untold_ > 0 ? bound_ / 2 : bound_;
  if (stream_->pending() >= bound) {
    untold_ += bytes.size();
    dropped_ += bytes.size();
    return;
  }
  tell_dropped();
  stream_->append(bytes);
  ends_line_ = bytes.back() == '\n';
}

void ChunkWriter::tell_dropped() {
  const std::uint64_t count = std::exchange(untold_, 0);
  if (count == 0) return;
  stream_->append(fmt::format("{}[taskrun: {} bytes of output left out: stderr was not read fast enough]\n",
                              ends_line_ ? "" : "\n", count));
}

Flushed ChunkWriter::flush() { return stream_->flush(); }
int ChunkWriter::ready_fd() const { return stream_->ready_fd(); }

Flushed ChunkWriter::drain(Nanos limit) {
  tell_dropped();
  return stream_->drain(limit);
}

}  // namespace taskrun::report
