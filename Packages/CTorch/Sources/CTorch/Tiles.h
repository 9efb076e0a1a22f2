// Sums of products that kernels share; inlined, so that they are compiled with their callers for every
// processor.
#pragma once

#include <cstdint>
#include <limits>

#include "Kernels.h"
#include "VectorLoops.h"

namespace ctorch::kernels {

// Products of `rows` vectors of `width` numbers with `columns` columns of a matrix [width][stride], of
// queries with transposed keys for one: sums that stay in registers all the while, without sums across a
// register.
template <int64_t rows, int64_t columns>
INLINED void product_tile(const float *const (&vectors)[rows], const float *matrix, int64_t stride,
                          int64_t width, float *const (&products)[rows]) {
  float sums[rows][columns] = {};
  for (int64_t c = 0; c < width; c++, matrix += stride) {
    for (int64_t row = 0; row < rows; row++) {
      for (int64_t i = 0; i < columns; i++) sums[row][i] += vectors[row][c] * matrix[i];
    }
  }
  for (int64_t row = 0; row < rows; row++) {
    for (int64_t i = 0; i < columns; i++) products[row][i] = sums[row][i];
  }
}

// The score of what is not attended to.
constexpr float nothing = -std::numeric_limits<float>::infinity();

struct Weighed {
  float top, sum;
};

// Turns `count` scores, a multiple of `key_block`, into exp(scale (score - greatest)); returns the
// greatest and the sum. `nothing` gets a weight that no sum of single precision notices.
INLINED Weighed weigh(float *scores, int64_t count, float scale) {
  float tops[key_block];
  for (int64_t i = 0; i < key_block; i++) tops[i] = nothing;
  for (int64_t t = 0; t < count; t += key_block) {
    for (int64_t i = 0; i < key_block; i++) {
      tops[i] = scores[t + i] > tops[i] ? scores[t + i] : tops[i];
    }
  }
  float top = nothing;
  for (int64_t i = 0; i < key_block; i++) top = tops[i] > top ? tops[i] : top;
  float sums[key_block] = {};
  for (int64_t t = 0; t < count; t += key_block) {
    for (int64_t i = 0; i < key_block; i++) {
      scores[t + i] = exponential((scores[t + i] - top) * scale);
      sums[i] += scores[t + i];
    }
  }
  for (int64_t half = key_block / 2; half > 0; half /= 2) {
    for (int64_t i = 0; i < half; i++) sums[i] += sums[i + half];
  }
  return {top, sums[0]};
}

}  // namespace ctorch::kernels
