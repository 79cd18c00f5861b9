// Schedulers of recurrence.hpp detached from their optimizer, so that many steps can be computed at once.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "stepcurve/recurrence.hpp"

namespace stepcurve::recurrence {

using Column = std::vector<double>;  // a value a group

// Acts on the learning rates of all groups. False: torch's own code has to be asked.
class Detached {
 public:
  virtual ~Detached() = default;
  virtual bool step(std::span<double> lrs) = 0;
  // What SequentialLR does to a scheduler at its milestone: torch's _update_lr(0).
  virtual bool restart(std::span<double> lrs) = 0;
};

bool set(std::span<double> lrs, const Update& update, std::span<const double> x, std::span<const double> y);

// MultiStepLR with its milestones: how often each is listed, by epoch.
struct Milestones {
  MultiStepLR scheduler;
  std::map<double, Epoch> counts;
  Update next(Epoch epoch) const;
  Update at(Epoch epoch) const;
};

// Any scheduler with next and at. x is empty where the formula starts from the present lr.
template <class Scheduler>
class DetachedScheduler : public Detached {
 public:
  DetachedScheduler(Scheduler scheduler, Epoch last_epoch, Column x, Column y)
      : scheduler_(std::move(scheduler)), last_epoch_(last_epoch), x_(std::move(x)), y_(std::move(y)) {}
  bool step(std::span<double> lrs) override {
    if (last_epoch_ < 0) return false;  // to epoch 0 torch's versions step by different rules
    return set(lrs, scheduler_.next(++last_epoch_), x_.empty() ? lrs : std::span<double>(x_), y_);
  }
  bool restart(std::span<double> lrs) override {
    return set(lrs, scheduler_.at(last_epoch_ = 0), x_.empty() ? y_ : x_, y_);
  }

 private:
  Scheduler scheduler_;
  Epoch last_epoch_;
  Column x_, y_;
};

class DetachedOneCycleLR : public Detached {
 public:
  struct Phase {
    double end;
    Column start_lrs, end_lrs;
  };
  DetachedOneCycleLR(double total_steps, bool linear, std::vector<Phase> phases, Epoch last_epoch);
  bool step(std::span<double> lrs) override { return go_to(last_epoch_ + 1, lrs); }
  bool restart(std::span<double> lrs) override { return go_to(0, lrs); }

 private:
  bool go_to(Epoch epoch, std::span<double> lrs);

  double total_steps_;
  bool linear_;
  std::vector<Phase> phases_;
  Column ends_;
  Epoch last_epoch_;
};

class DetachedSequentialLR : public Detached {
 public:
  DetachedSequentialLR(std::vector<std::unique_ptr<Detached>> schedulers, std::vector<Epoch> milestones,
                       Epoch last_epoch)
      : schedulers_(std::move(schedulers)), milestones_(std::move(milestones)), last_epoch_(last_epoch) {}
  bool step(std::span<double> lrs) override;
  bool restart(std::span<double>) override { return false; }

 private:
  std::vector<std::unique_ptr<Detached>> schedulers_;
  std::vector<Epoch> milestones_;
  Epoch last_epoch_;
};

class DetachedChainedScheduler : public Detached {
 public:
  explicit DetachedChainedScheduler(std::vector<std::unique_ptr<Detached>> schedulers)
      : schedulers_(std::move(schedulers)) {}
  bool step(std::span<double> lrs) override;
  bool restart(std::span<double>) override { return false; }

 private:
  std::vector<std::unique_ptr<Detached>> schedulers_;
};

// Row i of out, of lrs.size() values, gets the learning rates after i + 1 further steps, and lrs the last of
// them.
bool preview(Detached& scheduler, Column& lrs, std::size_t steps, double* out);

}  // namespace stepcurve::recurrence
