// Token log-probabilities straight from hidden states, logits in chunks of rows.
#include "FusedSupport.h"
#include "Kernels.h"

using namespace ctorch;
using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::tensor_list;

namespace {

struct Scored {
  at::Tensor log_probs, entropies, normalizers;
  // [rows, vocabulary], when there was one chunk only and a gradient may be asked for.
  at::Tensor probabilities;
};

Scored score(const at::Tensor &hidden, const at::Tensor &weight, const at::Tensor &targets,
             double temperature, int64_t chunk, bool with_history) {
  const int64_t rows = hidden.size(0), vocabulary = weight.size(0);
  const auto type = hidden.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
  Scored result;
  result.log_probs = at::empty({rows}, hidden.options().dtype(type));
  result.entropies = at::empty_like(result.log_probs);
  result.normalizers = at::empty_like(result.log_probs);
  const bool keep = with_history && rows <= chunk;
  for (int64_t start = 0; start < rows; start += chunk) {
    const int64_t count = std::min(chunk, rows - start);
    auto logits = at::linear(hidden.narrow(0, start, count), weight);
    if (is_plain(logits)) {
      float *values = logits.data_ptr<float>();
      const int64_t *chosen = targets.const_data_ptr<int64_t>() + start;
      float *log_probs = result.log_probs.data_ptr<float>() + start,
            *normalizers = result.normalizers.data_ptr<float>() + start,
            *entropies = result.entropies.data_ptr<float>() + start;
      in_parallel(count, vocabulary, [&](int64_t begin, int64_t end) {
        kernels::token_log_probs(values + begin * vocabulary, chosen + begin,
                                 static_cast<float>(1 / temperature), keep, log_probs + begin,
                                 normalizers + begin, entropies + begin, end - begin, vocabulary);
      });
      if (keep) result.probabilities = logits;
      continue;
    }
    logits = logits.to(type).div_(temperature);
    const auto normalizer = logits.logsumexp(-1);
    const auto chosen = logits.gather(1, targets.narrow(0, start, count).unsqueeze(1)).squeeze(1);
    const auto probabilities = (logits - normalizer.unsqueeze(1)).exp_();
    result.log_probs.narrow(0, start, count).copy_(chosen - normalizer);
    result.entropies.narrow(0, start, count)
        .copy_(normalizer - probabilities.mul(logits).sum(-1));
    result.normalizers.narrow(0, start, count).copy_(normalizer);
    if (keep) result.probabilities = probabilities;
  }
  return result;
}

// The gradient in the logits of one chunk: g (onehot - p) / temperature, in a tensor of its own.
at::Tensor slope_of(const at::Tensor &hidden, const at::Tensor &weight, const at::Tensor &targets,
                    const at::Tensor &normalizers, const at::Tensor &kept,
                    const at::Tensor &upstream, double temperature) {
  if (is_plain(hidden) && is_plain(weight)) {
    auto slope = kept.defined() ? kept.clone() : at::linear(hidden, weight);
    const auto g = upstream.contiguous();
    const int64_t vocabulary = slope.size(1);
    float *values = slope.data_ptr<float>();
    const float *sums = kept.defined() ? nullptr : normalizers.const_data_ptr<float>();
    in_parallel(slope.size(0), vocabulary, [&](int64_t begin, int64_t end) {
      kernels::token_log_probs_backward(
          values + begin * vocabulary, sums ? sums + begin : nullptr,
          targets.const_data_ptr<int64_t>() + begin, g.const_data_ptr<float>() + begin,
          static_cast<float>(1 / temperature), end - begin, vocabulary);
    });
    return slope;
  }
  const auto scaled = upstream.div(temperature).unsqueeze(1);
  at::Tensor slope;
  if (kept.defined()) {
    slope = kept.mul(scaled).neg_();
  } else {
    slope = at::linear(hidden, weight)
                .to(normalizers.scalar_type())
                .div_(temperature)
                .sub_(normalizers.unsqueeze(1))
                .exp_()
                .mul_(scaled)
                .neg_();
  }
  return slope.scatter_add_(1, targets.unsqueeze(1), scaled).to(hidden.scalar_type());
}

struct TokenLogProbs : Function<TokenLogProbs> {
  static tensor_list forward(AutogradContext *context, const at::Tensor &hidden,
                             const at::Tensor &weight, const at::Tensor &targets,
                             double temperature, int64_t chunk) {
    auto result = score(hidden, weight, targets, temperature, chunk, /*with_history=*/true);
    context->save_for_backward(
        {hidden, weight, targets, result.normalizers, result.probabilities});
    context->saved_data["temperature"] = temperature;
    context->saved_data["chunk"] = chunk;
    context->mark_non_differentiable({result.entropies});
    return {result.log_probs, result.entropies};
  }

