#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include "process/containment.h"
#include "sys/proc.h"

/// Containment without privilege. The kernel gives the children of a process that ends to the next subreaper above it,
/// which is us: so when a main process has ended, every process it left, however it hid, is our child or the descendant
/// of one. Whose orphan it is, is told by, in this order: having been seen as a descendant; the marks in its
/// environment; its session; a pipe of the attempt among its descriptors. One that has shed all of them belongs to the
/// attempts that were alive when it was born, and ends with the last of them.
namespace taskrun::process {

class SubreaperCell;

class Subreaper : public Containment {
 public:
  explicit Subreaper(sys::OwnChildren children) : children_(std::move(children)) {}

  [[nodiscard]] std::string_view name() const override { return "subreaper"; }
  [[nodiscard]] Result<std::unique_ptr<Cell>> make_cell(const Marks& marks, const ResourceLimits& limits) override;
  void on_reaped(pid_t pid) override { orphans_.erase(pid); }
  void refresh() override;

 private:
  friend class SubreaperCell;

  // Attempts whose processes were left alive, told by what tells their later orphans.
  struct Departed {
    Marks marks;
    pid_t session = 0;
  };
  enum class Claim {
    cell,      ///< belongs to `cell`
    unmarked,  ///< to whoever was alive when it was born
    left,      ///< may live on
  };
  struct Orphan {
    std::uint64_t started = 0;
    Claim claim = Claim::unmarked;
    const SubreaperCell* cell = nullptr;
    std::size_t departed = 0;  // of a left one: the key in departed_
    bool has_ended = false;    // when it was first seen
  };

  void add(SubreaperCell& cell) { cells_.push_back(&cell); }
  void remove(const SubreaperCell& cell);
  void adopt(pid_t pid);
  [[nodiscard]] Orphan claim_of(const sys::ProcessStat& stat) const;
  [[nodiscard]] bool belongs_to(const Orphan& orphan, const SubreaperCell& cell) const;
  [[nodiscard]] bool is_anybodys(const Orphan& orphan) const;
  void leave(const SubreaperCell& cell);
  void forget_departed();

  sys::OwnChildren children_;
  std::vector<SubreaperCell*> cells_;
  std::unordered_map<pid_t, const SubreaperCell*> mains_;  // not yet reaped
  std::unordered_map<pid_t, Orphan> orphans_;              // our other children
  std::unordered_map<std::size_t, Departed> departed_;
  std::size_t departures_ = 0;
};

}  // namespace taskrun::process
