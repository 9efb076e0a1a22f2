import CTorch

extension Tensor {
  @inline(__always)
  private static func binary(
    _ operation: Int, _ left: Tensor, _ right: Tensor, _ name: StaticString = #function
  ) -> Tensor {
    checked(ct_binary(Int32(operation), left.handle, right.handle), name)
  }

  @inline(__always)
  private static func binary(
    _ operation: Int, _ left: Tensor, _ right: Double, _ name: StaticString = #function
  ) -> Tensor {
    checked(ct_binary_scalar(Int32(operation), left.handle, right), name)
  }

  @inline(__always)
  private func unary(_ operation: Int, _ name: StaticString = #function) -> Tensor {
    checked(ct_unary(Int32(operation), handle), name)
  }

  /// Sum, element by element, with broadcasting.
  public static func + (left: Tensor, right: Tensor) -> Tensor { binary(CT_ADD, left, right) }
  /// Sum with a number.
  public static func + (left: Tensor, right: Double) -> Tensor { binary(CT_ADD, left, right) }
  /// Sum with a number.
  public static func + (left: Double, right: Tensor) -> Tensor { right + left }
  /// Difference, element by element, with broadcasting.
  public static func - (left: Tensor, right: Tensor) -> Tensor { binary(CT_SUB, left, right) }
  /// Difference with a number.
  public static func - (left: Tensor, right: Double) -> Tensor { binary(CT_SUB, left, right) }
  /// A number less every element.
  public static func - (left: Double, right: Tensor) -> Tensor {
    binary(CT_RSUB, right, left)
  }
  /// Product, element by element, with broadcasting.
  public static func * (left: Tensor, right: Tensor) -> Tensor { binary(CT_MUL, left, right) }
  /// Product with a number.
  public static func * (left: Tensor, right: Double) -> Tensor { binary(CT_MUL, left, right) }
  /// Product with a number.
  public static func * (left: Double, right: Tensor) -> Tensor { right * left }
  /// Quotient, element by element, with broadcasting.
  public static func / (left: Tensor, right: Tensor) -> Tensor { binary(CT_DIV, left, right) }
  /// Quotient with a number.
  public static func / (left: Tensor, right: Double) -> Tensor { binary(CT_DIV, left, right) }
  /// A number divided by every element.
  public static func / (left: Double, right: Tensor) -> Tensor { right.reciprocal() * left }
  /// Every element negated.
  public static prefix func - (tensor: Tensor) -> Tensor { tensor.unary(CT_NEG) }

  /// Equality, element by element, as truth values.
  public static func .== (left: Tensor, right: Tensor) -> Tensor { binary(CT_EQ, left, right) }
  /// Equality with a number.
  public static func .== (left: Tensor, right: Double) -> Tensor { binary(CT_EQ, left, right) }
  /// Inequality, element by element.
  public static func .!= (left: Tensor, right: Tensor) -> Tensor { binary(CT_NE, left, right) }
  /// Inequality with a number.
  public static func .!= (left: Tensor, right: Double) -> Tensor { binary(CT_NE, left, right) }
  /// Less, element by element.
  public static func .< (left: Tensor, right: Tensor) -> Tensor { binary(CT_LT, left, right) }
  /// Less than a number.
  public static func .< (left: Tensor, right: Double) -> Tensor { binary(CT_LT, left, right) }
  /// Less or equal, element by element.
  public static func .<= (left: Tensor, right: Tensor) -> Tensor { binary(CT_LE, left, right) }
  /// Less than or equal to a number.
  public static func .<= (left: Tensor, right: Double) -> Tensor { binary(CT_LE, left, right) }
  /// Greater, element by element.
  public static func .> (left: Tensor, right: Tensor) -> Tensor { binary(CT_GT, left, right) }
  /// Greater than a number.
  public static func .> (left: Tensor, right: Double) -> Tensor { binary(CT_GT, left, right) }
  /// Greater or equal, element by element.
  public static func .>= (left: Tensor, right: Tensor) -> Tensor { binary(CT_GE, left, right) }
  /// Greater than or equal to a number.
  public static func .>= (left: Tensor, right: Double) -> Tensor { binary(CT_GE, left, right) }
  /// Both true, element by element.
  public static func .& (left: Tensor, right: Tensor) -> Tensor {
    binary(CT_LOGICAL_AND, left, right)
  }
  /// At least one true, element by element.
  public static func .| (left: Tensor, right: Tensor) -> Tensor {
    binary(CT_LOGICAL_OR, left, right)
  }

  /// Truth values negated.
  public func logicalNot() -> Tensor { unary(CT_LOGICAL_NOT) }
  /// Whether elements are neither infinite nor NaN.
  public func isFinite() -> Tensor { unary(CT_IS_FINITE) }

  /// The smaller of two, element by element.
  public static func minimum(_ left: Tensor, _ right: Tensor) -> Tensor {
    binary(CT_MINIMUM, left, right)
  }
  /// The greater of two, element by element.
  public static func maximum(_ left: Tensor, _ right: Tensor) -> Tensor {
    binary(CT_MAXIMUM, left, right)
  }
  /// Elements limited to a range.
  public func clamped(min: Double = -.infinity, max: Double = .infinity) -> Tensor {
    checked(ct_clamp(handle, min, max))
  }
  /// Elements to a power.
  public func power(_ exponent: Double) -> Tensor { Tensor.binary(CT_POW, self, exponent) }
  /// Quotient rounded down.
  public func floorDivided(by divisor: Double) -> Tensor {
    Tensor.binary(CT_FLOOR_DIVIDE, self, divisor)
  }
  /// Remainder with the divisor's sign.
  public func remainder(_ divisor: Double) -> Tensor {
    Tensor.binary(CT_REMAINDER, self, divisor)
  }

