#include <algorithm>
#include <cmath>
#include <limits>

#include "Kernels.h"
#include "VectorLoops.h"

namespace ctorch::kernels {

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
