#pragma once

#include <functional>
#include <future>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "control/desk.h"
#include "daemon/manifest_diff.h"
#include "daemon/manifest_watch.h"
#include "daemon/options.h"
#include "engine/engine.h"

namespace taskrun::daemon {

/// Brings a manifest that is read again into the runner: all of it, or nothing. It is read and compared on a thread of
/// its own, because a large one takes longer than a due time may wait; what follows from it is one turn of the loop.
/// The tasks of clients are not the manifest's: they stay, unless the manifest has the name, which then is its own; a
/// persisted one is back when the manifest drops the name.
class Reload {
 public:
  using Answer = control::Answer<control::Reloaded>;

  /// What it asks of the runner.
  struct Runner {
    std::function<void(const std::vector<engine::Input>&)> take;  ///< as one: nothing else comes between them
    std::function<void(engine::Input)> take_next;                 ///< before everything that waits
    std::function<void(Fact)> tell;
    std::function<void()> begins;  ///< a reload begins; that it has ended is told
    /// A client's task of this name that was added to stay, as it is by this manifest; null where there is none.
    std::function<TaskSpecPtr(const std::string&, const Manifest&)> restore;
  };

  /// `options` and `engine` are borrowed; the manifest of `options` is replaced by each one that is accepted.
  Reload(boost::asio::io_context& loop, Options& options, const engine::Engine& engine, Runner runner);
  /// Waits for a reading that is under way.
  ~Reload();
  Reload(const Reload&) = delete;
  Reload& operator=(const Reload&) = delete;

  /// The manifest is read after this call; requests that come while it is read are answered by one more reading. Null:
  /// nobody waits for an answer.
  void request(Answer answer);
  /// For a runner that ends: answers whoever still waits.
  void give_up();
  /// False where a reading is under way that has not ended by then: a file system that hangs. Then this object cannot
  /// be destroyed in time.
  [[nodiscard]] bool has_ended_within(Nanos limit);
  /// Requests a reload each time the file has become another one.
  void watch(sys::FileWatch watch);

  void added_by_client(TaskKey task) { of_clients_.insert(task); }
  void removed_by_client(const engine::Task& task);
  /// It is gone, though that may not have been told yet: the manifest's task of its name may come.
  void is_gone(const TaskRef& task);

  [[nodiscard]] WallTime loaded_at() const { return loaded_at_; }
  /// What is wrong with the manifest that was read last; "" where that is the one in force.
  [[nodiscard]] const std::string& error() const { return error_; }

 private:
  struct Reading {
    Rereading manifest;
    ManifestDiff diff;
  };

  void read();
  void forget_taken_out();
  [[nodiscard]] Reading read_and_compare() const;  // whatever fails: the thread that calls it ends well
  void was_read(Reading reading);
  void refuse_all();
  void answer_all(const tl::expected<control::Reloaded, control::Refused>& answer);
  [[nodiscard]] tl::expected<control::Reloaded, control::Refused> accept(Reading reading);
  [[nodiscard]] control::Refused reject(Rereading reading);
  void want(const TaskSpecPtr& task, std::vector<engine::Input>& inputs);
  void unwant(const std::string& task, const Manifest& fresh, std::vector<engine::Input>& inputs);

  boost::asio::io_context& loop_;
  Options& options_;
  const engine::Engine& engine_;
  Runner runner_;
  std::thread reader_;
  std::future<void> has_read_;  // of the reader's end
  bool is_reading_ = false;
  bool is_wanted_ = false;       // another reading, after the one under way
  std::vector<Answer> asked_;    // of the reading under way
  std::vector<Answer> waiting_;  // for the next one
  std::unique_ptr<ManifestWatch> watch_;
  sys::FileStamp stamp_;  // of what was read last
  WallTime loaded_at_;
  std::string error_;
  std::set<TaskKey> of_clients_;
  std::set<std::string> taken_out_;           // of the manifest, by clients, since it came into force
  std::map<std::string, TaskSpecPtr> later_;  // when a task of that name that goes is gone
};

}  // namespace taskrun::daemon
