import Foundation

/// A figure with its 95 % confidence interval.
public struct Interval: Sendable, Codable, Equatable {
  /// The estimate.
  public let value: Double
  /// The lower bound.
  public let low: Double
  /// The upper bound.
  public let high: Double

  // The 0.975 quantile of the standard normal distribution.
  private static let quantile = 1.959963984540054

  /// The mean of independent `samples` with the normal approximation; no width for one sample.
  public static func mean(_ samples: [Double]) -> Interval {
    mean(samples, quantile: quantile)
  }

  /// The mean of few independent `samples` with Student's interval; no width for one sample.
  public static func studentMean(_ samples: [Double]) -> Interval {
    mean(samples, quantile: studentQuantile(degrees: max(1, samples.count - 1)))
  }

  private static func mean(_ samples: [Double], quantile: Double) -> Interval {
    let mean = samples.mean
    // The deviation of one sample is 0.
    let half = quantile * samples.sampleDeviation / Double(max(1, samples.count)).squareRoot()
    return Interval(value: mean, low: mean - half, high: mean + half)
  }

  /// The 0.975 quantile of Student's distribution: tabulated up to ten degrees of freedom, then its
  /// expansion about the normal quantile (Abramowitz and Stegun 26.7.5), within 0.0002 there.
  static func studentQuantile(degrees: Int) -> Double {
    let table = [
      12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281,
    ]
    if degrees <= table.count { return table[degrees - 1] }
    let z = quantile
    let n = Double(degrees)
    let z3 = z * z * z
    let z5 = z3 * z * z
    let z7 = z5 * z * z
    return z + (z3 + z) / (4 * n) + (5 * z5 + 16 * z3 + 3 * z) / (96 * n * n)
      + (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * n * n * n)
  }

  /// The share of `successes` in `trials` with Wilson's score interval (Wilson 1927).
  public static func share(_ successes: Int, of trials: Int) -> Interval {
    guard trials > 0 else { return Interval(value: 0, low: 0, high: 1) }
    let n = Double(trials)
    let p = Double(successes) / n
    let z2 = quantile * quantile
    let center = (p + z2 / (2 * n)) / (1 + z2 / n)
    let half = quantile / (1 + z2 / n) * (p * (1 - p) / n + z2 / (4 * n * n)).squareRoot()
    return Interval(value: p, low: max(0, center - half), high: min(1, center + half))
  }
}

extension Collection where Element == Double {
  /// The arithmetic mean; 0 of nothing.
  public var mean: Double { isEmpty ? 0 : reduce(0, +) / Double(count) }

  /// The sample standard deviation; 0 of fewer than two.
  var sampleDeviation: Double {
    guard count > 1 else { return 0 }
    let mean = self.mean
    return (reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1)).squareRoot()
  }
}

/// pass@k: the chance that at least one of `k` completions drawn without replacement from `samples`,
/// of which `correct` are right, is right (Chen et al. 2021, eq. 1).
public func passAtK(samples: Int, correct: Int, k: Int) -> Double {
  precondition(k >= 1 && k <= samples && correct <= samples, "pass@\(k) of \(correct)/\(samples)")
  if correct == 0 { return 0 }
  if samples - correct < k { return 1 }
  let allWrong = (samples - correct + 1...samples).reduce(1.0) { product, n in
    product * (1 - Double(k) / Double(n))
  }
  return 1 - allWrong
}
