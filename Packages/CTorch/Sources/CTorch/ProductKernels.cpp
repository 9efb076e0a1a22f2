#include <algorithm>

#include "Kernels.h"
#include "Tiles.h"

namespace ctorch::kernels {

namespace {

// A tile of sums stays in registers: 12 of 16 with AVX2, 6 of 32 with AVX-512.
constexpr int64_t tile_rows = 6, tile_columns = 16;

// Rows that stay in the first or second cache while all panels of columns pass.
constexpr int64_t row_block = 96;

}  // namespace

bool products_pay() {
#if defined(__x86_64__) && defined(__linux__)
  static const bool pay = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                          !__builtin_cpu_is("intel");
  return pay;
#else
  return false;
#endif
}

int64_t packed_size(int64_t columns, int64_t inner) {
  return (columns + tile_columns - 1) / tile_columns * tile_columns * inner;
}

VECTORISED void pack(Matrix b, int64_t inner, int64_t columns, float *to) {
  for (int64_t column = 0; column < columns; column += tile_columns, to += inner * tile_columns) {
    const int64_t count = std::min(tile_columns, columns - column);
    const float *from = b.start + column * b.column_step;
    if (count < tile_columns) std::fill(to, to + inner * tile_columns, 0.0f);
    if (b.row_step == 1) {
      for (int64_t i = 0; i < count; i++) {
        for (int64_t k = 0; k < inner; k++) to[k * tile_columns + i] = from[i * b.column_step + k];
      }
    } else {
      for (int64_t k = 0; k < inner; k++) {
        for (int64_t i = 0; i < count; i++) {
          to[k * tile_columns + i] = from[k * b.row_step + i * b.column_step];
        }
      }
    }
  }
}

VECTORISED void product(Rows a, const float *packed, const float *bias, float *c, int64_t rows,
                        int64_t columns, int64_t inner) {
  float sums[tile_rows][tile_columns];
  float *const to[tile_rows] = {sums[0], sums[1], sums[2], sums[3], sums[4], sums[5]};
  for (int64_t first = 0; first < rows; first += row_block) {
    const int64_t last = std::min(first + row_block, rows);
    for (int64_t column = 0; column < columns; column += tile_columns) {
      const int64_t width = std::min(tile_columns, columns - column);
      for (int64_t row = first; row < last; row += tile_rows) {
        const float *tile[tile_rows];
        // The last row stands for those that are missing.
        for (int64_t r = 0; r < tile_rows; r++) {
          tile[r] = a.start + std::min(row + r, last - 1) * a.stride;
        }
        product_tile<tile_rows, tile_columns>(tile, packed + column * inner, tile_columns, inner,
                                              to);
        for (int64_t r = 0; r < std::min(tile_rows, last - row); r++) {
          float *result = c + (row + r) * columns + column;
          if (width < tile_columns) {
            for (int64_t i = 0; i < width; i++) {
              result[i] = sums[r][i] + (bias ? bias[column + i] : 0);
            }
          } else if (bias) {
            for (int64_t i = 0; i < tile_columns; i++) result[i] = sums[r][i] + bias[column + i];
          } else {
            for (int64_t i = 0; i < tile_columns; i++) result[i] = sums[r][i];
          }
        }
      }
    }
  }
}

}  // namespace ctorch::kernels
