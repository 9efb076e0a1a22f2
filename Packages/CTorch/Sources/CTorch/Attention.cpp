// Softmax attention.
#include "Support.h"

using namespace ctorch;

CTTensor *ct_attention(const CTTensor *query, const CTTensor *key, const CTTensor *value,
                       const CTTensor *mask, bool causal, double scale) {
  return make([&] {
    const auto &q = query->value, &k = key->value;
    const bool grouped = q.size(1) != k.size(1);
    return at::scaled_dot_product_attention(q, k, value->value, optional(mask), /*dropout_p=*/0.0,
                                            causal, scale, grouped);
  });
}
