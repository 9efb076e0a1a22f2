import Models
import Torch

/// AdamW over all parameters of a model; matrices decay, norms and biases do not.
func makeOptimizer(
  _ model: CausalLanguageModel, betas: (Double, Double), epsilon: Double, weightDecay: Double
) -> AdamW {
  let parameters = model.parameters
  return AdamW(
    [
      .init(parameters.filter { $0.tensor.rank > 1 }, weightDecay: weightDecay),
      .init(parameters.filter { $0.tensor.rank <= 1 }),
    ], betas: betas, epsilon: epsilon)
}
