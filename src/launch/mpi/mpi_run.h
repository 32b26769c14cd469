#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "base/progress.h"
#include "job/job_folder.h"
#include "job/work.h"
#include "launch/mpi/hosts.h"

namespace impasto::launch {

struct MpiRunOptions {
  int ranks = 0;            ///< 0: one for each slot of the hosts, or what mpirun takes.
  std::vector<Host> hosts;  ///< None: mpirun knows them, from an allocation, or it is this one.
  std::string agent = "ssh -o BatchMode=yes -o ConnectTimeout=10";
  std::string mpirun = "mpirun";              ///< With options of its own.
  int relaunches = 5;                         ///< In a row without anything painted.
  std::chrono::duration<double> silence{60};  ///< Of rank 0, before mpirun is started anew.
  job::WorkOptions work;
};

struct MpiRunReport {
  std::size_t painted = 0;
  std::size_t were_done = 0;
  int launches = 0;
};

/// Starts `mpirun impasto work JOB --mpi` until nothing is missing: again, after a while, when it
/// ends before, as it does when a rank dies, and when it falls silent, as it does when a host is
/// cut off; with those hosts that answer. Open MPI and MPICH.
/// Throws Error(unavailable) when it was started too often in vain, or segments could not be
/// painted, Error(interrupted), and what rank 0 throws.
MpiRunReport mpi_run(const job::JobFolder& job, const MpiRunOptions& options, Progress& progress);

}  // namespace impasto::launch
