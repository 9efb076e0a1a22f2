// One decoding step's attention for rows that continue common stems: what a prompt's completions share
// is kept and read once for all of them. libtorch's fused kernel multiplies matrices, which for the
// single query of a step are vectors, and knows no common part.
#include "FusedSupport.h"
#include "Kernels.h"

using namespace ctorch;

namespace {

static_assert(CT_KEY_BLOCK == kernels::key_block);

// Rows of one stem that are handled together at the most.
constexpr int64_t most_rows = 8;

// Rows one after the other that continue one stem.
struct Segment {
  int64_t first, count, stem, stem_count;
};

struct Layout {
  std::vector<Segment> segments;
  std::vector<int64_t> slots;
};

Layout layout_of(const at::Tensor &rows, int64_t stems, int64_t stem_room, int64_t slots) {
  Layout layout;
  const int64_t *values = rows.const_data_ptr<int64_t>();
  for (int64_t i = 0; i < rows.size(0); i++, values += 3) {
    const int64_t stem = values[0], count = values[1], slot = values[2];
    TORCH_CHECK(stem >= 0 && stem < stems && count >= 0 && count <= stem_room && slot >= 0 &&
                    slot < slots,
                "row ", i, " of the layout is (", stem, ", ", count, ", ", slot, "), beyond ", stems,
                " stems of ", stem_room, " positions and ", slots, " slots");
    auto &segments = layout.segments;
    if (!segments.empty() && segments.back().stem == stem && segments.back().count < most_rows) {
      segments.back().count++;
    } else {
      segments.push_back({i, 1, stem, count});
    }
    layout.slots.push_back(slot);
  }
  return layout;
}

// The numbers of a tensor [n, heads, ...] by its first two dimensions.
template <typename Number>
struct ByHead {
  Number *start;
  int64_t step, head_step;

  explicit ByHead(const at::Tensor &t)
      : start(t.data_ptr<float>()), step(t.stride(0)), head_step(t.stride(1)) {}

  Number *operator()(int64_t i, int64_t head) const { return start + i * step + head * head_step; }
};

// One layer's memory: keys [n, heads, blocks, width, key_block], values [n, heads, room, width].
struct Memory {
  int64_t count, room;
  ByHead<float> keys, values;

  Memory(const at::Tensor &keys, const at::Tensor &values, const at::Tensor &key)
      : count(keys.size(0)), room(checked(keys, values, key)), keys(keys), values(values) {}

