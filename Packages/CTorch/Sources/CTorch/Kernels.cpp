#include "Kernels.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

// One build serves every x86-64 processor: the loader picks the version for its vectors.
#if defined(__x86_64__) && defined(__linux__)
#define VECTORISED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define VECTORISED
#endif
#define INLINED inline __attribute__((always_inline))

namespace ctorch::kernels {
namespace {

// Independent partial sums: without them a sum is a chain of dependent additions, which no compiler
// may reorder.
constexpr int64_t lanes = 32;

INLINED float total(const float (&sums)[lanes]) {
  float folded[lanes];
  for (int64_t i = 0; i < lanes; i++) folded[i] = sums[i];
  for (int64_t half = lanes / 2; half > 0; half /= 2) {
    for (int64_t i = 0; i < half; i++) folded[i] += folded[i + half];
  }
  return folded[0];
}

// exp(x) for |x| < 88, to about one unit in the last place: exp(n log 2) exp(r) with |r| <= log(2) / 2
// and the polynomial of Cephes' expf (Moshier 1989). Smaller x give about 1e-38 instead of 0, greater
// ones about 2e38; NaN stays NaN. No table and no branch, so that loops over it become vector code.
INLINED float exponential(float x) {
  x = x < -87.0f ? -87.0f : x;
  x = x > 88.0f ? 88.0f : x;
  const float shift = 12582912.0f;  // 1.5 * 2^23: adding it leaves an integer in the low bits
  const float shifted = x * 1.44269504088896341f + shift;
  const float n = shifted - shift;
  // log(2) in two parts, the first with few bits, so that n times it is exact.
  const float r = (x - n * 0.693359375f) - n * -2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  const float value = p * r * r + r + 1.0f;
  const uint32_t power = (std::bit_cast<uint32_t>(shifted) + 127u) << 23;
  return value * std::bit_cast<float>(power);
}

INLINED float sigmoid(float x) { return 1.0f / (1.0f + exponential(-x)); }

}  // namespace

VECTORISED void rms_norm(const float *x, const float *weight, float *y, float *scales,
                         int64_t rows, int64_t width, double epsilon) {
  for (int64_t row = 0; row < rows; row++, x += width, y += width) {
    float sums[lanes] = {};
    int64_t i = 0;
    for (; i + lanes <= width; i += lanes) {
      for (int64_t lane = 0; lane < lanes; lane++) sums[lane] += x[i + lane] * x[i + lane];
    }
    float sum = total(sums);
    for (; i < width; i++) sum += x[i] * x[i];
    const float scale = static_cast<float>(
        1.0 / std::sqrt(static_cast<double>(sum) / static_cast<double>(width) + epsilon));
    for (i = 0; i < width; i++) y[i] = x[i] * scale * weight[i];
    scales[row] = scale;
  }
}

VECTORISED void rms_norm_backward(const float *x, const float *weight, const float *scales,
                                  const float *g, float *dx, float *weight_gradient, int64_t rows,
                                  int64_t width) {
  for (int64_t row = 0; row < rows; row++, x += width, g += width, dx += width) {
    const float scale = scales[row];
    float sums[lanes] = {};
    int64_t i = 0;
    for (; i + lanes <= width; i += lanes) {
      for (int64_t lane = 0; lane < lanes; lane++) {
        sums[lane] += g[i + lane] * weight[i + lane] * x[i + lane];
      }
    }
    float sum = total(sums);
    for (; i < width; i++) sum += g[i] * weight[i] * x[i];
    const float inner = sum * scale * scale / static_cast<float>(width);
    if (weight_gradient) {
      for (i = 0; i < width; i++) {
        weight_gradient[i] += g[i] * x[i] * scale;
        dx[i] = scale * (g[i] * weight[i] - x[i] * inner);
      }
    } else {
      for (i = 0; i < width; i++) dx[i] = scale * (g[i] * weight[i] - x[i] * inner);
    }
  }
}

VECTORISED void rotary(Rows x, Rows cos, Rows sin, float *y, int64_t y_stride, int64_t rows,
                       int64_t half, bool transposed) {
  for (int64_t row = 0; row < rows; row++) {
    const float *__restrict in = x.start + row * x.stride;
    const float *__restrict c = cos.start + row * cos.stride;
    const float *__restrict s = sin.start + row * sin.stride;
    float *__restrict out = y + row * y_stride;
    if (transposed) {
      for (int64_t i = 0; i < half; i++) {
        const float first = in[i], second = in[i + half];
        out[i] = first * c[i] + second * s[i + half];
        out[i + half] = second * c[i + half] - first * s[i];
      }
    } else {
      for (int64_t i = 0; i < half; i++) {
        const float first = in[i], second = in[i + half];
        out[i] = first * c[i] - second * s[i];
        out[i + half] = second * c[i + half] + first * s[i + half];
      }
    }
  }
}

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

// output[i] = sum over the rows of weights[row] values[row][i], times `factor`, for `columns`
// columns that stay in registers all the while.
template <int64_t columns>
INLINED void mix(const float *weights, const float *values, int64_t stride, int64_t rows,
                 float factor, float *output) {
  float sums[columns] = {};
  for (int64_t row = 0; row < rows; row++, values += stride) {
    for (int64_t i = 0; i < columns; i++) sums[i] += weights[row] * values[i];
  }
  for (int64_t i = 0; i < columns; i++) output[i] = sums[i] * factor;
}

}  // namespace

