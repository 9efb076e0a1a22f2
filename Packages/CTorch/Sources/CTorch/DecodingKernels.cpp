#include <algorithm>

#include "Kernels.h"
#include "Tiles.h"

namespace ctorch::kernels {

namespace {

// Queries that read the stem together.
constexpr int64_t tile = 4;

int64_t padded(int64_t count) { return (count + key_block - 1) / key_block * key_block; }

// Scores of one query against `blocks` blocks of keys, in that many independent sums.
template <int64_t blocks>
INLINED void score_blocks(const float *q, const float *keys, int64_t width, float *scores) {
  float sums[blocks][key_block] = {};
  for (int64_t c = 0; c < width; c++) {
    for (int64_t block = 0; block < blocks; block++) {
      const float *k = keys + (block * width + c) * key_block;
      for (int64_t i = 0; i < key_block; i++) sums[block][i] += q[c] * k[i];
    }
  }
  for (int64_t block = 0; block < blocks; block++) {
    for (int64_t i = 0; i < key_block; i++) scores[block * key_block + i] = sums[block][i];
  }
}

// Asks for `count` numbers of memory ahead of their use.
INLINED void fetch(const float *from, int64_t count) {
  constexpr int64_t line = 16;  // 64 bytes, as most processors have it
  for (int64_t i = 0; i < count; i += line) __builtin_prefetch(from + i);
}

INLINED void score_row(const float *q, const float *keys, int64_t width, int64_t count,
                       float *scores) {
  int64_t t = 0;
  const auto block = [&](int64_t from) { return keys + from * width; };
  for (; t + 3 * key_block < count; t += 4 * key_block) {
    score_blocks<4>(q, block(t), width, scores + t);
  }
  for (; t + key_block < count; t += 2 * key_block) {
    score_blocks<2>(q, block(t), width, scores + t);
  }
  for (; t < count; t += key_block) score_blocks<1>(q, block(t), width, scores + t);
}

// outputs[r][i] = sum over t of weights[r][t] values[t][i] for `columns` columns of four queries.
template <int64_t columns>
INLINED void mix_stem(const float *const (&weights)[tile], const float *values, int64_t width,
                      int64_t count, float *const (&outputs)[tile], int64_t column) {
  float sums[tile][columns] = {};
  for (int64_t t = 0; t < count; t++) {
    const float *v = values + t * width + column;
    for (int64_t r = 0; r < tile; r++) {
      for (int64_t i = 0; i < columns; i++) sums[r][i] += weights[r][t] * v[i];
    }
  }
  for (int64_t r = 0; r < tile; r++) {
    for (int64_t i = 0; i < columns; i++) outputs[r][column + i] = sums[r][i];
  }
}

// output[i] = (output[i] + sum over t of weights[t] values[t][i]) factor for 8 `parts` columns, in `ways`
// independent sums that hide the latency of an addition.
template <int64_t parts, int64_t ways>
INLINED void mix_own(const float *weights, const float *values, int64_t width, int64_t count,
                     float factor, float *output) {
  Eight sums[ways][parts] = {};
  int64_t t = 0;
  for (; t + ways <= count; t += ways, values += ways * width) {
    for (int64_t way = 0; way < ways; way++) {
      for (int64_t i = 0; i < parts; i++) {
        sums[way][i] += weights[t + way] * eight_at(values + way * width + 8 * i);
      }
    }
  }
  for (; t < count; t++, values += width) {
    for (int64_t i = 0; i < parts; i++) sums[0][i] += weights[t] * eight_at(values + 8 * i);
  }
  for (int64_t i = 0; i < parts; i++) {
    for (int64_t way = 1; way < ways; way++) sums[0][i] += sums[way][i];
    eight_at(output + 8 * i) = (eight_at(output + 8 * i) + sums[0][i]) * factor;
  }
}

INLINED void mix_own_row(const float *weights, Positions own, int64_t width, float factor,
                         float *output) {
  int64_t i = 0;
  for (; i + 32 <= width; i += 32) {
    mix_own<4, 2>(weights, own.values + i, width, own.count, factor, output + i);
  }
  for (; i + 24 <= width; i += 24) {
    mix_own<3, 4>(weights, own.values + i, width, own.count, factor, output + i);
  }
  for (; i + 8 <= width; i += 8) {
    mix_own<1, 8>(weights, own.values + i, width, own.count, factor, output + i);
  }
  for (; i < width; i++) {
    float sum = 0.0f;
    for (int64_t t = 0; t < own.count; t++) sum += weights[t] * own.values[t * width + i];
    output[i] = (output[i] + sum) * factor;
  }
}

}  // namespace

VECTORISED void attend_after_stem(const float *const *queries, int64_t count, int64_t group,
                                  Positions stem, const Positions *own, int64_t width, float scale,
                                  float *room, float *const *outputs) {
  const int64_t before = padded(stem.count), after = padded(own[0].count), total = before + after;
  fetch(own[0].keys, after * width);
  fetch(own[0].values, own[0].count * width);
  // The stem's keys and values, read once for four queries.
  for (int64_t first = 0; first < count; first += tile) {
    const float *q[tile];
    float *scores[tile];
    for (int64_t r = 0; r < tile; r++) {
      // The last query stands for those that are missing.
      const int64_t at = std::min(first + r, count - 1);
      q[r] = queries[at];
      scores[r] = room + at * total;
    }
    for (int64_t t = 0; t < before; t += key_block) {
      float *const to[tile] = {scores[0] + t, scores[1] + t, scores[2] + t, scores[3] + t};
      product_tile<tile, key_block>(q, stem.keys + t * width, key_block, width, to);
    }
  }
  for (int64_t i = 0; i < count; i++) {
    if ((i + 1) % group == 0 && i + 1 < count) {
      const Positions &next = own[(i + 1) / group];
      fetch(next.keys, after * width);
      fetch(next.values, next.count * width);
    }
    float *scores = room + i * total;
    std::fill(scores + stem.count, scores + before, nothing);
    score_row(queries[i], own[i / group].keys, width, own[0].count, scores + before);
    std::fill(scores + before + own[0].count, scores + total, nothing);
    room[count * total + i] = 1.0f / weigh(scores, total, scale).sum;
  }
  for (int64_t first = 0; first < count; first += tile) {
    const float *weights[tile];
    float *to[tile];
    for (int64_t r = 0; r < tile; r++) {
      const int64_t at = std::min(first + r, count - 1);
      weights[r] = room + at * total;
      to[r] = outputs[at];
    }
    int64_t i = 0;
    for (; i + 24 <= width && (width - i) % 16 != 0; i += 24) {
      mix_stem<24>(weights, stem.values, width, stem.count, to, i);
    }
    for (; i + 16 <= width; i += 16) {
      mix_stem<16>(weights, stem.values, width, stem.count, to, i);
    }
    for (; i + 8 <= width; i += 8) mix_stem<8>(weights, stem.values, width, stem.count, to, i);
    for (; i < width; i++) mix_stem<1>(weights, stem.values, width, stem.count, to, i);
  }
  for (int64_t row = 0; row < count; row++) {
    mix_own_row(room + row * total + before, own[row / group], width, room[count * total + row],
                outputs[row]);
  }
}

}  // namespace ctorch::kernels
