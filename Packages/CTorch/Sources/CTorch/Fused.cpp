// Operations that libtorch composes of many: one pass each way in single precision on the CPU, where
// small models spend their time on passes over memory; the composed form elsewhere.
#include "FusedSupport.h"
#include "Kernels.h"

using namespace ctorch;
using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::tensor_list;

namespace {

// MARK: RMS normalisation

struct Normalised {
  at::Tensor output, scales;
};

Normalised rms_norm(const at::Tensor &input, const at::Tensor &weight, double epsilon) {
  if (is_plain(input) && is_plain(weight)) {
    const auto x = input.contiguous(), w = weight.contiguous();
    const int64_t width = w.size(0), rows = x.numel() / std::max<int64_t>(1, width);
    auto y = at::empty_like(x);
    auto scales = at::empty({rows}, x.options());
    in_parallel(rows, width, [&, from = x.const_data_ptr<float>(), by = w.const_data_ptr<float>(),
                              to = y.data_ptr<float>(), s = scales.data_ptr<float>()](
                                 int64_t begin, int64_t end) {
      kernels::rms_norm(from + begin * width, by, to + begin * width, s + begin, end - begin, width,
                        epsilon);
    });
    return {y, scales};
  }
  const auto wide = input.scalar_type() == at::kDouble ? input : input.to(at::kFloat);
  auto scales = wide.square().mean(-1, true).add_(epsilon).rsqrt_();
  return {(wide * scales).to(input.scalar_type()).mul(weight).to(input.scalar_type()), scales};
}

struct RMSNorm : Function<RMSNorm> {
  static at::Tensor forward(AutogradContext *context, const at::Tensor &input,
                            const at::Tensor &weight, double epsilon) {
    auto [output, scales] = rms_norm(input, weight, epsilon);
    context->save_for_backward({input, weight, scales});
    return output;
  }

  static tensor_list backward(AutogradContext *context, tensor_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto &input = saved[0], &weight = saved[1], &scales = saved[2];
    const bool with_weight = context->needs_input_grad(1);
    if (is_plain(input) && is_plain(weight)) {
      return fused_backward(input, weight, scales, gradients[0], with_weight);
    }
    const auto type = scales.scalar_type();
    const auto normal = input.to(type) * scales;
    const auto upstream = gradients[0].to(type);
    const auto weighted = upstream * weight.to(type);
    // d/dx of x s(x): s (g - n mean(g n)) with n the normalised input.
    const auto inner = (weighted * normal).mean(-1, true);
    at::Tensor weight_gradient;
    if (with_weight) {
      weight_gradient =
          upstream.mul(normal).reshape({-1, weight.size(0)}).sum(0).to(weight.scalar_type());
    }
    return {weighted.addcmul(normal, inner, -1).mul(scales).to(input.scalar_type()),
            weight_gradient, at::Tensor()};
  }

  static tensor_list fused_backward(const at::Tensor &input, const at::Tensor &weight,
                                    const at::Tensor &scales, const at::Tensor &upstream,
                                    bool with_weight) {
    const auto x = input.contiguous(), w = weight.contiguous(), g = upstream.contiguous();
    const int64_t width = w.size(0), rows = scales.numel();
    auto dx = at::empty_like(x);
    // The weight's gradient is added up in a fixed number of blocks of rows, whatever the number of
    // threads, so that the threads do not change it.
    constexpr int64_t most_blocks = 32;
    const int64_t blocks = std::max<int64_t>(1, std::min(most_blocks, rows * width / grain_elements));
    const int64_t block = (rows + blocks - 1) / blocks;
    at::Tensor partial;
    if (with_weight) partial = at::zeros({blocks, width}, w.options());
    const float *from = x.const_data_ptr<float>(), *by = w.const_data_ptr<float>(),
                *s = scales.const_data_ptr<float>(), *up = g.const_data_ptr<float>();
    float *to = dx.data_ptr<float>(), *sums = with_weight ? partial.data_ptr<float>() : nullptr;
    in_parallel(blocks, block * width, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) {
        const int64_t first = std::min(i * block, rows), last = std::min(first + block, rows);
        kernels::rms_norm_backward(from + first * width, by, s + first, up + first * width,
                                   to + first * width, sums ? sums + i * width : nullptr,
                                   last - first, width);
      }
    });
    return {dx, with_weight ? partial.sum(0) : at::Tensor(), at::Tensor()};
  }
};

// MARK: Rotary position embedding

at::Tensor turn(const at::Tensor &t, const at::Tensor &cos, const at::Tensor &sin,
                bool transposed) {
  const int64_t half = t.size(-1) / 2;
  if (!is_plain(t) || !is_plain(cos) || !is_plain(sin) || t.dim() != 4) {
    // The transpose of "rotate by half, then multiply with sin" is "multiply, then rotate back".
    const auto other = transposed ? t * sin : t;
    const auto first = other.narrow(-1, 0, half), second = other.narrow(-1, half, half);
    const auto rotated = transposed ? at::cat({second, first.neg()}, -1)
                                    : at::cat({second.neg(), first}, -1).mul(sin);
    return (t * cos).add(rotated).to(t.scalar_type());
  }
  const auto dense = [](const at::Tensor &x) { return x.stride(-1) == 1 ? x : x.contiguous(); };
  auto x = dense(t), c = dense(cos).expand(t.sizes()), s = dense(sin).expand(t.sizes());
  auto output = at::empty_like(x);
  auto y = output;
  if (y.stride(-1) != 1) output = y = at::empty(x.sizes(), x.options());
  if (x.stride(1) < x.stride(2)) {  // walk in the order of memory
    x = x.transpose(1, 2), c = c.transpose(1, 2), s = s.transpose(1, 2), y = y.transpose(1, 2);
  }
  const int64_t rows = x.size(1), inner = x.size(2);
  const auto place = [rows](const at::Tensor &of, int64_t i) {
    return i / rows * of.stride(0) + i % rows * of.stride(1);
  };
  const float *from = x.const_data_ptr<float>(), *cosines = c.const_data_ptr<float>(),
              *sines = s.const_data_ptr<float>();
  float *to = y.data_ptr<float>();
  in_parallel(x.size(0) * rows, inner * half * 2, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      kernels::rotary({from + place(x, i), x.stride(2)}, {cosines + place(c, i), c.stride(2)},
                      {sines + place(s, i), s.stride(2)}, to + place(y, i), y.stride(2), inner,
                      half, transposed);
    }
  });
  return output;
}

