// Single-precision CPU loops that do in one pass what libtorch composes of several operations, each
// over a range of rows. They know no tensors, so that they compile to plain vector code.
#pragma once

#include <cstdint>

namespace ctorch::kernels {

// y = x s w with s = 1 / sqrt(mean(x^2) + epsilon), for rows of `width` numbers one after the other;
// stores s of every row.
void rms_norm(const float *x, const float *weight, float *y, float *scales, int64_t rows,
              int64_t width, double epsilon);

// From the upstream gradient g: dx = s (g w - n mean(g w n)) with n = x s, and adds the sum over the
// rows of g n to `weight_gradient` unless that is null.
void rms_norm_backward(const float *x, const float *weight, const float *scales, const float *g,
                       float *dx, float *weight_gradient, int64_t rows, int64_t width);

// Rows whose starts lie `stride` numbers apart.
struct Rows {
  const float *start;
  int64_t stride;
};

// y[i] = x[i] cos[i] - x[i + half] sin[i], y[i + half] = x[i + half] cos[i + half] + x[i] sin[i + half];
// `transposed` turns the other way round, which is the gradient.
void rotary(Rows x, Rows cos, Rows sin, float *y, int64_t y_stride, int64_t rows, int64_t half,
            bool transposed);

// Positions come in blocks of this many: room for transposed keys is a multiple of it.
inline constexpr int64_t key_block = 16;

// Keys and values of `count` positions, in blocks of `key_block` whose keys lie transposed,
// [blocks][width][key_block], whatever lies behind the last; values [count][width].
struct Positions {
  const float *keys, *values;
  int64_t count;
};

// Attention of `count` queries, one position of each of several rows: the queries of a row, `group` of
// them one after the other, attend to the stem that all rows share and to the row's own positions, at
// least one and as many for every row. `room` is for count (p(stem) + p(own) + 1) numbers, with p(n)
// the count rounded up to `key_block`. What a query gets does not depend on the others.
void attend_after_stem(const float *const *queries, int64_t count, int64_t group, Positions stem,
                       const Positions *own, int64_t width, float scale, float *room,
                       float *const *outputs);

// to[i stride + row] = from[row][i].
void transpose(Rows from, int64_t count, int64_t width, float *to, int64_t stride);

// Causal attention of `count` queries that follow `before` positions: query i attends to the first
// before + i + 1 of the positions. `keys` lie transposed, [width][key_stride] with key_stride a multiple
// of `key_block`, finite numbers behind the last; `values` [before + count][width] one after the other.
// `room` is for 4 key_stride numbers. Stores rows of `output` and the logarithm of each softmax's sum
// unless `normalizers` is null.
void attend_sequence(Rows q, const float *keys, int64_t key_stride, const float *values,
                     int64_t before, int64_t count, int64_t width, float scale, float *room,
                     float *output, int64_t stride, float *normalizers);

// Its gradient: stores rows of `dq` and adds to `dk` and `dv` [before + count][width]. `values` lie
// transposed here, `key_rows` one after the other; `room` is for 8 key_stride numbers.
void attend_sequence_backward(Rows q, Rows upstream, Rows output, const float *normalizers,
                              const float *keys, const float *values, int64_t key_stride,
                              const float *key_rows, int64_t before, int64_t count, int64_t width,
                              float scale, float *room, float *dq, int64_t stride, float *dk,
                              float *dv);

// An element (i, j) lies at start + i row_step + j column_step.
struct Matrix {
  const float *start;
  int64_t row_step, column_step;
};

// Whether `product` is faster than libtorch's own products: wide vectors, and no Intel processor, for
// which those are made.
bool products_pay();

// Writes `b` [inner, columns] in panels of columns, `packed_size` numbers.
int64_t packed_size(int64_t columns, int64_t inner);
void pack(Matrix b, int64_t inner, int64_t columns, float *to);

// c = a b + bias: a [rows, inner], b as `pack` wrote it, c's rows one after the other; `bias` [columns]
// may be null. A row's result does not depend on the other rows.
void product(Rows a, const float *packed, const float *bias, float *c, int64_t rows,
             int64_t columns, int64_t inner);

// y = gate sigmoid(gate) up, the rows of y one after the other.
void silu_mul(Rows gate, Rows up, float *y, int64_t rows, int64_t width);
void silu_mul_backward(Rows gate, Rows up, Rows g, float *gate_gradient, float *up_gradient,
                       int64_t rows, int64_t width);

// For every row of `logits` [rows, vocabulary], each logit multiplied by `scale`: the log-probability
// of its target, the logarithm of the sum of exponentials and the entropy. Overwrites the logits with
// the probabilities where `keep` holds, with nothing of use otherwise.
void token_log_probs(float *logits, const int64_t *targets, float scale, bool keep,
                     float *log_probs, float *normalizers, float *entropies, int64_t rows,
                     int64_t vocabulary);

// The gradient in the unscaled logits, scale g (onehot(target) - p), over `values`: the
// probabilities p, or with `normalizers` the logits from which they are made.
void token_log_probs_backward(float *values, const float *normalizers, const int64_t *targets,
                              const float *g, float scale, int64_t rows, int64_t vocabulary);

}  // namespace ctorch::kernels
