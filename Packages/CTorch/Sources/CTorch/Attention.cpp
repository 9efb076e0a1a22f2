// Softmax attention. libtorch's fused kernel multiplies matrices, which for the single query of a
// decoding step are vectors, so that most of its time goes into starting products; few queries take a
// loop of their own on the CPU.
#include "FusedSupport.h"
#include "Kernels.h"

using namespace ctorch;

namespace {

// From this many queries on, matrix products pay.
constexpr int64_t few_queries = 4;

bool has_rows(const at::Tensor &t) { return is_plain(t) && t.dim() == 4 && t.stride(3) == 1; }

// Whether positions, instead of the components of a key, lie next to each other.
bool is_transposed(const at::Tensor &t) {
  return is_plain(t) && t.dim() == 4 && t.stride(2) == 1 && t.stride(3) >= t.size(2) &&
         t.size(3) > 1;
}

// Whether the loop computes this attention: single precision, few queries, nothing to record.
bool is_decoding(const at::Tensor &query, const at::Tensor &key, const at::Tensor &value,
                 const CTTensor *mask, bool causal) {
  return !causal && has_rows(query) && (has_rows(key) || is_transposed(key)) && has_rows(value) &&
         query.size(2) < few_queries && key.size(2) > 0 && key.size(1) > 0 &&
         query.size(1) % key.size(1) == 0 && query.size(0) == key.size(0) &&
         query.size(3) == key.size(3) && key.sizes() == value.sizes() &&
         (mask == nullptr || is_plain(mask->value)) && !needs_history(query, key, value) &&
         (mask == nullptr || !needs_history(mask->value));
}

at::Tensor decode(const at::Tensor &query, const at::Tensor &key, const at::Tensor &value,
                  const CTTensor *optional_mask, double scale) {
  const int64_t batch = query.size(0), heads = query.size(1), length = query.size(2),
                width = query.size(3), key_heads = key.size(1), total = key.size(2),
                group = heads / key_heads;
  at::Tensor mask;
  if (optional_mask != nullptr) {
    mask = optional_mask->value.expand({batch, heads, length, total});
    if (mask.stride(3) != 1) mask = mask.contiguous();
  }
  // Heads lie next to each other for the product that follows.
  auto output = at::empty({batch, length, heads, width}, query.options()).transpose(1, 2);
  const bool transposed = is_transposed(key);
  const int64_t key_stride = key.stride(transposed ? 3 : 2);
  const float *q = query.const_data_ptr<float>(), *k = key.const_data_ptr<float>(),
              *v = value.const_data_ptr<float>(),
              *m = mask.defined() ? mask.const_data_ptr<float>() : nullptr;
  float *to = output.data_ptr<float>();
  const auto place = [](const at::Tensor &t, int64_t i, int64_t head, int64_t position) {
    return i * t.stride(0) + head * t.stride(1) + position * t.stride(2);
  };
  in_parallel(batch * key_heads, 2 * group * length * total * width,
              [&](int64_t begin, int64_t end) {
                std::vector<float> scores(total);
                for (int64_t i = begin; i < end; i++) {
                  const int64_t row = i / key_heads, key_head = i % key_heads;
                  const kernels::Rows keys{k + place(key, row, key_head, 0), key_stride};
                  const kernels::Rows values{v + place(value, row, key_head, 0), value.stride(2)};
                  for (int64_t j = 0; j < group * length; j++) {
                    const int64_t head = key_head * group + j / length, position = j % length;
                    kernels::attend(q + place(query, row, head, position), keys, transposed, values,
                                    m ? m + place(mask, row, head, position) : nullptr,
                                    static_cast<float>(scale), scores.data(),
                                    to + place(output, row, head, position), total, width);
                  }
                }
              });
  return output;
}

}  // namespace

CTTensor *ct_attention(const CTTensor *query, const CTTensor *key, const CTTensor *value,
                       const CTTensor *mask, bool causal, double scale) {
  return make([&] {
    const auto &q = query->value, &k = key->value, &v = value->value;
    if (is_decoding(q, k, v, mask, causal)) return decode(q, k, v, mask, scale);
    const bool grouped = q.size(1) != k.size(1);
    return at::scaled_dot_product_attention(q, k, v, optional(mask), /*dropout_p=*/0.0, causal,
                                            scale, grouped);
  });
}
