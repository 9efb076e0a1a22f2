// What the vector loops share: how they are compiled for several processors, sums and exponentials.
// Everything here is inlined into its callers, so that it is compiled with them for every processor.
#pragma once

#include <bit>
#include <cstdint>

// One build serves every x86-64 processor: the loader picks the version for its vectors.
#if defined(__x86_64__) && defined(__linux__)
#define VECTORISED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define VECTORISED
#endif
#define INLINED inline __attribute__((always_inline))

namespace ctorch::kernels {

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

// Eight numbers that the compiler keeps in registers where it would leave an array in memory.
typedef float Eight __attribute__((vector_size(32), aligned(4)));

INLINED const Eight &eight_at(const float *x) { return *reinterpret_cast<const Eight *>(x); }
INLINED Eight &eight_at(float *x) { return *reinterpret_cast<Eight *>(x); }

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

}  // namespace ctorch::kernels
