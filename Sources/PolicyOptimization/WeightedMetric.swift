import Torch

/// A mean in two parts, so that means over micro-batches, processes and steps add up exactly; or an
/// extreme, which does so too.
public struct WeightedMetric: Sendable, Equatable {
  /// How two parts become one.
  public enum Combination: Sendable, Equatable {
    /// Sums and weights add up.
    case mean
    /// The smaller value counts.
    case minimum
    /// The greater value counts.
    case maximum
  }

  /// The weighted sum of the values; for an extreme the value itself.
  public var sum: Double
  /// The sum of the weights; for an extreme 1.
  public var weight: Double
  /// How it is combined with others of its name.
  public private(set) var combination = Combination.mean

  /// A mean of `sum` over `weight`.
  public init(sum: Double, weight: Double) {
    self.sum = sum
    self.weight = weight
  }

  /// An extreme.
  init(_ combination: Combination, _ value: Double) {
    self.init(sum: value, weight: 1)
    self.combination = combination
  }

  /// The plain mean of `values`.
  public init(mean values: some Sequence<Double>) {
    self.init(sum: 0, weight: 0)
    for value in values {
      sum += value
      weight += 1
    }
  }

  /// The share of true values.
  public init(share values: some Sequence<Bool>) {
    self.init(mean: values.lazy.map { $0 ? 1 : 0 })
  }

  /// Pearson's correlation of two equally long lists, with their length as weight; nil where a side does
  /// not vary.
  init?(correlation left: [Double], _ right: [Double]) {
    let deviations = [left, right].map(DeviationKind.population.of)
    guard deviations.allSatisfy({ $0 >= GroupAdvantage.noise }) else { return nil }
    let count = Double(left.count)
    let means = (left.reduce(0, +) / count, right.reduce(0, +) / count)
    let products = zip(left, right).reduce(0) { $0 + ($1.0 - means.0) * ($1.1 - means.1) }
    self.init(sum: products / (deviations[0] * deviations[1]), weight: count)
  }

  /// The mean; 0 where nothing was measured.
  public var mean: Double { weight == 0 ? 0 : sum / weight }

  /// The mean, or the extreme, over both.
  public static func + (left: WeightedMetric, right: WeightedMetric) -> WeightedMetric {
    switch left.combination {
    case .mean: WeightedMetric(sum: left.sum + right.sum, weight: left.weight + right.weight)
    case .minimum: left.sum <= right.sum ? left : right
    case .maximum: left.sum >= right.sum ? left : right
    }
  }
}

/// Metrics by their log names.
public typealias Metrics = [String: WeightedMetric]

extension Metrics {
  /// Adds another micro-batch's metrics.
  public mutating func add(_ other: Metrics) { merge(other) { $0 + $1 } }

  /// Adds `name_p10`, `name_median` and `name_p90` of `values`, each the value nearest to its place in
  /// order; nothing where there are none.
  mutating func addQuantiles(_ name: String, of values: [Double]) {
    guard !values.isEmpty else { return }
    let ordered = values.sorted()
    for (suffix, share) in [("p10", 0.1), ("median", 0.5), ("p90", 0.9)] {
      let place = Int((Double(ordered.count - 1) * share).rounded())
      self["\(name)_\(suffix)"] = WeightedMetric(sum: ordered[place], weight: 1)
    }
  }
}

/// Scalars that are still on the device and are read to the host all at once.
struct DeviceMetrics {
  private let dtype: DType
  private var names: [String] = []
  private var sums: [Tensor] = []
  private var weights: [Tensor] = []
  private var combinations: [WeightedMetric.Combination] = []

  /// An empty list whose values are kept as precisely as `dtype`, but in single precision at least.
  init(like dtype: DType) { self.dtype = dtype == .float64 ? .float64 : .float32 }

  /// Adds the metric `name`; both tensors are scalars.
  mutating func add(_ name: String, sum: Tensor, weight: Tensor) {
    names.append(name)
    sums.append(sum.to(dtype))
    weights.append(weight.to(dtype))
    combinations.append(.mean)
  }

  /// Adds the extreme `name` of `values`.
  mutating func add(_ name: String, _ combination: WeightedMetric.Combination, of values: Tensor) {
    let value = (combination == .minimum ? values.min() : values.max()).to(dtype)
    names.append(name)
    sums.append(value)
    weights.append(value)
    combinations.append(combination)
  }

  /// The metrics on the host, after one transfer.
  func read() -> Metrics {
    guard !names.isEmpty else { return [:] }
    let values = Tensor.stacked(sums + weights).doubles
    return Dictionary(
      uniqueKeysWithValues: names.indices.map { index in
        let combination = combinations[index]
        return (
          names[index],
          combination == .mean
            ? WeightedMetric(sum: values[index], weight: values[names.count + index])
            : WeightedMetric(combination, values[index])
        )
      })
  }
}
