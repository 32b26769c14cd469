#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

#include "job/job_folder.h"
#include "job/paint_event.h"

namespace impasto::job {

/// The command that starts such a process as a child of this one. `program`: what paints in place
/// of this program's own command; empty: that.
std::vector<std::string> paint_command(const JobFolder& job, std::vector<std::string> program,
                                       int threads);

/// The process that paints: reads orders from standard input, a segment each, paints them one after
/// the other into the job, and tells how it goes on kEventsFd. It does nothing else, so that
/// whatever happens to it (a crash, no memory, a decoder that never returns) costs an attempt at
/// one segment; its parent decides what becomes of that. The end of its input tells it to stop: the
/// segment in hand is dropped. It is killed when its parent, by its id, is gone.
void paint_orders(const JobFolder& job, int threads, pid_t parent);

/// Has one order carried out by such a process of its own, and gives its last word, `done` or
/// `tried`. Throws what it says of a failure, Error(unavailable) when it dies or gives no sign for
/// so long, and Error(interrupted).
PaintEvent carry_out_apart(const JobFolder& job, const PaintOrder& order, int threads,
                           std::chrono::duration<double> patience);

}  // namespace impasto::job
