// Autograd, optimisation, random numbers.
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include "Support.h"

using namespace ctorch;

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
  const auto &gradient = t->value.grad();
  return gradient.defined() ? make([&] { return gradient; }) : nullptr;
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