  static tensor_list backward(AutogradContext *context, tensor_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto &hidden = saved[0], &weight = saved[1], &targets = saved[2],
               &normalizers = saved[3], &kept = saved[4];
    const double temperature = context->saved_data["temperature"].toDouble();
    const int64_t chunk = context->saved_data["chunk"].toInt();
    const int64_t rows = hidden.size(0);
    at::Tensor hidden_gradient, weight_gradient;
    if (context->needs_input_grad(0)) hidden_gradient = at::empty_like(hidden);
    if (context->needs_input_grad(1)) weight_gradient = at::zeros_like(weight);
    for (int64_t start = 0; start < rows; start += chunk) {
      const int64_t count = std::min(chunk, rows - start);
      const auto part = hidden.narrow(0, start, count);
      const auto slope = slope_of(part, weight, targets.narrow(0, start, count),
                                  normalizers.narrow(0, start, count), kept,
                                  gradients[0].narrow(0, start, count), temperature);
      if (hidden_gradient.defined()) {
        auto place = hidden_gradient.narrow(0, start, count);
        at::mm_out(place, slope, weight);
      }
      if (weight_gradient.defined()) weight_gradient.addmm_(slope.t(), part);
    }
    return {hidden_gradient, weight_gradient, at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

int ct_token_log_probs(const CTTensor *hidden, const CTTensor *weight, const CTTensor *targets,
                       double temperature, int64_t chunk_rows, CTTensor **log_probs,
                       CTTensor **entropies) {
  return run([&] {
    const auto &h = hidden->value, &w = weight->value;
    TORCH_CHECK(h.dim() == 2 && w.dim() == 2 && h.size(1) == w.size(1), "hidden ", h.sizes(),
                " must be [rows, width] and weight ", w.sizes(), " [vocabulary, width]");
    TORCH_CHECK(targets->value.dim() == 1 && targets->value.size(0) == h.size(0) &&
                    targets->value.scalar_type() == at::kLong,
                "targets must be int64 [rows] like hidden [rows, width], found ",
                targets->value.scalar_type(), " ", targets->value.sizes());
    const auto chosen = targets->value.contiguous();
    if (chosen.is_cpu()) {
      const int64_t *values = chosen.const_data_ptr<int64_t>();
      for (int64_t i = 0; i < chosen.numel(); i++) {
        TORCH_CHECK(values[i] >= 0 && values[i] < w.size(0), "target ", i, " is ", values[i],
                    ", expected 0 ..< ", w.size(0));
      }
    }
    if (needs_history(h, w)) {
      auto results = TokenLogProbs::apply(h, w, chosen, temperature, chunk_rows);
      *log_probs = new CTTensor{results[0]};
      *entropies = new CTTensor{results[1]};
    } else {
      auto result = score(h, w, chosen, temperature, chunk_rows, /*with_history=*/false);
      *log_probs = new CTTensor{result.log_probs};
      *entropies = new CTTensor{result.entropies};
    }
  });
}
