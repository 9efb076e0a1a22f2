import Torch

@testable import PolicyOptimization

extension GoldenCase {
  private func settings() throws -> NTHRSettings { try NTHRSettings(document()) }

  /// The rows of each group, their right ones, and the group's activations.
  private func activations(_ dtype: DType) throws -> [(Group, [Bool], GroupActivations)] {
    let mask = try input("mask").elements().map { try $0.truths() }
    let ids = try input("token_ids").matrix().map { $0.map { Int($0) } }
    let hidden = try input("hidden").elements().map { try $0.matrix() }
    let probabilities = try input("probs").elements().map { try $0.matrix() }
    let rewards = try input("rewards").numbers()
    return Group.all(try input("group_ids").integers()).map { group in
      let counted = group.rows.map { row in mask[row].indices.filter { mask[row][$0] } }
      let tokens = zip(group.rows, counted).map { row, places in places.map { ids[row][$0] } }
      let vocabulary = GroupActivations.vocabulary(of: tokens)
      func rows(_ values: [[[Double]]]) -> [[Double]] {
        zip(group.rows, counted).flatMap { row, places in places.map { values[row][$0] } }
      }
      return (
        group, group.rows.map { rewards[$0] == 1 },
        GroupActivations(
          tokenIDs: tokens, hidden: Tensor(rows: rows(hidden)).to(dtype),
          probabilities: Tensor(
            rows: rows(probabilities).map { row in vocabulary.map { row[$0] } }
          ).to(dtype))
      )
    }
  }

  /// NTHR's column.
  func influence(_ dtype: DType) throws -> TokenInfluence {
    let lengths = try input("mask").elements().map { try $0.truths().count { $0 } }
    var all = TokenInfluence(lengths: lengths)
    for (group, correct, activations) in try activations(dtype) where Set(correct).count == 2 {
      let own = activations.influence(
        correct: correct, includeSelf: try settings().anchorIncludesSelf)
      for (place, row) in group.rows.enumerated() {
        all.tokens[row] = own.tokens[place]
        all.anchors[row] = own.anchors[place]
      }
    }
    return all
  }

  /// What NTHR's advantages are made of.
  func influenceValues(_ problem: LossProblem, _ dtype: DType) throws -> [String: JSONValue] {
    let estimator = HiddenRewardAdvantage(try settings())
    let batch = problem.batch
    func laid<Value>(_ rows: [[Value]], _ number: (Value) -> Double) -> JSONValue {
      JSONValue(
        zip(rows, problem.mask).map { row, mask in
          var values = row.makeIterator()
          return mask.map { $0 ? values.next().map(number) ?? .nan : 0 }
        })
    }
    let groups = try activations(dtype).map { group, correct, activations -> JSONValue in
      var values: [String: JSONValue] = ["group": .number(Double(group.id))]
      values["active"] = .bool(Set(correct).count == 2)
      if let threshold = estimator.threshold(group, in: batch) {
        values["vocabulary"] = JSONValue(GroupActivations.vocabulary(of: activations.tokenIDs))
        values["anchors"] = JSONValue(
          group.rows.compactMap { batch.influence?.anchors[$0] })
        values["tau"] = .number(threshold)
        values["eta"] = .number(
          estimator.eta(correctShare: estimator.correctShare(group, batch)))
        values["M"] = JSONValue(activations.likelihoodGradient(correct: correct).nested)
      }
      return .object(values)
    }
    return [
      "groups": .array(groups), "influence": laid(batch.influence?.tokens ?? []) { $0 },
      "selected": laid(estimator.selected(in: batch)) { $0 ? 1 : 0 },
    ]
  }
}
