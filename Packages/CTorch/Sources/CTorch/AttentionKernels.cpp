#include <algorithm>
#include <cmath>

#include "Kernels.h"
#include "Tiles.h"

namespace ctorch::kernels {

namespace {

// The product of two vectors, in partial sums that fill a register.
INLINED float dot(const float *x, const float *y, int64_t width) {
  constexpr int64_t lanes = 8;
  float sums[lanes] = {};
  int64_t i = 0;
  for (; i + lanes <= width; i += lanes) {
    for (int64_t lane = 0; lane < lanes; lane++) sums[lane] += x[i + lane] * y[i + lane];
  }
  for (int64_t half = lanes / 2; half > 0; half /= 2) {
    for (int64_t lane = 0; lane < half; lane++) sums[lane] += sums[lane + half];
  }
  float sum = sums[0];
  for (; i < width; i++) sum += x[i] * y[i];
  return sum;
}

// Queries that are handled together: what is read of keys and values serves all of them.
constexpr int64_t tile = 4;

// Four rows, `stride` numbers apart; the last of `count` stands for those that are missing.
struct Tile {
  const float *rows[tile];

  Tile(Rows from, int64_t first, int64_t count) {
    for (int64_t r = 0; r < tile; r++) {
      rows[r] = from.start + (first + std::min(r, count - 1)) * from.stride;
    }
  }
};

// Products of four queries with the first `total` (rounded up to `key_block`) transposed positions.
INLINED void score(const Tile &q, const float *keys, int64_t stride, int64_t width, int64_t total,
                   float *const (&scores)[tile]) {
  for (int64_t t = 0; t < total; t += key_block) {
    float *const to[tile] = {scores[0] + t, scores[1] + t, scores[2] + t, scores[3] + t};
    product_tile<tile, key_block>(q.rows, keys + t, stride, width, to);
  }
}

// output[r][i] = sum over t of weights[r][t] values[t][i] for `columns` columns of the first `count` of
// four rows.
template <int64_t columns>
INLINED void mix_tile(float *const (&weights)[tile], const float *values, int64_t width,
                      int64_t total, float *output, int64_t stride, int64_t count) {
  float sums[tile][columns] = {};
  for (int64_t t = 0; t < total; t++, values += width) {
    for (int64_t r = 0; r < tile; r++) {
      for (int64_t i = 0; i < columns; i++) sums[r][i] += weights[r][t] * values[i];
    }
  }
  for (int64_t r = 0; r < tile; r++) {
    if (r >= count) break;
    for (int64_t i = 0; i < columns; i++) output[r * stride + i] = sums[r][i];
  }
}

INLINED void mix_rows(float *const (&weights)[tile], const float *values, int64_t width,
                      int64_t total, float *output, int64_t stride, int64_t count) {
  int64_t i = 0;
  for (; i + 24 <= width && (width - i) % 16 != 0; i += 24) {
    mix_tile<24>(weights, values + i, width, total, output + i, stride, count);
  }
  for (; i + 16 <= width; i += 16) {
    mix_tile<16>(weights, values + i, width, total, output + i, stride, count);
  }
  for (; i + 8 <= width; i += 8) {
    mix_tile<8>(weights, values + i, width, total, output + i, stride, count);
  }
  for (; i < width; i++) {
    mix_tile<1>(weights, values + i, width, total, output + i, stride, count);
  }
}

// sums[t][i] += sum over the four rows of weights[r][t] rows[r][i] for `columns` columns.
template <int64_t columns>
INLINED void outer_tile(float *const (&weights)[tile], const Tile &of, int64_t column, float *sums,
                        int64_t width, int64_t total) {
  float rows[tile][columns];
  for (int64_t r = 0; r < tile; r++) {
    for (int64_t i = 0; i < columns; i++) rows[r][i] = of.rows[r][column + i];
  }
  for (int64_t t = 0; t < total; t++, sums += width) {
    float sum[columns];  // could be the weights for all the compiler knows, if it stayed in memory
    for (int64_t i = 0; i < columns; i++) sum[i] = sums[i];
    for (int64_t r = 0; r < tile; r++) {
      for (int64_t i = 0; i < columns; i++) sum[i] += weights[r][t] * rows[r][i];
    }
    for (int64_t i = 0; i < columns; i++) sums[i] = sum[i];
  }
}

INLINED void outer_rows(float *const (&weights)[tile], const Tile &of, float *sums, int64_t width,
                        int64_t total) {
  int64_t i = 0;
  for (; i + 24 <= width && (width - i) % 16 != 0; i += 24) {
    outer_tile<24>(weights, of, i, sums + i, width, total);
  }
  for (; i + 16 <= width; i += 16) outer_tile<16>(weights, of, i, sums + i, width, total);
  for (; i + 8 <= width; i += 8) outer_tile<8>(weights, of, i, sums + i, width, total);
  for (; i < width; i++) outer_tile<1>(weights, of, i, sums + i, width, total);
}

}  // namespace

VECTORISED void transpose(Rows from, int64_t count, int64_t width, float *to, int64_t stride) {
  for (int64_t row = 0; row < count; row++) {
    const float *x = from.start + row * from.stride;
    for (int64_t i = 0; i < width; i++) to[i * stride + row] = x[i];
  }
}

VECTORISED void attend_sequence(Rows q, const float *keys, int64_t key_stride, const float *values,
                                int64_t before, int64_t count, int64_t width, float scale,
                                float *room, float *output, int64_t stride, float *normalizers) {
  float *const scores[tile] = {room, room + key_stride, room + 2 * key_stride,
                               room + 3 * key_stride};
  for (int64_t first = 0; first < count; first += tile) {
    const int64_t rows = std::min(tile, count - first);
    const int64_t reach = before + first + rows;
    score(Tile(q, first, rows), keys, key_stride, width, reach, scores);
    float factors[tile];
    for (int64_t r = 0; r < tile; r++) {
      const int64_t visible = std::min(before + first + r + 1, reach);
      float *const own = scores[r];
      const int64_t weighed = (visible + key_block - 1) / key_block * key_block;
      std::fill(own + visible, own + weighed, nothing);
      const auto [top, sum] = weigh(own, weighed, scale);
      std::fill(own + visible, own + reach, 0.0f);
      factors[r] = 1.0f / sum;
      if (normalizers && r < rows) normalizers[first + r] = top * scale + std::log(sum);
    }
    float *const to = output + first * stride;
    mix_rows(scores, values, width, reach, to, stride, rows);
    for (int64_t r = 0; r < rows; r++) {
      for (int64_t i = 0; i < width; i++) to[r * stride + i] *= factors[r];
    }
  }
}

VECTORISED void attend_sequence_backward(Rows q, Rows upstream, Rows output,
                                         const float *normalizers, const float *keys,
                                         const float *values, int64_t key_stride,
                                         const float *key_rows, int64_t before, int64_t count,
                                         int64_t width, float scale, float *room, float *dq,
                                         int64_t stride, float *dk, float *dv) {
  float *const weights[tile] = {room, room + key_stride, room + 2 * key_stride,
                                room + 3 * key_stride};
  float *const slopes[tile] = {room + 4 * key_stride, room + 5 * key_stride,
                               room + 6 * key_stride, room + 7 * key_stride};
  for (int64_t first = 0; first < count; first += tile) {
    const int64_t rows = std::min(tile, count - first);
    const int64_t reach = before + first + rows;
    const Tile queries(q, first, rows), gradients(upstream, first, rows),
        outputs(output, first, rows);
    score(queries, keys, key_stride, width, reach, weights);
    score(gradients, values, key_stride, width, reach, slopes);
    for (int64_t r = 0; r < tile; r++) {
      const int64_t visible = r < rows ? before + first + r + 1 : 0;
      float *const p = weights[r], *const slope = slopes[r];
      const float inner = dot(gradients.rows[r], outputs.rows[r], width);
      const float normalizer = r < rows ? normalizers[first + r] : 0.0f;
      for (int64_t t = 0; t < visible; t++) {
        p[t] = exponential(p[t] * scale - normalizer);
        // d/d score of the softmax: p (g v - sum of p g v).
        slope[t] = p[t] * (slope[t] - inner) * scale;
      }
      for (int64_t t = visible; t < reach; t++) p[t] = slope[t] = 0.0f;
    }
    mix_rows(slopes, key_rows, width, reach, dq + first * stride, stride, rows);
    outer_rows(slopes, queries, dk, width, reach);
    outer_rows(weights, gradients, dv, width, reach);
  }
}

}  // namespace ctorch::kernels
