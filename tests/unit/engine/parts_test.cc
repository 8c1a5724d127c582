// The engine's parts: timers, waits, places.

#include <algorithm>
#include <limits>
#include <random>

#include <doctest/doctest.h>

#include "engine/admission.h"
#include "engine/timer_queue.h"
#include "engine/waits.h"

using namespace taskrun;
using namespace taskrun::engine;
using namespace std::chrono_literals;

TEST_CASE("timers fire in the order of their deadlines, equal ones as they were armed") {
  TimerQueue<BootTime, int> queue;
  queue.arm(BootTime(3s), 3);
  queue.arm(BootTime(1s), 1);
  queue.arm(BootTime(3s), 4);
  queue.arm(BootTime(2s), 2);
  CHECK(queue.pop_due(BootTime(500ms)) == std::nullopt);
  for (const int expected : {1, 2, 3, 4}) CHECK(queue.pop_due(BootTime(3s)) == expected);
  CHECK(queue.next_deadline() == std::nullopt);
}

TEST_CASE("a cancelled timer is gone, and its id is harmless for the slot's next holder") {
  TimerQueue<BootTime, int> queue;
  TimerId first = queue.arm(BootTime(1s), 1);
  TimerId copy = first;
  CHECK(queue.cancel(first));
  CHECK(first == TimerId{});
  queue.arm(BootTime(1s), 2);
  CHECK_FALSE(queue.cancel(copy));
  CHECK(queue.size() == 1);
}

TEST_CASE("the heap agrees with a sorted list over random arms and cancels") {
  std::mt19937 random(1);
  TimerQueue<BootTime, int> queue;
  std::vector<std::pair<std::int64_t, int>> model;
  std::vector<TimerId> ids;
  for (int i = 0; i < 5000; ++i) {
    const auto deadline = static_cast<std::int64_t>(random() % 1000);
    ids.push_back(queue.arm(BootTime(Nanos(deadline)), i));
    model.emplace_back(deadline, i);
    if (random() % 3 != 0) continue;
    const std::size_t victim = random() % ids.size();
    const bool was_armed = queue.cancel(ids[victim]);
    const auto gone = std::erase_if(model, [&](const auto& entry) { return entry.second == static_cast<int>(victim); });
    CHECK(was_armed == (gone == 1));
  }
  std::sort(model.begin(), model.end());
  for (const auto& [deadline, id] : model) CHECK(queue.pop_due(BootTime(Nanos(deadline))) == id);
  CHECK(queue.size() == 0);
}

TEST_CASE("a retry's wait grows, is cut at max_delay and spreads by its jitter") {
  std::mt19937_64 random(7);
  RetryPolicy policy{10, 1s, 2, 5s, 0, {}};
  CHECK(retry_wait(policy, 1, random) == 1s);
  CHECK(retry_wait(policy, 3, random) == 4s);
  CHECK(retry_wait(policy, 4, random) == 5s);
  CHECK(retry_wait(policy, 1'000'000, random) == 5s);
  policy.jitter = 0.5;
  for (int i = 0; i < 100; ++i) {
    const Nanos wait = retry_wait(policy, 1, random);
    CHECK(wait >= 500ms);
    CHECK(wait <= 1500ms);
  }
}

TEST_CASE("jitter lies within its bound, spreads, and depends on name and due time alone") {
  const WallTime due(1'800'000'000s);
  CHECK(jitter_wait(0s, "a", due) == 0s);
  std::vector<Nanos> waits;
  for (int i = 0; i < 1000; ++i) waits.push_back(jitter_wait(10s, "task-" + std::to_string(i), due));
  std::sort(waits.begin(), waits.end());
  CHECK(waits.front() >= 0s);
  CHECK(waits.back() <= 10s);
  CHECK(waits[500] > 4s);
  CHECK(waits[500] < 6s);
  CHECK(jitter_wait(10s, "a", due) == jitter_wait(10s, "a", due));
  CHECK(jitter_wait(10s, "a", due) != jitter_wait(10s, "a", due + 1h));
}

TEST_CASE("a ticket that left the queue gives its pool's place to the next") {
  Admission admission(10, {{"db", 1}});
  const Admission::Pool db = admission.find_pool("db");
  CHECK(admission.find_pool("none") == Admission::kNoPool);
  std::vector<std::uint32_t> gone{1};
  const auto waits = [&](const Admission::Ticket& t) {
    return std::find(gone.begin(), gone.end(), t.run) == gone.end();
  };
  admission.enqueue({1, 1}, db);
  admission.enqueue({2, 1}, db);
  admission.enqueue({3, 1}, db);
  CHECK(admission.admit(waits)->run == 2);
  CHECK_FALSE(admission.admit(waits));
  gone = {1, 2};
  admission.release(db, waits);
  CHECK(admission.admit(waits)->run == 3);
}

TEST_CASE("other limits hold at once: more places are handed out, fewer are waited for") {
  Admission admission(10, {{"db", 1}});
  const auto all_wait = [](const Admission::Ticket&) { return true; };
  const Admission::Pool db = admission.find_pool("db");
  for (const std::uint32_t run : {1U, 2U, 3U, 4U}) admission.enqueue({run, 1}, db);
  CHECK(admission.admit(all_wait)->run == 1);
  CHECK_FALSE(admission.admit(all_wait));
  admission.change(2, {{"net", 5}, {"db", 3}}, all_wait);
  CHECK(admission.find_pool("db") == db);
  CHECK(admission.admit(all_wait)->run == 2);
  CHECK_FALSE(admission.admit(all_wait));  // max_parallel
  admission.change(10, {{"db", 2}}, all_wait);
  CHECK_FALSE(admission.admit(all_wait));  // two are alive, and 3 has lost the pool's place that it had
  admission.release(db, all_wait);
  CHECK(admission.admit(all_wait)->run == 3);
  admission.release(db, all_wait);
  CHECK(admission.admit(all_wait)->run == 4);
}

TEST_CASE("a pool that goes holds nobody up, and its record is used again once nobody holds a place of it") {
  Admission admission(10, {{"db", 1}});
  const auto all_wait = [](const Admission::Ticket&) { return true; };
  const Admission::Pool db = admission.find_pool("db");
  admission.enqueue({1, 1}, db);
  admission.enqueue({2, 1}, db);
  CHECK(admission.admit(all_wait)->run == 1);
  admission.change(10, {{"net", 1}}, all_wait);
  CHECK(admission.find_pool("db") == Admission::kNoPool);
  CHECK(admission.find_pool("net") != db);
  CHECK(admission.admit(all_wait)->run == 2);
  admission.change(10, {{"db", 1}}, all_wait);
  CHECK(admission.find_pool("db") == db);  // two are alive still
  admission.enqueue({3, 1}, db);
  admission.release(db, all_wait);
  CHECK_FALSE(admission.admit(all_wait));
  admission.release(db, all_wait);
  CHECK(admission.admit(all_wait)->run == 3);
  admission.release(db, all_wait);
  for (int i = 0; i < 1000; ++i) admission.change(10, {{"pool-" + std::to_string(i), 1}}, all_wait);
  CHECK(admission.find_pool("pool-999") <= 2);
}
