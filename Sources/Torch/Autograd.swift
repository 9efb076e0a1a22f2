import CTorch

extension Tensor {
  /// Whether operations on this tensor are recorded for gradients.
  public var requiresGradient: Bool {
    get { ct_requires_gradient(handle) }
    set { check(ct_set_requires_gradient(handle, newValue)) }
  }

  /// The same memory without history.
  public func detached() -> Tensor { checked(ct_detach(handle)) }

  /// Adds d self / d leaf to the gradient of every leaf; `self` is a scalar unless `gradient`, of its
  /// shape, is given.
  public func backward(gradient: Tensor? = nil) { check(ct_backward(handle, gradient?.handle)) }

  /// What `backward` has gathered; nil before.
  public var gradient: Tensor? { ct_gradient(handle).map(Tensor.init(owning:)) }

  /// Forgets the gathered gradient.
  public func clearGradient() { check(ct_clear_gradient(handle)) }
}

/// d output / d input for every input; nil for an input that has no part in `output`. The history is
/// kept, so more gradients can be taken.
///
/// - Parameter output: a scalar.
public func gradient(of output: Tensor, withRespectTo inputs: [Tensor]) -> [Tensor?] {
  var gradients = [OpaquePointer?](repeating: nil, count: inputs.count)
  withHandles(inputs) { handles, count in
    check(ct_gradients_of(output.handle, handles, count, &gradients))
  }
  return gradients.map { $0.map(Tensor.init(owning:)) }
}

/// Runs `body` without recording history.
public func withoutGradients<Result>(_ body: () throws -> Result) rethrows -> Result {
  let before = ct_set_gradient_mode(false)
  defer { _ = ct_set_gradient_mode(before) }
  return try body()
}
