/// Dropout (Srivastava et al. 2014) that draws from a seeded generator of its own, so that training
/// does not depend on what else the process draws and can be repeated.
public struct Dropout {
  private let keep: Double
  private let generator: RandomGenerator

  /// Zeroes elements with `probability`, below 1, and scales the others up to keep the mean.
  public init(_ probability: Double, generator: RandomGenerator) {
    precondition((0..<1).contains(probability), "a dropout probability of \(probability)")
    keep = 1 - probability
    self.generator = generator
  }

  /// The elements of `input` that are kept, scaled.
  public func callAsFunction(_ input: Tensor) -> Tensor {
    if keep == 1 { return input }
    let kept = generator.uniform(input.shape, dtype: input.dtype) .< keep
    return input * (kept.to(input.dtype) * (1 / keep))
  }
}
