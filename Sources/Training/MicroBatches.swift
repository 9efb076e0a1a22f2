import PolicyOptimization
import Rollouts

/// Which rows go through the model together, packed without padding (DPPO's dense packing, arXiv
/// 2603.04135): completions of one prompt stay together where they fit, since they share its tokens.
struct MicroBatches {
  /// The rows of every micro-batch, in their order.
  let rows: [[Int]]
  /// The share of the micro-batches' room that holds tokens.
  let fill: Double

  /// Rows laid into as few micro-batches as best fit finds.
  ///
  /// - Parameters:
  ///   - packing: the most tokens of a micro-batch (a longer row has one of its own) and how many
  ///     waiting prompts are looked at.
  init(_ trajectories: [Trajectory], packing: SequencePacking) {
    let pieces = Self.pieces(trajectories, capacity: packing.capacity)
    let lengths = pieces.map { min($0.tokens, packing.capacity) }
    let plan = packing.rows(fitting: lengths)
    rows = plan.map { $0.sorted().flatMap { pieces[$0].rows } }
    fill = packing.fill(plan, lengths: lengths)
  }

  /// Successive rows of one prompt, cut where they do not fit, with their packed tokens: the last token
  /// of a completion predicts nothing and is not passed.
  private static func pieces(
    _ trajectories: [Trajectory], capacity: Int
  ) -> [(rows: [Int], tokens: Int)] {
    var pieces: [(rows: [Int], tokens: Int)] = []
    for (row, trajectory) in trajectories.enumerated() {
      let own = max(0, trajectory.completionIDs.count - 1)
      if row > 0, trajectory.promptIDs == trajectories[row - 1].promptIDs,
        let last = pieces.last, last.tokens + own <= capacity
      {
        pieces[pieces.count - 1] = (last.rows + [row], last.tokens + own)
      } else {
        pieces.append(([row], trajectory.promptIDs.count + own))
      }
    }
    return pieces
  }
}