VECTORISED void attend(const float *q, Rows keys, Rows values, const float *mask, float scale,
                       float *scores, float *output, int64_t total, int64_t width) {
  const float nothing = -std::numeric_limits<float>::infinity();
  for (int64_t t = 0; t < total; t++) {
    scores[t] = dot(q, keys.start + t * keys.stride, width) * scale;
  }
  if (mask) {
    for (int64_t t = 0; t < total; t++) scores[t] += mask[t];
  }
  float greatest[lanes];
  for (int64_t lane = 0; lane < lanes; lane++) greatest[lane] = nothing;
  int64_t t = 0;
  for (; t + lanes <= total; t += lanes) {
    for (int64_t lane = 0; lane < lanes; lane++) {
      greatest[lane] = scores[t + lane] > greatest[lane] ? scores[t + lane] : greatest[lane];
    }
  }
  float top = nothing;
  for (int64_t lane = 0; lane < lanes; lane++) top = greatest[lane] > top ? greatest[lane] : top;
  for (; t < total; t++) top = scores[t] > top ? scores[t] : top;
  if (top == nothing) {
    // Nothing to attend to, or every score is NaN, which must not be lost.
    float value = 0.0f;
    for (t = 0; t < total; t++) value = scores[t] == scores[t] ? value : scores[t];
    for (int64_t i = 0; i < width; i++) output[i] = value;
    return;
  }
  float sums[lanes] = {};
  for (t = 0; t + lanes <= total; t += lanes) {
    for (int64_t lane = 0; lane < lanes; lane++) {
      const float score = scores[t + lane];
      // What is masked has no weight at all, not exp's smallest.
      scores[t + lane] = score == nothing ? 0.0f : exponential(score - top);
      sums[lane] += scores[t + lane];
    }
  }
  float sum = ctorch::kernels::total(sums);
  for (; t < total; t++) {
    scores[t] = scores[t] == nothing ? 0.0f : exponential(scores[t] - top);
    sum += scores[t];
  }
  const float factor = 1.0f / sum;
  int64_t i = 0;
  for (; i + 32 <= width; i += 32) {
    mix<32>(scores, values.start + i, values.stride, total, factor, output + i);
  }
  for (; i + 8 <= width; i += 8) {
    mix<8>(scores, values.start + i, values.stride, total, factor, output + i);
  }
  for (; i < width; i++) {
    mix<1>(scores, values.start + i, values.stride, total, factor, output + i);
  }
}

