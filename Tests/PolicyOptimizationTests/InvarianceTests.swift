import Testing
import Torch

@testable import PolicyOptimization

/// What must not change a loss or its gradient (`Tests/Golden/README.md`).
@Suite struct InvarianceTests {
  /// Loss and gradient of a problem whose rows and columns were moved, moved back.
  private func expectSame(
    _ golden: GoldenCase, _ dtype: DType, _ moved: LossProblem,
    back: ([[Double]]) -> [[Double]] = { $0 }
  ) throws {
    let method = try golden.resolvedMethod()
    let before = try LossProblem(golden).evaluate(method, dtype: dtype)
    let after = try moved.evaluate(method, dtype: dtype)
    expectSame(
      (before.outputs, before.gradient), (after.outputs, back(after.gradient)), dtype)
  }

  private func expectSame(
    _ before: (outputs: LossOutputs, gradient: [[Double]]),
    _ after: (outputs: LossOutputs, gradient: [[Double]]), _ dtype: DType
  ) {
    let tolerance = Tolerance.of(dtype)
    let found = { (result: (outputs: LossOutputs, gradient: [[Double]])) in
      JSONValue.object([
        "loss": .number(result.outputs.loss.item), "gradient": JSONValue(result.gradient),
        "metrics": .object(result.outputs.metrics.mapValues { .number($0.mean) }),
      ])
    }
    let wrong = differences(found(after), found(before), within: tolerance, at: "moved")
    #expect(wrong.isEmpty, "\(wrong.joined(separator: "\n"))")
  }

  @Test(arguments: try Golden.losses(), [DType.float64, .float32])
  func rowOrder(golden: GoldenCase, dtype: DType) throws {
    let problem = try LossProblem(golden)
    let count = problem.mask.count
    let stride = (2..<count).first { count % $0 != 0 && gcd($0, count) == 1 } ?? 1
    let order = (0..<count).map { ($0 * stride + 1) % count }.reversed() as [Int]
    try expectSame(golden, dtype, problem.permuted(order)) { gradient in
      var original = gradient
      for (row, source) in order.enumerated() { original[source] = gradient[row] }
      return original
    }
  }

  @Test(arguments: try Golden.losses(), [DType.float64, .float32])
  func paddingSide(golden: GoldenCase, dtype: DType) throws {
    let problem = try LossProblem(golden)
    let shifts = problem.mask.map { $0.reversed().firstIndex(of: true) ?? 0 }
    func turned<Value>(_ rows: [[Value]], by sign: Int) -> [[Value]] {
      zip(rows, shifts).map { row, shift in
        row.indices.map { row[(($0 - sign * shift) % row.count + row.count) % row.count] }
      }
    }
    var moved = problem
    moved.mask = turned(problem.mask, by: 1)
    moved.mapLogProbabilities { turned($0, by: 1) }
    try expectSame(golden, dtype, moved) { turned($0, by: -1) }
  }

  @Test(arguments: try Golden.losses(), [DType.float64, .float32])
  func width(golden: GoldenCase, dtype: DType) throws {
    let extra = 3
    let problem = try LossProblem(golden)
    let width = problem.mask[0].count
    var moved = problem
    moved.mask = problem.mask.map { $0 + [Bool](repeating: false, count: extra) }
    moved.mapLogProbabilities { $0.map { $0 + [Double](repeating: -7, count: extra) } }
    try expectSame(golden, dtype, moved) { $0.map { Array($0.prefix(width)) } }
  }

  @Test(
    arguments: try Golden.losses(),
    [(1e4, -1e4), (-1e30, 1e30), (.infinity, -.infinity), (.nan, 0)])
  func padding(golden: GoldenCase, junk: (Double, Double)) throws {
    let problem = try LossProblem(golden)
    var moved = problem
    var isSecond = false
    moved.mapLogProbabilities { rows in
      defer { isSecond.toggle() }
      return zip(rows, problem.mask).map { row, mask in
        zip(row, mask).map { $1 ? $0 : (isSecond ? junk.1 : junk.0) }
      }
    }
    for dtype in [DType.float64, .float32] { try expectSame(golden, dtype, moved) }
  }

