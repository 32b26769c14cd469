#pragma once

#include "temporal/flow.h"
#include "temporal/matching.h"
#include "temporal/texture.h"

namespace impasto::temporal {

struct FlowBothWays {
  FlowField there;
  FlowField back;
};

/// Dense flow for scenes that move far, blur and turn, where a search from coarse to fine alone
/// goes astray. Places have been matched by what is around them (`match`); planes are found among
/// the matches (`find_planes`); each place is taken to move with one of the planes or like the
/// matches around it, as the textures, the matches nearby and the borders in the picture say; and
/// what the matches differ from their plane is added to it. To a cell or so: `refined` makes it
/// better. Pictures under 16 pixels on a side get a flow of nothing. Thread-safe; uses the calling
/// thread alone.
FlowBothWays layered_flow(const Textures& one, const Textures& other,
                          const MatchesBothWays& matches);

}  // namespace impasto::temporal
