// Arrow's file systems for S3 and Google Cloud Storage, set up by the environment.
#include <arrow/filesystem/gcsfs.h>
#include <arrow/filesystem/s3fs.h>
#include <arrow/result.h>
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <mutex>
#include <random>

#include "base/error.h"
#include "store/remote/arrow_bucket.h"
#include "store/remote/settings.h"

namespace impasto::store::remote {
namespace {

/// Tries a request again while there is patience. It is asked within the request, so that of an
/// object in parts only the part that failed is sent again.
class PatientRetries : public arrow::fs::S3RetryStrategy {
 public:
  explicit PatientRetries(const Patience& patience) : patience_(patience) {}

  bool ShouldRetry(const AWSErrorDetail& error, int64_t attempted_retries) override {
    thread_local Clock::time_point since;  // a request stays on its thread
    if (attempted_retries == 0) {
      since = Clock::now();
    }
    return error.should_retry && !patience_.is_interrupted() &&
           Clock::now() - since < patience_.total();
  }

  int64_t CalculateDelayBeforeNextRetry(const AWSErrorDetail& /*error*/,
                                        int64_t attempted_retries) override {
    constexpr std::chrono::milliseconds kLongest(2000);  // nobody looks up for interrupts meanwhile
    return std::min(pause_before(static_cast<int>(attempted_retries) + 1), kLongest).count();
  }

 private:
  using Clock = std::chrono::steady_clock;

  const Patience& patience_;
};

void initialize_s3(bool own_endpoint) {
  static std::once_flag once;
  std::call_once(once, [&] {
    if (own_endpoint) {
      // Checksums behind the body, Amazon's newer way, are unknown to many others that speak S3;
      // what arrived is verified in any case.
      setenv("AWS_REQUEST_CHECKSUM_CALCULATION", "when_required", 0);
      setenv("AWS_RESPONSE_CHECKSUM_VALIDATION", "when_required", 0);
    }
    arrow::fs::S3GlobalOptions options = arrow::fs::S3GlobalOptions::Defaults();
    options.log_level = arrow::fs::S3LogLevel::Off;
    static_cast<void>(arrow::fs::InitializeS3(options));
  });
}

/// Arrow wants it done before the process ends. Its own statics, which that needs, are made with
/// the first file system and go in the opposite order.
void finalize_s3_at_exit() {
  static const int kRegistered =
      std::atexit([] { static_cast<void>(arrow::fs::EnsureS3Finalized()); });
  static_cast<void>(kRegistered);
}

/// Splits "http://host:port/" into what Arrow takes.
void take_endpoint(const std::string& url, std::string& scheme, std::string& host) {
  const std::size_t start = url.find("://");
  scheme = start == std::string::npos ? "https" : url.substr(0, start);
  host = start == std::string::npos ? url : url.substr(start + 3);
  while (host.ends_with('/')) {
    host.pop_back();
  }
}

[[noreturn]] void throw_unusable(const Place& place, const arrow::Status& status) {
  throw Error(ExitCode::bad_input,
              fmt::format("the store of '{}' cannot be set up ({}); check the region, the endpoint "
                          "and the credentials",
                          place.root, status.CodeAsString()));
}

std::string first_of(std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (std::string value = variable(name); !value.empty()) {
      return value;
    }
  }
  return "";
}

}  // namespace

std::shared_ptr<arrow::fs::FileSystem> s3_files(const Place& place, const Patience& patience) {
  const std::string endpoint = first_of({"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"});
  initialize_s3(!endpoint.empty());
  arrow::fs::S3Options options = arrow::fs::S3Options::Defaults();
  options.region = first_of({"AWS_REGION", "AWS_DEFAULT_REGION"});
  options.retry_strategy = std::make_shared<PatientRetries>(patience);
  constexpr double kConnectSeconds = 5;
  constexpr double kSilentSeconds = 30;
  options.connect_timeout = kConnectSeconds;
  options.request_timeout = kSilentSeconds;
  options.background_writes = false;  // they would hold all of an object in memory
  if (!endpoint.empty()) {
    take_endpoint(endpoint, options.scheme, options.endpoint_override);
    if (options.region.empty()) {
      options.region = "us-east-1";
    }
  } else if (options.region.empty()) {
    const auto region = arrow::fs::ResolveS3BucketRegion(place.container);
    options.region = region.ok() ? *region : "us-east-1";
  }
  const auto files = arrow::fs::S3FileSystem::Make(options);
  if (!files.ok()) {
    throw_unusable(place, files.status());
  }
  finalize_s3_at_exit();
  return *files;
}

std::shared_ptr<arrow::fs::FileSystem> gs_files(const Place& place) {
  const std::string emulator =
      first_of({"CLOUD_STORAGE_EMULATOR_ENDPOINT", "STORAGE_EMULATOR_HOST"});
  arrow::fs::GcsOptions options =
      emulator.empty() ? arrow::fs::GcsOptions::Defaults() : arrow::fs::GcsOptions::Anonymous();
  if (!emulator.empty()) {
    take_endpoint(emulator, options.scheme, options.endpoint_override);
    if (emulator.find("://") == std::string::npos) {
      options.scheme = "http";
    }
  }
  constexpr double kSeconds = 10;  // so long it tries by itself; interrupts wait for it
  options.retry_limit_seconds = kSeconds;
  const auto files = arrow::fs::GcsFileSystem::Make(options);
  if (!files.ok()) {
    throw_unusable(place, files.status());
  }
  return *files;
}

}  // namespace impasto::store::remote