VECTORISED void silu_mul(Rows gate, Rows up, float *y, int64_t rows, int64_t width) {
  for (int64_t row = 0; row < rows; row++, y += width) {
    const float *__restrict a = gate.start + row * gate.stride;
    const float *__restrict b = up.start + row * up.stride;
    float *__restrict out = y;
    for (int64_t i = 0; i < width; i++) out[i] = a[i] * sigmoid(a[i]) * b[i];
  }
}

VECTORISED void silu_mul_backward(Rows gate, Rows up, Rows g, float *gate_gradient,
                                  float *up_gradient, int64_t rows, int64_t width) {
  for (int64_t row = 0; row < rows; row++, gate_gradient += width, up_gradient += width) {
    const float *__restrict a = gate.start + row * gate.stride;
    const float *__restrict b = up.start + row * up.stride;
    const float *__restrict upstream = g.start + row * g.stride;
    float *__restrict da = gate_gradient;
    float *__restrict db = up_gradient;
    for (int64_t i = 0; i < width; i++) {
      const float s = sigmoid(a[i]);
      // d/dx of x s(x): s + x s (1 - s).
      da[i] = upstream[i] * b[i] * (s + a[i] * s * (1.0f - s));
      db[i] = upstream[i] * a[i] * s;
    }
  }
}

VECTORISED void token_log_probs(float *logits, const int64_t *targets, float scale, bool keep,
                                float *log_probs, float *normalizers, float *entropies,
                                int64_t rows, int64_t vocabulary) {
  // Long sums in single precision lose digits, so every block of a row is added up on its own.
  constexpr int64_t block = 4096;
  for (int64_t row = 0; row < rows; row++, logits += vocabulary) {
    float tops[lanes];
    std::fill(tops, tops + lanes, -std::numeric_limits<float>::infinity());
    int64_t i = 0;
    for (; i + lanes <= vocabulary; i += lanes) {
      for (int64_t lane = 0; lane < lanes; lane++) {
        tops[lane] = logits[i + lane] > tops[lane] ? logits[i + lane] : tops[lane];
      }
    }
    float top = *std::max_element(tops, tops + lanes);
    for (; i < vocabulary; i++) top = std::max(top, logits[i]);
    const float chosen = (logits[targets[row]] - top) * scale;
    double mass = 0, moment = 0;  // of exp(d) and d exp(d), d the distance from the greatest
    for (int64_t start = 0; start < vocabulary; start += block) {
      const int64_t end = std::min(start + block, vocabulary);
      float masses[lanes] = {}, moments[lanes] = {};
      for (i = start; i + lanes <= end; i += lanes) {
        for (int64_t lane = 0; lane < lanes; lane++) {
          const float distance = (logits[i + lane] - top) * scale;
          const float weight = exponential(distance);
          masses[lane] += weight;
          moments[lane] += weight * distance;
          logits[i + lane] = weight;
        }
      }
      mass += total(masses);
      moment += total(moments);
      for (; i < end; i++) {
        const float distance = (logits[i] - top) * scale;
        const float weight = exponential(distance);
        mass += weight;
        moment += weight * distance;
        logits[i] = weight;
      }
    }
    const float normalizer = static_cast<float>(std::log(mass));
    log_probs[row] = chosen - normalizer;
    normalizers[row] = top * scale + normalizer;
    entropies[row] = static_cast<float>(std::log(mass) - moment / mass);
    if (keep) {
      const float inverse = static_cast<float>(1.0 / mass);
      for (i = 0; i < vocabulary; i++) logits[i] *= inverse;
    }
  }
}

VECTORISED void token_log_probs_backward(float *values, const float *normalizers,
                                         const int64_t *targets, const float *g, float scale,
                                         int64_t rows, int64_t vocabulary) {
  for (int64_t row = 0; row < rows; row++, values += vocabulary) {
    const float upstream = g[row] * scale;
    if (normalizers) {
      const float normalizer = normalizers[row];
      for (int64_t i = 0; i < vocabulary; i++) {
        values[i] = -upstream * exponential(values[i] * scale - normalizer);
      }
    } else {
      for (int64_t i = 0; i < vocabulary; i++) values[i] *= -upstream;
    }
    values[targets[row]] += upstream;
  }
}

}  // namespace ctorch::kernels
