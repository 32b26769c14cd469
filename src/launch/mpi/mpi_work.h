#pragma once

#include <chrono>

#include "base/progress.h"
#include "job/job_folder.h"
#include "job/work.h"
#include "launch/mpi/transport.h"

namespace impasto::launch {

struct MpiOptions {
  std::chrono::duration<double> silence{60};  ///< After which a rank counts as lost.
  bool supervised = false;  ///< By `impasto mpi-run`: rank 0 tells it how far all are.
};

/// Paints what is missing of a job with all ranks that mpirun has started. Rank 0 hands segments
/// out, the longest first, and paints as well; it is the one whose report counts and that throws,
/// like job::work(). Where every rank is still there MPI is finished at the end; otherwise mpirun
/// ends what is left.
job::WorkReport work_as_rank(const job::JobFolder& job, job::WorkOptions options,
                             const MpiOptions& mpi, Transport& transport, Progress& progress);

}  // namespace impasto::launch
