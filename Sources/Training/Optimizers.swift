import Models
import Torch

/// AdamW over what is trained of a model, all weights or its adapter; matrices decay, norms and biases do not.
func makeOptimizer(
  _ model: CausalLanguageModel, betas: (Double, Double), epsilon: Double, weightDecay: Double
) -> AdamW {
  let parameters = model.trainedParameters
  return AdamW(
    [
      .init(parameters.filter { $0.tensor.rank > 1 }, weightDecay: weightDecay),
      .init(parameters.filter { $0.tensor.rank <= 1 }),
    ], betas: betas, epsilon: epsilon)
}