  /// The trainer carries a coupled loss's gradient through the model in parts; its tests show that.
  @Test(arguments: try Golden.separableLosses(), [DType.float64, .float32])
  func microBatches(golden: GoldenCase, dtype: DType) throws {
    let problem = try LossProblem(golden)
    let method = try golden.resolvedMethod()
    let whole = try problem.evaluate(method, dtype: dtype)
    let credit = method.credit(problem.batch)
    let totals = StepTotals(of: problem.batch)
    let groups = problem.batch.groups.map(\.rows)
    let splits = [groups, problem.mask.indices.map { [$0] }, [groups.flatMap(\.self)]]
    for split in splits {
      var loss = Tensor.zeros([], dtype: dtype)
      var metrics: Metrics = [:]
      var gradient = whole.gradient
      for rows in split {
        let part = try problem.evaluate(
          method, rows: rows, credit: credit, totals: totals, dtype: dtype)
        loss = loss + part.outputs.loss
        metrics.add(part.outputs.metrics)
        for (row, values) in zip(rows, part.gradient) { gradient[row] = values }
      }
      expectSame(
        (whole.outputs, whole.gradient), (LossOutputs(loss: loss, metrics: metrics), gradient),
        dtype)
    }
  }

  private func gcd(_ left: Int, _ right: Int) -> Int {
    right == 0 ? left : gcd(right, left % right)
  }
}

extension LossProblem {
  mutating func mapLogProbabilities(_ transform: ([[Double]]) -> [[Double]]) {
    logProbabilities = transform(logProbabilities)
    oldLogProbabilities = transform(oldLogProbabilities)
    referenceLogProbabilities = referenceLogProbabilities.map(transform)
  }

  /// The problem whose row k is this one's row `order[k]`.
  func permuted(_ order: [Int]) -> LossProblem {
    var moved = self
    moved.mask = order.map { mask[$0] }
    moved.mapLogProbabilities { rows in order.map { rows[$0] } }
    moved.batch = batch.permuted(order)
    return moved
  }
}

extension GroupBatch {
  /// The batch whose row k is this one's row `order[k]`.
  func permuted(_ order: [Int]) -> GroupBatch {
    func moved<Value>(_ column: [Value]) -> [Value] { order.map { column[$0] } }
    var batch = GroupBatch(
      groupIDs: moved(groupIDs), rewards: moved(rewards), correct: moved(correct),
      lengths: moved(lengths), maxCompletion: maxCompletion)
    batch.steps = steps.map(moved)
    batch.tokenSteps = tokenSteps.map(moved)
    batch.preferences = preferences.map {
      PrefixPreferences(
        oldOverNew: $0.oldOverNew.map(moved), newOverOld: $0.newOverOld.map(moved),
        values: $0.values.map(moved))
    }
    batch.shuffle = shuffle.map { shuffle in
      var place = order
      for (row, source) in order.enumerated() { place[source] = row }
      return order.map { place[shuffle[$0]] }
    }
    batch.entityMatches = entityMatches.map(moved)
    batch.faults = faults.map(moved)
    batch.modes = modes.map(moved)
    batch.wellFormed = wellFormed.map(moved)
    batch.judgeTokens = judgeTokens.map(moved)
    batch.promptWeights = promptWeights.map(moved)
    batch.draws = draws.map(moved)
    batch.budgets = budgets.map(moved)
    batch.distinctness = distinctness.map(moved)
    batch.offPolicy = offPolicy.map(moved)
    batch.influence = influence.map {
      TokenInfluence(tokens: moved($0.tokens), anchors: moved($0.anchors))
    }
    return batch
  }
}
