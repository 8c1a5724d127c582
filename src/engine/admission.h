#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace taskrun::engine {

/// Who may run now: `max_parallel` places for all, and each pool's places for its tasks. First come, first served, but
/// a full pool holds up only its own. A run takes its pool's place first, then one of the runner's. O(1) for each step.
class Admission {
 public:
  using Pool = std::uint32_t;
  static constexpr Pool kNoPool = ~Pool{0};

  /// A run in the queue. Leaving it early costs nothing: a ticket that `is_waiting` no longer knows is passed over.
  struct Ticket {
    std::uint32_t run;
    std::uint32_t serial;
  };
  using IsWaiting = std::function<bool(const Ticket&)>;

  Admission(int max_parallel, const std::vector<std::pair<std::string, int>>& pools);

  /// Other limits, at once. Whoever runs keeps its places, also where there are fewer now than are taken; who waits for
  /// one of a pool that is no more need not wait for it.
  void change(int max_parallel, const std::vector<std::pair<std::string, int>>& pools, const IsWaiting& is_waiting);

  /// kNoPool for "" and for a name the manifest does not have.
  [[nodiscard]] Pool find_pool(std::string_view name) const;

  void enqueue(Ticket ticket, Pool pool);
  /// The next run that may start; it holds its places until release().
  [[nodiscard]] std::optional<Ticket> admit(const IsWaiting& is_waiting);
  void release(Pool pool, const IsWaiting& is_waiting);

 private:
  struct Limit {
    std::string name;
    int places = 0;
    int taken = 0;
    bool is_gone = false;  // from the manifest, while some may still hold places
    std::deque<Ticket> queue;
  };
  struct Ready {
    Ticket ticket;
    Pool pool;
  };

  [[nodiscard]] Limit& limit_of(const std::string& name);
  void take_back();
  void hand_out(Limit& limit, Pool pool, const IsWaiting& is_waiting);
  void release_pool(Pool pool, const IsWaiting& is_waiting);

  int places_ = 0;
  int taken_ = 0;
  std::vector<Limit> pools_;
  std::deque<Ready> ready_;
};

}  // namespace taskrun::engine
