// Schedulers detached from Python, against learning rates of torch 2.13: float.hex of param_groups[0]["lr"]
// after each step, from lr=0.1 with SGD.
#include "check.hpp"
#include "stepcurve/preview.hpp"

using namespace stepcurve::recurrence;

namespace {

using Node = std::unique_ptr<Detached>;

template <class Scheduler>
Node detach(Scheduler scheduler, Epoch last_epoch = 0) {
  return std::make_unique<DetachedScheduler<Scheduler>>(scheduler, last_epoch, Column{}, Column{0.1});
}

bool gives(Detached& scheduler, const Column& values) {
  Column out(values.size()), lrs{values.front()};
  out[0] = lrs[0];
  return preview(scheduler, lrs, values.size() - 1, out.data() + 1) && out == values;
}

bool refuses(Node scheduler) {
  Column lrs{0.1};
  return !scheduler->step(lrs) && lrs[0] == 0.1;
}

void check_cosine() {
  const Column torchs{0x1.999999999999ap-4, 0x1.639d29fc76773p-4, 0x1.c28f5c28f5c2ap-5, 0x1.7bc8c8b1fd2dap-6,
                      0x1.47ae147ae147bp-7, 0x1.7bc8c8b1fd2dap-6, 0x1.c28f5c28f5c2cp-5};
  CHECK(gives(*detach(CosineAnnealingLR{4, 0.01}), torchs));
  CHECK(refuses(detach(CosineAnnealingLR{0, 0.01})));
  CHECK(refuses(detach(CosineAnnealingLR{4, 0.01}, -1)));
}

void check_warm_restarts() {
  const Column torchs{0x1.999999999999ap-4, 0x1.999999999999ap-5, 0x1.999999999999ap-4, 0x1.5d9d8f5cc7e52p-4,
                      0x1.999999999999ap-5, 0x1.dfe051e68da40p-7, 0x1.999999999999ap-4, 0x1.8a02b1fadd21cp-4};
  CHECK(gives(*detach(CosineAnnealingWarmRestarts{2, 0, 0, 2}), torchs));
}

void check_averaging() {
  const Column torchs{0x1.999999999999ap-4, 0x1.7b9b947b30bf6p-4, 0x1.3333333333333p-4,
                      0x1.d595a3d66b4e2p-5, 0x1.999999999999ap-5, 0x1.999999999999ap-5};
  DetachedScheduler<SWALR> averaging({4, false, 1}, 0, {}, {0.05});
  CHECK(gives(averaging, torchs));
}

void check_one_cycle() {
  // initial_lr, max_lr and min_lr of OneCycleLR(optimizer, 0.1, 10); steps 3, 6 and 9.
  const double initial = 0.1 / 25, least = initial / 1e4;
  DetachedOneCycleLR cycle(10, false, {{2, {initial}, {0.1}}, {9, {0.1}, {least}}}, 0);
  Column out(10), lrs{initial};
  CHECK(preview(cycle, lrs, 9, out.data() + 1));
  CHECK(out[3] == 0x1.8551898fc1ee6p-4 && out[6] == 0x1.3e751a0792377p-5 && out[9] == 0x1.ad7f29abcaf48p-22);
  CHECK(cycle.step(lrs));
  CHECK(!cycle.step(lrs));
}

void check_sequence() {
  const Column torchs{0x1.47ae147ae147cp-7, 0x1.47ae147ae147bp-5, 0x1.1eb851eb851ecp-4, 0x1.999999999999ap-4,
                      0x1.5d9d8f5cc7e52p-4, 0x1.999999999999ap-5, 0x1.dfe051e68da40p-7};
  std::vector<Node> parts;
  parts.push_back(detach(LinearLR{0.1, 1, 3}));
  parts.push_back(detach(CosineAnnealingLR{4, 0}, -1));
  DetachedSequentialLR sequence(std::move(parts), {3}, 0);
  CHECK(gives(sequence, torchs));
}

void check_plateau() {
  using namespace stepcurve::plateau;
  ReduceLROnPlateau tracker{bar(Mode::min, Threshold::rel, 0.1, 0), 1, 0.5, 0.01, {0, 1.0, 0, 0}};
  CHECK(!tracker.step(0.8) && tracker.improved && tracker.state.best == 0.8);
  CHECK(!tracker.step(0.75) && !tracker.improved && tracker.state.bad_steps == 1);
  CHECK(tracker.step(0.75) && tracker.state.bad_steps == 2);
  CHECK(apply(tracker.update(), 0.1, 0.02) == 0.05 && apply(tracker.update(), 0.025, 0.02) == 0.025);
}

}  // namespace

int main() {
  check_cosine();
  check_warm_restarts();
  check_averaging();
  check_one_cycle();
  check_sequence();
  check_plateau();
  return failures;
}
