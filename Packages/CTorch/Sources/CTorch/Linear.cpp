// x weight^T + bias. Many rows and small weights, the shape of a small model's training, take a loop of
// their own where the processor's vendor is none for which libtorch's library of products is made.
#include "FusedSupport.h"
#include "Kernels.h"

using namespace ctorch;
using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::tensor_list;

namespace {

// From this many rows on, packing the weight costs little.
constexpr int64_t least_rows = 256;

// Up to this width packed weights stay in the second cache.
constexpr int64_t most_columns = 1024;

// Rows of one task.
constexpr int64_t task_rows = 96;

bool has_own_product(const at::Tensor &input, const at::Tensor &weight) {
  if (!is_plain(input) || !is_plain(weight) || weight.dim() != 2 || input.dim() < 2 ||
      !weight.is_contiguous() || input.size(-1) != weight.size(1)) {
    return false;
  }
  const int64_t width = weight.size(1);
  return width > 0 && width <= most_columns && weight.size(0) > 0 &&
         weight.size(0) <= most_columns && input.numel() >= least_rows * width &&
         kernels::products_pay();
}

// rows [n, inner] times b [inner, columns], plus a bias.
at::Tensor product(const at::Tensor &rows, kernels::Matrix b, int64_t columns,
                   const at::Tensor &bias) {
  const int64_t count = rows.size(0), inner = rows.size(1);
  std::vector<float> packed(kernels::packed_size(columns, inner));
  kernels::pack(b, inner, columns, packed.data());
  auto output = at::empty({count, columns}, rows.options());
  float *to = output.data_ptr<float>();
  const float *added = bias.defined() ? bias.const_data_ptr<float>() : nullptr;
  in_parallel((count + task_rows - 1) / task_rows, task_rows * inner * columns / 8,
              [&](int64_t begin, int64_t end) {
                const int64_t first = begin * task_rows, last = std::min(end * task_rows, count);
                kernels::product(rows_of(rows, first), packed.data(), added, to + first * columns,
                                 last - first, columns, inner);
              });
  return output;
}

at::Tensor apply_linear(const at::Tensor &input, const at::Tensor &weight,
                        const std::optional<at::Tensor> &bias) {
  const int64_t columns = weight.size(0), inner = weight.size(1);
  auto shape = input.sizes().vec();
  shape.back() = columns;
  return product(as_rows(input), {weight.const_data_ptr<float>(), 1, inner}, columns,
                 bias ? bias->contiguous() : at::Tensor())
      .view(shape);
}

struct Linear : Function<Linear> {
  static at::Tensor forward(AutogradContext *context, const at::Tensor &input,
                            const at::Tensor &weight, const std::optional<at::Tensor> &bias) {
    context->save_for_backward({input, weight});
    context->saved_data["has_bias"] = bias.has_value();
    return apply_linear(input, weight, bias);
  }

  static tensor_list backward(AutogradContext *context, tensor_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto &input = saved[0], &weight = saved[1];
    const auto upstream = as_rows(gradients[0]);
    at::Tensor input_gradient, weight_gradient, bias_gradient;
    if (context->needs_input_grad(0)) {
      const int64_t inner = weight.size(1);
      input_gradient = product(upstream, {weight.const_data_ptr<float>(), inner, 1}, inner,
                               at::Tensor())
                           .view(input.sizes());
    }
    if (context->needs_input_grad(1)) weight_gradient = at::mm(upstream.t(), as_rows(input));
    const bool has_bias = context->saved_data["has_bias"].toBool();
    if (has_bias && context->needs_input_grad(2)) bias_gradient = upstream.sum(0);
    return {input_gradient, weight_gradient, bias_gradient};
  }
};

}  // namespace

CTTensor *ct_linear(const CTTensor *input, const CTTensor *weight, const CTTensor *optional_bias) {
  return make([&] {
    const auto &x = input->value, &w = weight->value;
    const auto bias = optional(optional_bias);
    const bool fits = !bias || (is_plain(*bias) && bias->dim() == 1 && bias->size(0) == w.size(0));
    if (!has_own_product(x, w) || !fits) return at::linear(x, w, bias);
    const bool recorded = needs_history(x, w) || (bias && needs_history(*bias));
    return recorded ? Linear::apply(x, w, bias) : apply_linear(x, w, bias);
  });
}
