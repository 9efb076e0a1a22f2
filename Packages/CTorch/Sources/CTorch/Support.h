// What CTorch's C++ files share: handles and the conversion of exceptions into error returns.
#pragma once

#include <ATen/ATen.h>

#include <cmath>
#include <string>
#include <vector>

#include "CTorch.h"

struct CTTensor {
  at::Tensor value;
};

struct CTGenerator {
  at::Generator value;
};

namespace ctorch {

void set_error(const char *message);

// libtorch's message without its C++ stack trace.
template <typename Body>
CTTensor *make(Body &&body) {
  try {
    return new CTTensor{body()};
  } catch (const c10::Error &error) {
    set_error(error.what_without_backtrace());
  } catch (const std::exception &error) {
    set_error(error.what());
  } catch (...) {
    set_error("an exception of unknown type");
  }
  return nullptr;
}

template <typename Body>
int run(Body &&body) {
  try {
    body();
    return 0;
  } catch (const c10::Error &error) {
    set_error(error.what_without_backtrace());
  } catch (const std::exception &error) {
    set_error(error.what());
  } catch (...) {
    set_error("an exception of unknown type");
  }
  return -1;
}

inline at::IntArrayRef list(const int64_t *values, int count) {
  return at::IntArrayRef(values, static_cast<size_t>(count));
}

inline std::optional<at::Tensor> optional(const CTTensor *tensor) {
  return tensor ? std::optional<at::Tensor>(tensor->value) : std::nullopt;
}

inline std::vector<at::Tensor> values(CTTensor *const *tensors, int count) {
  std::vector<at::Tensor> result;
  result.reserve(static_cast<size_t>(count));
  for (int i = 0; i < count; i++) result.push_back(tensors[i]->value);
  return result;
}

// A number as it meets a tensor of `type`: a whole number stays an integer where the tensor is one,
// so that the result keeps the tensor's type.
inline at::Scalar scalar(double value, at::ScalarType type) {
  constexpr double exact = 9007199254740992.0;  // 2^53: up to here doubles hold every integer
  const bool whole =
      !at::isFloatingType(type) && value == std::floor(value) && std::abs(value) < exact;
  return whole ? at::Scalar(static_cast<int64_t>(value)) : at::Scalar(value);
}

inline at::ScalarType scalar_type(int dtype) { return static_cast<at::ScalarType>(dtype); }

inline at::Device device(int type, int index) {
  switch (type) {
    case CT_CPU: return at::Device(at::kCPU);
    case CT_CUDA: return at::Device(at::kCUDA, static_cast<c10::DeviceIndex>(index));
    case CT_MPS: return at::Device(at::kMPS, 0);
  }
  TORCH_CHECK(false, "unknown device type ", type);
}

inline at::TensorOptions options(int dtype, int device_type, int device_index) {
  return at::TensorOptions().dtype(scalar_type(dtype)).device(device(device_type, device_index));
}

}  // namespace ctorch
