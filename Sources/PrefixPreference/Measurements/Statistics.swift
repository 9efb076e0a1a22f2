import Foundation

extension Collection where Element == Double {
  /// The arithmetic mean; 0 of nothing.
  var mean: Double { isEmpty ? 0 : reduce(0, +) / Double(count) }

  /// The sample variance; 0 of fewer than two.
  var variance: Double {
    guard count > 1 else { return 0 }
    let mean = self.mean
    return reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1)
  }
}

/// 1 / (1 + exp(-x)).
func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

/// log(1 + exp(x)) without overflow.
func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }

/// How far a logit is right when it should be positive: 1, 0, or 1/2 on the threshold.
func agreement(_ logit: Double) -> Double { logit > 0 ? 1 : logit < 0 ? 0 : 0.5 }

/// The area under the ROC curve: the chance that a positive scores higher than a negative, ties half
/// (Mann and Whitney 1947). Nil when either is absent.
func areaUnderCurve(_ scores: [(score: Double, positive: Bool)]) -> Double? {
  let positives = scores.count { $0.positive }
  let negatives = scores.count - positives
  guard positives > 0, negatives > 0 else { return nil }
  let sorted = scores.sorted { $0.score < $1.score }
  var rankSum = 0.0
  var start = 0
  while start < sorted.count {
    var end = start
    while end < sorted.count, sorted[end].score == sorted[start].score { end += 1 }
    // Ranks start + 1 ... end; equal scores share their mean.
    let rank = Double(start + 1 + end) / 2
    rankSum += rank * Double(sorted[start..<end].count { $0.positive })
    start = end
  }
  let least = Double(positives * (positives + 1)) / 2
  return (rankSum - least) / Double(positives * negatives)
}

/// Pearson's correlation; nil for fewer than two pairs or when either side does not vary.
func correlation(_ pairs: [(Double, Double)]) -> Double? {
  let left = pairs.map(\.0)
  let right = pairs.map(\.1)
  let (mean, otherMean) = (left.mean, right.mean)
  let spread = (left.variance * right.variance).squareRoot()
  guard pairs.count > 1, spread > 0 else { return nil }
  let covariance =
    pairs.reduce(0) { $0 + ($1.0 - mean) * ($1.1 - otherMean) } / Double(pairs.count - 1)
  return covariance / spread
}

/// One bin of a reliability diagram.
public struct CalibrationBin: Sendable, Codable, Equatable {
  /// The bin's lower bound.
  public let low: Double
  /// The number of predictions in it.
  public let count: Int
  /// Their mean probability.
  public let predicted: Double
  /// The share of them that came true.
  public let observed: Double
}

/// How well probabilities agree with what came true.
public struct Calibration: Sendable, Codable, Equatable {
  /// The expected calibration error: the mean over predictions of |predicted - observed| of their bin
  /// (Naeini et al. 2015).
  public let error: Double
  /// The bins that hold predictions.
  public let bins: [CalibrationBin]

  /// Ten equal bins over [0, 1], as Naeini et al. take.
  static let binCount = 10

  init(_ predictions: [(probability: Double, came: Bool)]) {
    let grouped = Dictionary(grouping: predictions) {
      Swift.min(Int($0.probability * Double(Self.binCount)), Self.binCount - 1)
    }
    bins = grouped.sorted { $0.key < $1.key }.map { bin, members in
      CalibrationBin(
        low: Double(bin) / Double(Self.binCount), count: members.count,
        predicted: members.map(\.probability).mean,
        observed: members.map { $0.came ? 1 : 0 }.mean)
    }
    error =
      bins.reduce(0) { $0 + Double($1.count) * abs($1.predicted - $1.observed) }
      / Double(max(1, predictions.count))
  }
}

/// A number with so many decimals, for tables.
func fixed(_ value: Double, decimals: Int = 3) -> String {
  String(format: "%.\(decimals)f", value)
}
