#pragma once

#include <string>

#include "launch/mpi/transport.h"

namespace impasto::launch {

/// Which MPI has started this process, by the variables it sets: "openmpi" or "mpich" (and what is
/// built like it: Intel MPI, MVAPICH, Cray MPICH); nothing where none has. IMPASTO_MPI, where it
/// is set, knows better. Throws Error(usage) where it names no such.
std::string started_by();

/// Joins the other ranks that mpirun has started with this process.
/// Throws Error(usage) where none has, and Error(unavailable) where its library does not load.
Transport& mpi_transport();

}  // namespace impasto::launch
