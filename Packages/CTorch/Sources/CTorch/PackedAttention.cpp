// Causal attention of sequences that lie one after the other without padding, where branches share the
// stem before them. One task per stem and key head, so that what the branches add to the stem's
// gradient is added by one thread, in one order.
#include "FusedSupport.h"
#include "Kernels.h"

using namespace ctorch;
using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::tensor_list;

namespace {

struct Sequence {
  int64_t start, count;
};

// A sequence and those that continue it.
struct Stem {
  Sequence stem;
  std::vector<Sequence> branches;
};

std::vector<Stem> stems_of(const at::Tensor &layout, int64_t total) {
  TORCH_CHECK(layout.is_cpu() && layout.scalar_type() == at::kLong && layout.dim() == 2 &&
                  layout.size(1) == 2,
              "the layout must be int64 [sequences, 2] on the CPU, found ", layout.scalar_type(),
              " ", layout.sizes(), " on ", layout.device());
  const auto rows = layout.contiguous();
  const int64_t *values = rows.const_data_ptr<int64_t>();
  std::vector<Stem> stems;
  int64_t start = 0;
  for (int64_t i = 0; i < rows.size(0); i++) {
    const int64_t count = values[2 * i];
    const bool is_branch = values[2 * i + 1] != 0;
    TORCH_CHECK(count > 0, "sequence ", i, " of the layout has ", count, " positions");
    TORCH_CHECK(!is_branch || !stems.empty(), "the layout begins with a branch");
    if (is_branch) {
      stems.back().branches.push_back({start, count});
    } else {
      stems.push_back({{start, count}, {}});
    }
    start += count;
  }
  TORCH_CHECK(start == total, "the layout has ", start, " positions, the query ", total);
  return stems;
}

// The greatest number of positions that a query attends to, as room for transposed keys.
int64_t room_of(const std::vector<Stem> &stems) {
  int64_t most = 0;
  for (const auto &stem : stems) {
    most = std::max(most, stem.stem.count);
    for (const auto &branch : stem.branches) most = std::max(most, stem.stem.count + branch.count);
  }
  return (most + kernels::key_block - 1) / kernels::key_block * kernels::key_block;
}

// A tensor [1, heads, length, width] as rows of one head.
kernels::Rows rows_of(const at::Tensor &t, int64_t head, int64_t first) {
  return {t.const_data_ptr<float>() + head * t.stride(1) + first * t.stride(2), t.stride(2)};
}

void copy_rows(kernels::Rows from, int64_t count, int64_t width, float *to) {
  for (int64_t i = 0; i < count; i++) {
    std::copy_n(from.start + i * from.stride, width, to + i * width);
  }
}

at::Tensor dense(const at::Tensor &t) { return t.stride(3) == 1 ? t : t.contiguous(); }

// Calls body(sequence, before) for the stem, then for its branches.
template <typename Body>
void each_sequence(const Stem &stem, const Body &body) {
  body(stem.stem, int64_t{0});
  for (const auto &branch : stem.branches) body(branch, stem.stem.count);
}

// Heads lie next to each other for the product that follows.
at::Tensor beside(const at::Tensor &like) {
  return at::empty({1, like.size(2), like.size(1), like.size(3)}, like.options()).transpose(1, 2);
}

struct Attended {
  at::Tensor output, normalizers;  // [1, heads, length, width], [heads, length]
};

Attended attend(const at::Tensor &q, const at::Tensor &k, const at::Tensor &v,
                const std::vector<Stem> &stems, double scale, bool keep) {
  const int64_t width = q.size(3), length = q.size(2), key_heads = k.size(1),
                group = q.size(1) / key_heads, room = room_of(stems);
  Attended result{beside(q), keep ? at::empty({q.size(1), length}, q.options()) : at::Tensor()};
  float *output = result.output.data_ptr<float>(),
        *normalizers = keep ? result.normalizers.data_ptr<float>() : nullptr;
  const int64_t head_stride = result.output.stride(1), row_stride = result.output.stride(2);
  const int64_t tasks = static_cast<int64_t>(stems.size()) * key_heads;
  in_parallel(tasks, length * width * group, [&](int64_t begin, int64_t end) {
    std::vector<float> keys(room * width), values(room * width), scores(4 * room);
    for (int64_t task = begin; task < end; task++) {
      const int64_t key_head = task % key_heads;
      each_sequence(stems[task / key_heads], [&](const Sequence &sequence, int64_t before) {
        const auto [start, count] = sequence;
        kernels::transpose(rows_of(k, key_head, start), count, width, keys.data() + before, room);
        copy_rows(rows_of(v, key_head, start), count, width, values.data() + before * width);
        for (int64_t head = key_head * group; head < (key_head + 1) * group; head++) {
          kernels::attend_sequence(
              rows_of(q, head, start), keys.data(), room, values.data(), before, count, width,
              static_cast<float>(scale), scores.data(),
              output + head * head_stride + start * row_stride, row_stride,
              normalizers ? normalizers + head * length + start : nullptr);
        }
      });
    }
  });
  return result;
}

struct PackedAttention : Function<PackedAttention> {
  static at::Tensor forward(AutogradContext *context, const at::Tensor &query,
                            const at::Tensor &key, const at::Tensor &value,
                            const at::Tensor &layout, double scale) {
    const auto q = dense(query), k = dense(key), v = dense(value);
    auto [output, normalizers] = attend(q, k, v, stems_of(layout, q.size(2)), scale, true);
    context->save_for_backward({q, k, v, output, normalizers, layout});
    context->saved_data["scale"] = scale;
    return output;
  }

