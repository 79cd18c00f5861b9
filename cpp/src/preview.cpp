#include "stepcurve/preview.hpp"

#include <algorithm>

namespace stepcurve::recurrence {

bool set(std::span<double> lrs, const Update& update, std::span<const double> x, std::span<const double> y) {
  if (update.form == Form::unknown) return false;
  for (std::size_t i = 0; i < lrs.size(); ++i) lrs[i] = apply(update, x[i], y[i]);
  return true;
}

Update Milestones::next(Epoch epoch) const {
  const auto found = counts.find(static_cast<double>(epoch));
  return scheduler.next(found == counts.end() ? 0 : found->second);
}

Update Milestones::at(Epoch epoch) const {
  Epoch passed = 0;
  for (const auto& [milestone, count] : counts)
    if (milestone <= static_cast<double>(epoch)) passed += count;
  return scheduler.at(passed);
}

DetachedOneCycleLR::DetachedOneCycleLR(double total_steps, bool linear, std::vector<Phase> phases,
                                       Epoch last_epoch)
    : total_steps_(total_steps), linear_(linear), phases_(std::move(phases)), last_epoch_(last_epoch) {
  for (const Phase& phase : phases_) ends_.push_back(phase.end);
}

bool DetachedOneCycleLR::go_to(Epoch epoch, std::span<double> lrs) {
  last_epoch_ = epoch;
  const auto step = OneCycleLR{total_steps_, linear_, ends_}.next(epoch);
  if (step.update.form == Form::unknown) return false;
  return set(lrs, step.update, phases_[step.phase].start_lrs, phases_[step.phase].end_lrs);
}

bool DetachedSequentialLR::step(std::span<double> lrs) {
  ++last_epoch_;
  const auto after = std::upper_bound(milestones_.begin(), milestones_.end(), last_epoch_);
  const auto index = static_cast<std::size_t>(after - milestones_.begin());
  if (index >= schedulers_.size()) return false;
  const bool restarts = index > 0 && milestones_[index - 1] == last_epoch_;
  return restarts ? schedulers_[index]->restart(lrs) : schedulers_[index]->step(lrs);
}

bool DetachedChainedScheduler::step(std::span<double> lrs) {
  return std::all_of(schedulers_.begin(), schedulers_.end(),
                     [&](const auto& each) { return each->step(lrs); });
}

bool preview(Detached& scheduler, Column& lrs, std::size_t steps, double* out) {
  for (std::size_t i = 0; i < steps; ++i) {
    if (!scheduler.step(lrs)) return false;
    out = std::copy(lrs.begin(), lrs.end(), out);
  }
  return true;
}

}  // namespace stepcurve::recurrence