 private:
  static int64_t checked(const at::Tensor &keys, const at::Tensor &values, const at::Tensor &key) {
    TORCH_CHECK(is_plain(keys) && is_plain(values) && keys.dim() == 5 && values.dim() == 4 &&
                    keys.is_contiguous() && values.is_contiguous() &&
                    keys.size(0) == values.size(0) && keys.size(1) == key.size(1) &&
                    values.size(1) == key.size(1) && keys.size(3) == key.size(3) &&
                    values.size(3) == key.size(3) && keys.size(4) == kernels::key_block &&
                    keys.size(2) * kernels::key_block >= values.size(2),
                "keys ", keys.sizes(), " and values ", values.sizes(), " do not fit a key ",
                key.sizes(), " as [n, heads, blocks, width, ", kernels::key_block,
                "] and [n, heads, room, width] of single precision");
    return values.size(2);
  }
};

void store(const Memory &memory, int64_t slot, int64_t head, int64_t column, const float *key,
           const float *value, int64_t width) {
  constexpr int64_t block = kernels::key_block;
  float *to = memory.keys(slot, head) + column / block * block * width + column % block;
  for (int64_t i = 0; i < width; i++) to[i * block] = key[i];
  std::copy_n(value, width, memory.values(slot, head) + column * width);
}

at::Tensor decode(const at::Tensor &q, const at::Tensor &k, const at::Tensor &v,
                  const Memory &stems, const Memory &own, const Layout &layout, int64_t column,
                  double scale) {
  const int64_t heads = q.size(1), key_heads = k.size(1), width = q.size(3),
                group = heads / key_heads, most = most_rows * group;
  auto output = at::empty({q.size(0), 1, heads, width}, q.options()).transpose(1, 2);
  float *const to = output.data_ptr<float>();
  const ByHead<const float> asked(q), new_keys(k), new_values(v);
  const auto padded = [](int64_t count) { return count + kernels::key_block; };
  const int64_t positions = padded(stems.room) + padded(column + 1);
  in_parallel(
      static_cast<int64_t>(layout.segments.size()) * key_heads, 2 * most * positions * width,
      [&](int64_t begin, int64_t end) {
        std::vector<float> room(most * (positions + 1));
        std::vector<const float *> queries(most);
        std::vector<float *> outputs(most);
        std::vector<kernels::Positions> mine(most_rows);
        for (int64_t task = begin; task < end; task++) {
          const auto &segment = layout.segments[task / key_heads];
          const int64_t key_head = task % key_heads;
          for (int64_t i = 0; i < segment.count; i++) {
            const int64_t row = segment.first + i, slot = layout.slots[row];
            store(own, slot, key_head, column, new_keys(row, key_head), new_values(row, key_head),
                  width);
            mine[i] = {own.keys(slot, key_head), own.values(slot, key_head), column + 1};
            for (int64_t j = 0; j < group; j++) {
              const int64_t head = key_head * group + j;
              queries[i * group + j] = asked(row, head);
              outputs[i * group + j] = to + (row * heads + head) * width;
            }
          }
          const kernels::Positions stem{stems.keys(segment.stem, key_head),
                                        stems.values(segment.stem, key_head),
                                        segment.stem_count};
          kernels::attend_after_stem(queries.data(), segment.count * group, group, stem,
                                     mine.data(), width, static_cast<float>(scale), room.data(),
                                     outputs.data());
        }
      });
  return output;
}

}  // namespace

CTTensor *ct_decoding_attention(const CTTensor *query, const CTTensor *key, const CTTensor *value,
                                const CTTensor *stem_keys, const CTTensor *stem_values,
                                CTTensor *own_keys, CTTensor *own_values, const CTTensor *layout,
                                int64_t column, double scale) {
  return make([&] {
    const auto &q = query->value, &k = key->value, &v = value->value, &rows = layout->value;
    TORCH_CHECK(is_plain(q) && is_plain(k) && is_plain(v) && q.dim() == 4 && q.size(2) == 1 &&
                    k.dim() == 4 && k.sizes() == v.sizes() && k.size(0) == q.size(0) &&
                    k.size(2) == 1 && k.size(3) == q.size(3) && k.size(1) > 0 &&
                    q.size(1) % k.size(1) == 0 && !needs_history(q, k, v),
                "query ", q.sizes(), ", key ", k.sizes(), " and value ", v.sizes(),
                " do not fit each other as [rows, heads, 1, width] of single precision without "
                "history");
    TORCH_CHECK(rows.is_cpu() && rows.scalar_type() == at::kLong && rows.is_contiguous() &&
                    rows.dim() == 2 && rows.size(0) == q.size(0) && rows.size(1) == 3,
                "the layout must be int64 [rows, 3] on the CPU, found ", rows.scalar_type(), " ",
                rows.sizes());
    const Memory stems(stem_keys->value, stem_values->value, k);
    const Memory own(own_keys->value, own_values->value, k);
    TORCH_CHECK(column >= 0 && column < own.room, "column ", column, " is beyond the room for ",
                own.room);
    const auto dense = [](const at::Tensor &t) { return t.stride(3) == 1 ? t : t.contiguous(); };
    return decode(dense(q), dense(k), dense(v), stems, own,
                  layout_of(rows, stems.count, stems.room, own.count), column,
                  scale);
  });
}