  /// The exponential.
  public func exp() -> Tensor { unary(CT_EXP) }
  /// exp(x) - 1, exact near 0.
  public func expm1() -> Tensor { unary(CT_EXPM1) }
  /// The natural logarithm.
  public func log() -> Tensor { unary(CT_LOG) }
  /// log(1 + x), exact near 0.
  public func log1p() -> Tensor { unary(CT_LOG1P) }
  /// The square root.
  public func sqrt() -> Tensor { unary(CT_SQRT) }
  /// 1 / sqrt(x).
  public func rsqrt() -> Tensor { unary(CT_RSQRT) }
  /// x².
  public func squared() -> Tensor { unary(CT_SQUARE) }
  /// |x|.
  public func abs() -> Tensor { unary(CT_ABS) }
  /// -1, 0 or 1.
  public func sign() -> Tensor { unary(CT_SIGN) }
  /// The sine.
  public func sin() -> Tensor { unary(CT_SIN) }
  /// The cosine.
  public func cos() -> Tensor { unary(CT_COS) }
  /// The hyperbolic tangent.
  public func tanh() -> Tensor { unary(CT_TANH) }
  /// 1 / (1 + exp(-x)).
  public func sigmoid() -> Tensor { unary(CT_SIGMOID) }
  /// log(sigmoid(x)) without overflow.
  public func logSigmoid() -> Tensor { unary(CT_LOG_SIGMOID) }
  /// log(1 + exp(x)) without overflow.
  public func softplus() -> Tensor { unary(CT_SOFTPLUS) }
  /// max(x, 0).
  public func relu() -> Tensor { unary(CT_RELU) }
  /// x sigmoid(x).
  public func silu() -> Tensor { unary(CT_SILU) }
  /// The Gaussian error linear unit; `approximated` takes the tanh form.
  public func gelu(approximated: Bool = false) -> Tensor {
    unary(approximated ? CT_GELU_TANH : CT_GELU)
  }
  /// Rounded down.
  public func floor() -> Tensor { unary(CT_FLOOR) }
  /// 1 / x.
  public func reciprocal() -> Tensor { unary(CT_RECIPROCAL) }
}

// MARK: - Reductions

extension Tensor {
  @inline(__always)
  private func reduce(
    _ operation: Int, _ dims: [Int], _ keepDims: Bool, _ name: StaticString = #function
  ) -> Tensor {
    checked(ct_reduce(Int32(operation), handle, int64(dims), Int32(dims.count), keepDims), name)
  }

  /// The sum over `dims`; over everything when none is named.
  public func sum(_ dims: Int..., keepDims: Bool = false) -> Tensor {
    reduce(CT_SUM, dims, keepDims)
  }
  /// The mean over `dims`; over everything when none is named.
  public func mean(_ dims: Int..., keepDims: Bool = false) -> Tensor {
    reduce(CT_MEAN, dims, keepDims)
  }
  /// The greatest element over `dims`; over everything when none is named.
  public func max(_ dims: Int..., keepDims: Bool = false) -> Tensor {
    reduce(CT_AMAX, dims, keepDims)
  }
  /// The smallest element over `dims`; over everything when none is named.
  public func min(_ dims: Int..., keepDims: Bool = false) -> Tensor {
    reduce(CT_AMIN, dims, keepDims)
  }
  /// log(sum(exp(x))) over `dims`, without overflow.
  public func logSumExp(_ dims: Int..., keepDims: Bool = false) -> Tensor {
    reduce(CT_LOGSUMEXP, dims, keepDims)
  }
  /// The Euclidean norm over `dims`; over everything when none is named.
  public func norm(_ dims: Int..., keepDims: Bool = false) -> Tensor {
    reduce(CT_NORM2, dims, keepDims)
  }
  /// The variance along `dim` with `correction` taken from the count (1: sample, 0: population).
  public func variance(_ dim: Int, correction: Int = 1, keepDims: Bool = false) -> Tensor {
    checked(ct_variance(handle, Int32(dim), Int64(correction), keepDims))
  }
  /// Whether any element is true, as a scalar.
  public func any() -> Tensor { checked(ct_any(handle)) }
  /// Whether all elements are true, as a scalar.
  public func all() -> Tensor { checked(ct_all(handle)) }
  /// The index of the greatest element along `dim`; the first of equals on the CPU.
  public func argmax(_ dim: Int) -> Tensor { checked(ct_argmax(handle, Int32(dim))) }
  /// Running sums along `dim`.
  public func cumulativeSum(_ dim: Int) -> Tensor { checked(ct_cumsum(handle, Int32(dim))) }

  /// Values in order along `dim`, equal ones in their old order, and where they came from.
  public func sorted(_ dim: Int, descending: Bool = false) -> (values: Tensor, indices: Tensor) {
    var values: OpaquePointer?
    var indices: OpaquePointer?
    check(ct_sort(handle, Int32(dim), descending, &values, &indices))
    return (checked(values), checked(indices))
  }

  /// The `count` greatest values along `dim` in descending order, and where they came from.
  public func topK(_ count: Int, dim: Int = -1) -> (values: Tensor, indices: Tensor) {
    var values: OpaquePointer?
    var indices: OpaquePointer?
    check(ct_topk(handle, Int64(count), Int32(dim), &values, &indices))
    return (checked(values), checked(indices))
  }
}