struct Rotary : Function<Rotary> {
  static at::Tensor forward(AutogradContext *context, const at::Tensor &input,
                            const at::Tensor &cos, const at::Tensor &sin) {
    context->save_for_backward({cos, sin});
    return turn(input, cos, sin, /*transposed=*/false);
  }

  static tensor_list backward(AutogradContext *context, tensor_list gradients) {
    const auto saved = context->get_saved_variables();
    return {turn(gradients[0], saved[0], saved[1], /*transposed=*/true), at::Tensor(),
            at::Tensor()};
  }
};

// MARK: Gated linear unit

at::Tensor silu_mul(const at::Tensor &gate, const at::Tensor &up) {
  if (!is_plain(gate) || !is_plain(up) || gate.dim() == 0 || gate.numel() == 0) {
    return at::silu(gate).mul(up);
  }
  const auto a = as_rows(gate), b = as_rows(up);
  const int64_t width = a.size(1);
  auto output = at::empty(gate.sizes(), gate.options());
  float *to = output.data_ptr<float>();
  in_parallel(a.size(0), width, [&](int64_t begin, int64_t end) {
    kernels::silu_mul(rows_of(a, begin), rows_of(b, begin), to + begin * width, end - begin, width);
  });
  return output;
}

struct SiLUMul : Function<SiLUMul> {
  static at::Tensor forward(AutogradContext *context, const at::Tensor &gate,
                            const at::Tensor &up) {
    context->save_for_backward({gate, up});
    return silu_mul(gate, up);
  }

  static tensor_list backward(AutogradContext *context, tensor_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto &gate = saved[0], &up = saved[1], &upstream = gradients[0];
    if (!is_plain(gate) || !is_plain(up) || gate.dim() == 0 || gate.numel() == 0) {
      return {at::silu_backward(upstream * up, gate), upstream * at::silu(gate)};
    }
    const auto a = as_rows(gate), b = as_rows(up), g = as_rows(upstream);
    const int64_t width = a.size(1);
    auto gate_gradient = at::empty(gate.sizes(), gate.options());
    auto up_gradient = at::empty(gate.sizes(), gate.options());
    float *da = gate_gradient.data_ptr<float>(), *db = up_gradient.data_ptr<float>();
    in_parallel(a.size(0), width, [&](int64_t begin, int64_t end) {
      kernels::silu_mul_backward(rows_of(a, begin), rows_of(b, begin), rows_of(g, begin),
                                 da + begin * width, db + begin * width, end - begin, width);
    });
    return {gate_gradient, up_gradient};
  }
};

}  // namespace

CTTensor *ct_rms_norm(const CTTensor *input, const CTTensor *weight, double epsilon) {
  return make([&] {
    const auto &x = input->value, &w = weight->value;
    TORCH_CHECK(w.dim() == 1 && x.dim() > 0 && x.size(-1) == w.size(0), "the weight has the shape ",
                w.sizes(), ", which does not fit the last dimension of an input of shape ",
                x.sizes());
    return needs_history(x, w) ? RMSNorm::apply(x, w, epsilon) : rms_norm(x, w, epsilon).output;
  });
}

CTTensor *ct_rotary(const CTTensor *input, const CTTensor *cos, const CTTensor *sin) {
  return make([&] {
    const auto &x = input->value, &c = cos->value, &s = sin->value;
    TORCH_CHECK(x.dim() > 0 && x.size(-1) % 2 == 0, "the last dimension of an input of shape ",
                x.sizes(), " is not even");
    TORCH_CHECK(at::infer_size(x.sizes(), c.sizes()) == x.sizes() &&
                    at::infer_size(x.sizes(), s.sizes()) == x.sizes(),
                "cos ", c.sizes(), " and sin ", s.sizes(), " do not broadcast to the input ",
                x.sizes());
    TORCH_CHECK(!needs_history(c, s), "gradients in cos and sin are not supported");
    return needs_history(x) ? Rotary::apply(x, c, s) : turn(x, c, s, /*transposed=*/false);
  });
}

CTTensor *ct_silu_mul(const CTTensor *gate, const CTTensor *up) {
  return make([&] {
    const auto &a = gate->value, &b = up->value;
    TORCH_CHECK(a.sizes() == b.sizes() && a.scalar_type() == b.scalar_type(), "gate ", a.sizes(),
                " ", a.scalar_type(), " and up ", b.sizes(), " ", b.scalar_type(), " differ");
    return needs_history(a, b) ? SiLUMul::apply(a, b) : silu_mul(a, b);
  });
}
