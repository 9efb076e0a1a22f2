// Network pieces, autograd, optimisation, random numbers.
#include "Support.h"

using namespace ctorch;

// MARK: Network pieces

CTTensor *ct_matmul(const CTTensor *left, const CTTensor *right) {
  return make([&] { return at::matmul(left->value, right->value); });
}
CTTensor *ct_linear(const CTTensor *input, const CTTensor *weight, const CTTensor *bias) {
  return make([&] { return at::linear(input->value, weight->value, optional(bias)); });
}
CTTensor *ct_softmax(const CTTensor *t, int dim) {
  return make([&] { return t->value.softmax(dim); });
}
CTTensor *ct_log_softmax(const CTTensor *t, int dim) {
  return make([&] { return t->value.log_softmax(dim); });
}
CTTensor *ct_embedding(const CTTensor *weight, const CTTensor *ids) {
  return make([&] { return at::embedding(weight->value, ids->value); });
}
CTTensor *ct_layer_norm(const CTTensor *input, const CTTensor *weight, const CTTensor *bias,
                        double epsilon) {
  return make([&] {
    return at::layer_norm(input->value, weight->value.sizes(), weight->value, optional(bias),
                          epsilon);
  });
}
CTTensor *ct_dropout(const CTTensor *input, double probability) {
  return make([&] { return at::dropout(input->value, probability, /*train=*/true); });
}

CTTensor *ct_attention(const CTTensor *query, const CTTensor *key, const CTTensor *value,
                       const CTTensor *mask, bool causal, double scale) {
  return make([&] {
    const bool grouped = query->value.size(1) != key->value.size(1);
    return at::scaled_dot_product_attention(query->value, key->value, value->value, optional(mask),
                                            /*dropout_p=*/0.0, causal, scale, grouped);
  });
}

namespace {

// RMS normalisation with one fused pass each way on the CPU; libtorch's own composes it of many
// small operations there.
struct RMSNorm : torch::autograd::Function<RMSNorm> {
  static at::Tensor forward(torch::autograd::AutogradContext *context, const at::Tensor &input,
                            const at::Tensor &weight, double epsilon) {
    auto wide = input.scalar_type() == at::kDouble ? input : input.to(at::kFloat);
    auto scale = wide.square().mean(-1, true).add_(epsilon).rsqrt_();
    context->save_for_backward({input, weight, scale});
    return (wide * scale).to(input.scalar_type()).mul_(weight);
  }

  static torch::autograd::tensor_list backward(torch::autograd::AutogradContext *context,
                                               torch::autograd::tensor_list gradients) {
    auto saved = context->get_saved_variables();
    const auto &input = saved[0], &weight = saved[1], &scale = saved[2];
    auto type = scale.scalar_type();
    auto normal = input.to(type) * scale;
    auto upstream = gradients[0].to(type);
    auto weighted = upstream * weight.to(type);
    // d/dx of x s(x): s (g - n mean(g n)) with n the normalised input.
    auto inner = (weighted * normal).mean(-1, true);
    auto input_gradient = weighted.addcmul_(normal, inner, -1).mul_(scale).to(input.scalar_type());
    auto weight_gradient = upstream.mul(normal)
                               .reshape({-1, weight.size(0)})
                               .sum(0)
                               .to(weight.scalar_type());
    return {input_gradient, weight_gradient, at::Tensor()};
  }
};

at::Tensor rotate_half(const at::Tensor &t) {
  const int64_t half = t.size(-1) / 2;
  return at::cat({t.narrow(-1, half, half).neg(), t.narrow(-1, 0, half)}, -1);
}

struct TokenLogProbs : torch::autograd::Function<TokenLogProbs> {
  static torch::autograd::tensor_list forward(torch::autograd::AutogradContext *context,
                                              const at::Tensor &hidden, const at::Tensor &weight,
                                              const at::Tensor &targets, double temperature,
                                              int64_t chunk) {
    const int64_t rows = hidden.size(0);
    TORCH_CHECK(targets.dim() == 1 && targets.size(0) == rows,
                "targets must be [rows] like hidden [rows, width]");
    auto type = hidden.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
    auto log_probs = at::empty({rows}, hidden.options().dtype(type));
    auto entropies = at::empty_like(log_probs);
    auto normalizers = at::empty_like(log_probs);
    const bool keep = rows <= chunk;
    at::Tensor kept;
    for (int64_t start = 0; start < rows; start += chunk) {
      const int64_t count = std::min(chunk, rows - start);
      auto logits =
          at::linear(hidden.narrow(0, start, count), weight).to(type).div_(temperature);
      auto normalizer = logits.logsumexp(-1);
      auto chosen = logits.gather(1, targets.narrow(0, start, count).unsqueeze(1)).squeeze(1);
      auto probabilities = (logits - normalizer.unsqueeze(1)).exp_();
      log_probs.narrow(0, start, count).copy_(chosen - normalizer);
      entropies.narrow(0, start, count)
          .copy_(normalizer - probabilities.mul(logits).sum(-1));
      normalizers.narrow(0, start, count).copy_(normalizer);
      if (keep) kept = probabilities;
    }
    context->save_for_backward({hidden, weight, targets, normalizers, kept});
    context->saved_data["temperature"] = temperature;
    context->saved_data["chunk"] = chunk;
    context->mark_non_differentiable({entropies});
    return {log_probs, entropies};
  }