  static tensor_list backward(AutogradContext *context, tensor_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto &q = saved[0], &k = saved[1], &v = saved[2], &output = saved[3],
               &normalizers = saved[4];
    const auto upstream = dense(gradients[0]);
    const double scale = context->saved_data["scale"].toDouble();
    const int64_t width = q.size(3), length = q.size(2), key_heads = k.size(1),
                  group = q.size(1) / key_heads;
    const auto stems = stems_of(saved[5], length);
    const int64_t room = room_of(stems);
    auto dq = beside(q), dk = beside(k), dv = beside(v);
    float *query_gradient = dq.data_ptr<float>(), *key_gradient = dk.data_ptr<float>(),
          *value_gradient = dv.data_ptr<float>();
    const float *sums = normalizers.const_data_ptr<float>();
    const int64_t tasks = static_cast<int64_t>(stems.size()) * key_heads;
    in_parallel(tasks, length * width * group, [&](int64_t begin, int64_t end) {
      std::vector<float> keys(room * width), values(room * width), key_rows(room * width),
          key_sums(room * width), value_sums(room * width), scores(8 * room);
      for (int64_t task = begin; task < end; task++) {
        const int64_t key_head = task % key_heads;
        const Stem &stem = stems[task / key_heads];
        const auto store = [&](const Sequence &sequence, int64_t before) {
          for (int64_t i = 0; i < sequence.count; i++) {
            const int64_t place = (sequence.start + i) * dk.stride(2) + key_head * dk.stride(1);
            std::copy_n(key_sums.data() + (before + i) * width, width, key_gradient + place);
            std::copy_n(value_sums.data() + (before + i) * width, width, value_gradient + place);
          }
        };
        each_sequence(stem, [&](const Sequence &sequence, int64_t before) {
          const auto [start, count] = sequence;
          kernels::transpose(rows_of(k, key_head, start), count, width, keys.data() + before, room);
          kernels::transpose(rows_of(v, key_head, start), count, width, values.data() + before,
                             room);
          copy_rows(rows_of(k, key_head, start), count, width, key_rows.data() + before * width);
          std::fill_n(key_sums.data() + before * width, count * width, 0.0f);
          std::fill_n(value_sums.data() + before * width, count * width, 0.0f);
          for (int64_t head = key_head * group; head < (key_head + 1) * group; head++) {
            kernels::attend_sequence_backward(
                rows_of(q, head, start), rows_of(upstream, head, start),
                rows_of(output, head, start), sums + head * length + start, keys.data(),
                values.data(), room, key_rows.data(), before, count, width,
                static_cast<float>(scale), scores.data(),
                query_gradient + head * dq.stride(1) + start * dq.stride(2), dq.stride(2),
                key_sums.data(), value_sums.data());
          }
          if (before > 0) store(sequence, before);
        });
        store(stem.stem, 0);
      }
    });
    return {dq, dk, dv, at::Tensor(), at::Tensor()};
  }
};

// The same sequence by sequence, in any type on any device.
at::Tensor composed(const at::Tensor &q, const at::Tensor &k, const at::Tensor &v,
                    const std::vector<Stem> &stems, double scale) {
  const bool grouped = q.size(1) != k.size(1);
  std::vector<at::Tensor> outputs;
  for (const auto &stem : stems) {
    const auto part = [](const at::Tensor &t, const Sequence &sequence) {
      return t.narrow(2, sequence.start, sequence.count);
    };
    each_sequence(stem, [&](const Sequence &sequence, int64_t before) {
      auto keys = part(k, sequence), values = part(v, sequence);
      std::optional<at::Tensor> mask;
      if (before > 0) {
        keys = at::cat({part(k, stem.stem), keys}, 2);
        values = at::cat({part(v, stem.stem), values}, 2);
        mask = at::ones({sequence.count, before + sequence.count}, q.options().dtype(at::kBool))
                   .tril(before);
      }
      outputs.push_back(at::scaled_dot_product_attention(part(q, sequence), keys, values, mask,
                                                         /*dropout_p=*/0.0, before == 0, scale,
                                                         grouped));
    });
  }
  return at::cat(outputs, 2);
}

}  // namespace

CTTensor *ct_packed_attention(const CTTensor *query, const CTTensor *key, const CTTensor *value,
                              const CTTensor *layout, double scale) {
  return make([&] {
    const auto &q = query->value, &k = key->value, &v = value->value, &rows = layout->value;
    TORCH_CHECK(q.dim() == 4 && k.dim() == 4 && q.size(0) == 1 && k.sizes() == v.sizes() &&
                    k.size(0) == 1 && k.size(1) > 0 && q.size(1) % k.size(1) == 0 &&
                    q.size(2) == k.size(2) && q.size(3) == k.size(3),
                "query ", q.sizes(), ", key ", k.sizes(), " and value ", v.sizes(),
                " do not fit each other as [1, heads, length, width]");
    if (!is_plain(q) || !is_plain(k) || !is_plain(v)) {
      return composed(q, k, v, stems_of(rows, q.size(2)), scale);
    }
    if (needs_history(q, k, v)) return PackedAttention::apply(q, k, v, rows, scale);
    return attend(dense(q), dense(k), dense(v), stems_of(rows, q.size(2)), scale, false).output;
  });
}
