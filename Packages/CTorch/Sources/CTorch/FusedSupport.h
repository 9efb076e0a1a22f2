// What the fused operations share: when they apply and how they run in parallel.
#pragma once

#include <ATen/Parallel.h>
#include <ATen/TensorIterator.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/custom_function.h>

#include "Kernels.h"
#include "Support.h"

namespace ctorch {

// Elements that one thread handles at least: below, handing work to another costs more than it saves.
inline constexpr int64_t grain_elements = 1 << 15;

// body(begin, end) over 0 ..< count on libtorch's own threads, `cost` elements to one step. This file
// is compiled without OpenMP, so at::parallel_for would not run in parallel here; a tensor iterator's
// loop is compiled inside libtorch.
template <typename Body>
void in_parallel(int64_t count, int64_t cost, const Body &body) {
  const int64_t grain = std::max<int64_t>(1, grain_elements / std::max<int64_t>(1, cost));
  if (count <= grain || at::get_num_threads() == 1) {
    if (count > 0) body(0, count);
    return;
  }
  auto positions = at::empty({count}, at::kByte);
  const char *origin = static_cast<const char *>(positions.data_ptr());
  auto iterator = at::TensorIterator::nullary_op(positions);
  iterator.for_each(
      [&](char **data, const int64_t *strides, int64_t inner, int64_t outer) {
        for (int64_t i = 0; i < outer; i++) {
          const int64_t begin = data[0] + i * strides[1] - origin;
          body(begin, begin + inner);
        }
      },
      grain);
}

inline bool is_plain(const at::Tensor &t) { return t.is_cpu() && t.scalar_type() == at::kFloat; }

inline bool needs_history(const at::Tensor &a) {
  return at::GradMode::is_enabled() && a.requires_grad();
}

template <typename... Rest>
bool needs_history(const at::Tensor &a, const Rest &...rest) {
  return needs_history(a) || needs_history(rest...);
}

// The tensor as rows of its last dimension at a constant distance; a copy where it is not laid out so.
inline at::Tensor as_rows(const at::Tensor &t) {
  const int64_t width = t.size(-1);
  if (t.is_contiguous()) return t.view({-1, width});
  bool regular = t.stride(-1) == 1;
  for (int64_t i = 0; regular && i + 2 < t.dim(); i++) {
    regular = t.size(i) == 1 || t.stride(i) == t.stride(i + 1) * t.size(i + 1);
  }
  return regular && t.numel() > 0 ? t.view({-1, width}) : t.reshape({-1, width}).contiguous();
}

inline kernels::Rows rows_of(const at::Tensor &t, int64_t first) {
  return {t.const_data_ptr<float>() + first * t.stride(0), t.stride(0)};
}

}  // namespace ctorch
