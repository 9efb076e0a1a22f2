import CTorch

/// AdamW (Loshchilov and Hutter 2019): Adam with weight decay apart from the gradient.
public final class AdamW {
  /// A named parameter.
  public typealias NamedParameter = (name: String, tensor: Tensor)

  /// Parameters that share a weight decay and a learning-rate factor.
  public struct ParameterGroup {
    /// The parameters, each a leaf that requires a gradient.
    public let parameters: [NamedParameter]
    /// The decay per step as a share of the learning rate.
    public let weightDecay: Double
    /// What the learning rate of a step is multiplied with for this group.
    public let learningRateFactor: Double

    /// A group of parameters.
    public init(
      _ parameters: [NamedParameter], weightDecay: Double = 0, learningRateFactor: Double = 1
    ) {
      self.parameters = parameters
      self.weightDecay = weightDecay
      self.learningRateFactor = learningRateFactor
    }
  }

  private struct Moments {
    let first: [Tensor]
    let second: [Tensor]
    let steps: [Tensor]
  }

  /// The groups in the order they were given.
  public let groups: [ParameterGroup]
  private let moments: [Moments]
  private let betas: (Double, Double)
  private let epsilon: Double

  /// An optimizer whose moments are zero.
  public init(
    _ groups: [ParameterGroup], betas: (Double, Double) = (0.9, 0.999), epsilon: Double = 1e-8
  ) {
    let names = groups.flatMap { $0.parameters.map(\.name) }
    require(Set(names).count == names.count, "two parameters of one name")
    self.groups = groups
    self.betas = betas
    self.epsilon = epsilon
    moments = groups.map { group in
      let tensors = group.parameters.map(\.tensor)
      return Moments(
        first: tensors.map { $0.zeros($0.shape) },
        second: tensors.map { $0.zeros($0.shape) },
        steps: tensors.map { .zeros([], dtype: .float32, device: $0.device) })
    }
  }

  /// All parameters of all groups.
  public var parameters: [NamedParameter] { groups.flatMap(\.parameters) }

  /// Changes every parameter that has a gradient.
  public func step(learningRate: Double) {
    for (group, moments) in zip(groups, moments) {
      withHandles(group.parameters.map(\.tensor)) { parameters, count in
        withHandles(moments.first) { first, _ in
          withHandles(moments.second) { second, _ in
            withHandles(moments.steps) { steps, _ in
              check(
                ct_adamw_step(
                  parameters, first, second, steps, count,
                  learningRate * group.learningRateFactor, betas.0, betas.1, epsilon,
                  group.weightDecay))
            }
          }
        }
      }
    }
  }

  /// Forgets all gradients.
  public func clearGradients() {
    for parameter in parameters { parameter.tensor.clearGradient() }
  }

  /// Scales all gradients down so that their joint 2-norm is at most `maximum` (nil only measures).
  ///
  /// - Returns: the norm before scaling.
  public func clipGradientNorm(to maximum: Double?) -> Double {
    withHandles(parameters.map(\.tensor)) { handles, count in
      checked(ct_clip_gradient_norm(handles, count, maximum ?? 0)).item
    }
  }

  /// The moments and step counts by parameter name: what a checkpoint needs.
  public var state: [(name: String, tensor: Tensor)] {
    zip(groups, moments).flatMap { group, moments in
      group.parameters.indices.flatMap { index in
        let name = group.parameters[index].name
        return [
          ("first.\(name)", moments.first[index]), ("second.\(name)", moments.second[index]),
          ("step.\(name)", moments.steps[index]),
        ]
      }
    }
  }

  /// Restores what `state` gave, all of it or, when something does not fit, nothing.
  ///
  /// - Throws: `OptimizerStateError` naming the entry that is missing or has another shape.
  public func restore(_ saved: (String) throws -> Tensor?) throws {
    var values: [(place: Tensor, value: Tensor)] = []
    for (name, tensor) in state {
      guard let value = try saved(name) else {
        throw OptimizerStateError(description: "the optimizer state has no entry \(name)")
      }
      guard value.shape == tensor.shape else {
        throw OptimizerStateError(
          description:
            "the optimizer state's \(name) has shape \(value.shape), expected \(tensor.shape)")
      }
      values.append((tensor, value))
    }
    withoutGradients {
      for (place, value) in values { place.copy(from: value) }
    }
  }
}

/// A saved optimizer state that does not fit the parameters.
public struct OptimizerStateError: Error, CustomStringConvertible {
  /// Which entry, what was found and what was expected.
  public let description: String
}
