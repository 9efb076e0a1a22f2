// Errors, versions, devices, threads.
#include <ATen/Parallel.h>
#include <dlfcn.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <torch/cuda.h>
#include <torch/mps.h>
#include <torch/version.h>

#include "Support.h"

namespace ctorch {

static thread_local std::string last_error;
void set_error(const char *message) {
  last_error = message;
  // An operation that a device does not have is followed by a list of all that do.
  const auto list = last_error.find("\n\n");
  if (list != std::string::npos) last_error.resize(list);
}

static_assert(CT_UINT8 == static_cast<int>(at::kByte));
static_assert(CT_INT32 == static_cast<int>(at::kInt));
static_assert(CT_INT64 == static_cast<int>(at::kLong));
static_assert(CT_FLOAT16 == static_cast<int>(at::kHalf));
static_assert(CT_FLOAT32 == static_cast<int>(at::kFloat));
static_assert(CT_FLOAT64 == static_cast<int>(at::kDouble));
static_assert(CT_BOOL == static_cast<int>(at::kBool));
static_assert(CT_BFLOAT16 == static_cast<int>(at::kBFloat16));

static std::string cuda_message = "not initialised";

// The CUDA half registers itself when its library is loaded, so one binary serves both kinds of
// libtorch: it is linked to libtorch_cpu alone and takes libtorch_cuda along where it lies beside.
static void load_cuda() {
  Dl_info info;
  if (!dladdr(reinterpret_cast<void *>(&at::get_num_threads), &info) || !info.dli_fname) {
    cuda_message = "libtorch's folder was not found";
    return;
  }
  std::string path(info.dli_fname);
  path = path.substr(0, path.find_last_of('/') + 1) + "libtorch_cuda.so";
  if (dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL)) {
    cuda_message = "loaded";
  } else {
    const char *reason = dlerror();
    cuda_message = reason ? reason : "unknown reason";
  }
}

}  // namespace ctorch

using namespace ctorch;

const char *ct_last_error(void) { return last_error.c_str(); }
const char *ct_torch_version(void) { return TORCH_VERSION; }

void ct_initialize(void) {
  static const bool once = [] {
#ifdef __GLIBC__
    // Activations are freed and asked for again every step: keep them in the process instead of
    // returning pages to the kernel and faulting them in anew.
    // Older versions of glibc take at most 32 MiB.
    if (!mallopt(M_MMAP_THRESHOLD, 1 << 30)) mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 512 << 20);
    mallopt(M_TOP_PAD, 64 << 20);
#endif
#ifdef __linux__
    load_cuda();
#else
    cuda_message = "not on this platform";
#endif
    return true;
  }();
  (void)once;
}

const char *ct_cuda_load_message(void) { return cuda_message.c_str(); }
bool ct_cuda_is_available(void) { return ct_cuda_device_count() > 0; }
bool ct_mps_is_available(void) { return at::globalContext().hasMPS(); }

int ct_cuda_device_count(void) {
  int count = 0;
  // A driver that does not work raises; then there are no devices.
  run([&] {
    if (at::globalContext().hasCUDA()) count = static_cast<int>(torch::cuda::device_count());
  });
  return count;
}

int ct_synchronize(int device_type, int device_index) {
  return run([&] {
    if (device_type == CT_CUDA) torch::cuda::synchronize(device_index);
    if (device_type == CT_MPS) torch::mps::synchronize();
  });
}

int ct_set_thread_count(int count) {
  return run([&] { at::set_num_threads(count); });
}
int ct_thread_count(void) { return at::get_num_threads(); }
void ct_set_deterministic(bool enabled) {
  at::globalContext().setDeterministicAlgorithms(enabled, /*warn_only=*/true);
  // Else every new tensor would be filled with NaN first.
  at::globalContext().setDeterministicFillUninitializedMemory(false);
}
