// Sums of products that the attention kernels share; inlined, so that they are compiled with their
// callers for every processor.
#pragma once

#include <cstdint>

#include "VectorLoops.h"

namespace ctorch::kernels {

// Scores of `rows` queries against `columns` positions of keys that lie transposed, [width][stride]:
// sums of products that stay in registers all the while, without sums across a register.
template <int64_t rows, int64_t columns>
INLINED void score_tile(const float *const (&q)[rows], const float *keys, int64_t stride,
                        int64_t width, float *const (&scores)[rows]) {
  float sums[rows][columns] = {};
  for (int64_t c = 0; c < width; c++, keys += stride) {
    for (int64_t row = 0; row < rows; row++) {
      for (int64_t i = 0; i < columns; i++) sums[row][i] += q[row][c] * keys[i];
    }
  }
  for (int64_t row = 0; row < rows; row++) {
    for (int64_t i = 0; i < columns; i++) scores[row][i] = sums[row][i];
  }
}

}  // namespace ctorch::kernels
