#include "engine/passes/calibrated.h"

#include "engine/passes/equalise.h"
#include "engine/passes/input.h"
#include "engine/passes/norms.h"
#include "engine/passes/quantise.h"

namespace impasto::engine::passes {

void paint_by(const Calibration& calibration, const std::shared_ptr<ov::Model>& net,
              const std::optional<std::set<std::string>>& kept) {
  settle(net);
  absorb_input_scale(net);
  fold_norms(net, calibration.norms);
  if (kept) {
    quantise(net, equalise(net, calibration.activations), *kept);
  }
}

}  // namespace impasto::engine::passes
