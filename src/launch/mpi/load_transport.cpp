#include "launch/mpi/load_transport.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <cstdlib>

#include "base/error.h"
#include "base/module.h"

namespace impasto::launch {
namespace {

bool is_set(const char* name) { return std::getenv(name) != nullptr; }

Transport* join() {
  const std::string mpi = started_by();
  if (mpi.empty()) {
    throw Error(ExitCode::usage,
                "--mpi is for processes that mpirun starts; write 'mpirun -n 4 impasto work JOB "
                "--mpi' or 'impasto mpi-run JOB', or leave --mpi out");
  }
  const std::string name = "libimpasto_" + mpi + ".so";
  // Open MPI's own plug-ins look for its symbols among those that all can see.
  const auto entry = reinterpret_cast<TransportEntry>(load_module(
      name, RTLD_GLOBAL, kTransportEntry, "this process cannot join the others of mpirun"));
  Transport* transport = entry();
  if (transport == nullptr) {
    throw Error(ExitCode::unavailable,
                fmt::format("MPI ({}) does not begin; try 'mpirun -n 1 true' on every host", mpi));
  }
  return transport;
}

}  // namespace

std::string started_by() {
  if (const char* given = std::getenv("IMPASTO_MPI")) {
    const std::string name = given;
    if (name != "openmpi" && name != "mpich") {
      throw Error(ExitCode::usage, "IMPASTO_MPI is '" + name + "'; set it to openmpi or mpich");
    }
    return name;
  }
  if (is_set("OMPI_COMM_WORLD_SIZE") || is_set("PMIX_RANK")) {
    return "openmpi";
  }
  if (is_set("PMI_RANK") || is_set("PMI_FD") || is_set("PMI_PORT")) {
    return "mpich";
  }
  return "";
}

Transport& mpi_transport() {
  static Transport* const kTransport = join();
  return *kTransport;
}

}  // namespace impasto::launch