  static torch::autograd::tensor_list backward(torch::autograd::AutogradContext *context,
                                               torch::autograd::tensor_list gradients) {
    auto saved = context->get_saved_variables();
    const auto &hidden = saved[0], &weight = saved[1], &targets = saved[2],
               &normalizers = saved[3], &kept = saved[4];
    const double temperature = context->saved_data["temperature"].toDouble();
    const int64_t chunk = context->saved_data["chunk"].toInt();
    const int64_t rows = hidden.size(0);
    auto hidden_gradient = at::empty_like(hidden);
    auto weight_gradient = at::zeros_like(weight);
    for (int64_t start = 0; start < rows; start += chunk) {
      const int64_t count = std::min(chunk, rows - start);
      auto part = hidden.narrow(0, start, count);
      at::Tensor slope;  // d loss / d logits = g (onehot - p) / temperature
      auto upstream = gradients[0].narrow(0, start, count).div(temperature).unsqueeze(1);
      if (kept.defined()) {
        slope = kept.mul(upstream).neg_();
      } else {
        slope = at::linear(part, weight)
                    .to(normalizers.scalar_type())
                    .div_(temperature)
                    .sub_(normalizers.narrow(0, start, count).unsqueeze(1))
                    .exp_()
                    .mul_(upstream)
                    .neg_();
      }
      slope.scatter_add_(1, targets.narrow(0, start, count).unsqueeze(1), upstream);
      slope = slope.to(hidden.scalar_type());
      hidden_gradient.narrow(0, start, count).copy_(at::matmul(slope, weight));
      weight_gradient.addmm_(slope.t(), part);
    }
    return {hidden_gradient, weight_gradient, at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

CTTensor *ct_rms_norm(const CTTensor *input, const CTTensor *weight, double epsilon) {
  return make([&] { return RMSNorm::apply(input->value, weight->value, epsilon); });
}

CTTensor *ct_rotary(const CTTensor *input, const CTTensor *cos, const CTTensor *sin) {
  return make(
      [&] { return input->value.mul(cos->value).add(rotate_half(input->value).mul(sin->value)); });
}

int ct_token_log_probs(const CTTensor *hidden, const CTTensor *weight, const CTTensor *targets,
                       double temperature, int64_t chunk_rows, CTTensor **log_probs,
                       CTTensor **entropies) {
  return run([&] {
    auto results = TokenLogProbs::apply(hidden->value, weight->value, targets->value, temperature,
                                        chunk_rows);
    *log_probs = new CTTensor{results[0]};
    *entropies = new CTTensor{results[1]};
  });
}

// MARK: Autograd

bool ct_set_gradient_mode(bool enabled) {
  const bool before = at::GradMode::is_enabled();
  at::GradMode::set_enabled(enabled);
  return before;
}
bool ct_gradient_mode(void) { return at::GradMode::is_enabled(); }
int ct_set_requires_gradient(CTTensor *t, bool required) {
  return run([&] { t->value.set_requires_grad(required); });
}
bool ct_requires_gradient(const CTTensor *t) { return t->value.requires_grad(); }
CTTensor *ct_detach(const CTTensor *t) {
  return make([&] { return t->value.detach(); });
}
int ct_backward(const CTTensor *t, const CTTensor *gradient) {
  return run([&] { t->value.backward(gradient ? gradient->value : at::Tensor()); });
}
CTTensor *ct_gradient(const CTTensor *t) {
  set_error("");
  return make([&]() -> at::Tensor {
    TORCH_CHECK(t->value.grad().defined(), "");
    return t->value.grad();
  });
}
int ct_clear_gradient(CTTensor *t) {
  return run([&] { t->value.mutable_grad() = at::Tensor(); });
}
int ct_gradients_of(const CTTensor *output, CTTensor *const *inputs, int count,
                    CTTensor **gradients) {
  return run([&] {
    auto results = torch::autograd::grad({output->value}, values(inputs, count), {},
                                         /*retain_graph=*/true, /*create_graph=*/false,
                                         /*allow_unused=*/true);
    for (int i = 0; i < count; i++) {
      gradients[i] = results[i].defined() ? new CTTensor{results[i]} : nullptr;
    }
  });
}

// MARK: Optimisation

int ct_adamw_step(CTTensor *const *parameters, CTTensor *const *first_moments,
                  CTTensor *const *second_moments, CTTensor *const *steps, int count,
                  double learning_rate, double beta1, double beta2, double epsilon,
                  double weight_decay) {
  return run([&] {
    at::NoGradGuard guard;
    std::vector<at::Tensor> weights, gradients, first, second, counts;
    for (int i = 0; i < count; i++) {
      const auto &parameter = parameters[i]->value;
      if (!parameter.grad().defined()) continue;
      weights.push_back(parameter);
      gradients.push_back(parameter.grad());
      first.push_back(first_moments[i]->value);
      second.push_back(second_moments[i]->value);
      counts.push_back(steps[i]->value);
    }
    if (weights.empty()) return;
    at::_foreach_add_(counts, 1);
    at::_fused_adamw_(weights, gradients, first, second, {}, counts, learning_rate, beta1, beta2,
                      weight_decay, epsilon, /*amsgrad=*/false, /*maximize=*/false);
  });
}

CTTensor *ct_clip_gradient_norm(CTTensor *const *parameters, int count, double maximum) {
  return make([&] {
    at::NoGradGuard guard;
    std::vector<at::Tensor> gradients;
    for (int i = 0; i < count; i++) {
      if (parameters[i]->value.grad().defined()) gradients.push_back(parameters[i]->value.grad());
    }
    if (gradients.empty()) return at::zeros({});
    auto norms = at::_foreach_norm(gradients, 2);
    auto total = at::linalg_vector_norm(at::stack(norms), 2);
    if (maximum > 0) {
      // The same small number as torch.nn.utils.clip_grad_norm_ keeps a zero norm harmless.
      auto factor = (maximum / (total + 1e-6)).clamp_max(1.0);
      for (auto &gradient : gradients) gradient.mul_(factor);
    }
    return total;
  });
}

// MARK: Random numbers

CTGenerator *ct_generator_new(uint64_t seed, int device_type, int device_index) {
  CTGenerator *result = nullptr;
  run([&] {
    auto where = device(device_type, device_index);
    auto generator = device_type == CT_CPU
                         ? at::make_generator<at::CPUGeneratorImpl>(seed)
                         : at::globalContext().defaultGenerator(where).clone();
    generator.set_current_seed(seed);
    result = new CTGenerator{generator};
  });
  return result;
}
void ct_generator_free(CTGenerator *generator) { delete generator; }
CTTensor *ct_generator_state(const CTGenerator *generator) {
  return make([&] { return generator->value.get_state(); });
}
int ct_generator_set_state(CTGenerator *generator, const CTTensor *state) {
  return run([&] { generator->value.set_state(state->value); });
}
CTTensor *ct_rand(const int64_t *shape, int rank, int dtype, CTGenerator *generator) {
  return make([&] {
    return at::rand(list(shape, rank), generator->value,
                    at::TensorOptions().dtype(scalar_type(dtype)).device(
                        generator->value.device()));
  });
}
CTTensor *ct_randn(const int64_t *shape, int rank, int dtype, CTGenerator *generator) {
  return make([&] {
    return at::randn(list(shape, rank), generator->value,
                     at::TensorOptions().dtype(scalar_type(dtype)).device(
                         generator->value.device()));
  });
}
CTTensor *ct_randperm(int64_t count, CTGenerator *generator) {
  return make([&] {
    return at::randperm(count, generator->value,
                        at::TensorOptions().dtype(at::kLong).device(generator->value.device()));
  });
}
