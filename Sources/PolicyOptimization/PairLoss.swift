import Torch

/// The preference classifier's loss on pairs in both orders (arXiv 2602.17025, section 3.1).
public enum PairLoss {
  /// The mean over pairs of BCE(P(winner, loser), 1) + BCE(P(loser, winner), 0), in nats.
  ///
  /// - Parameters: logits `[n]` of P(winner, loser) and of P(loser, winner); n >= 1.
  public static func binaryCrossEntropy(winnerFirst: Tensor, loserFirst: Tensor) -> Tensor {
    -(winnerFirst.logSigmoid() + (-loserFirst).logSigmoid()).mean()
  }
}
