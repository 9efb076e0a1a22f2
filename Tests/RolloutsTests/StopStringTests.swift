import Testing
import Tokenizers

@testable import Rollouts

@Suite struct StopStringTests {
  private func stopped(_ strings: [String], limit: Int = 60) throws -> [(Trajectory, String)] {
    let tokenizer = try embeddedTokenizer()
    let model = try tinyModel(vocabulary: tokenizer.vocabularySize, seed: 8)
    let prompts = (0..<3).map {
      Prompt(ids: tokenizer.encode("Ann has \($0 + 2) apples."), key: UInt64($0))
    }
    return Sampler(
      model: model,
      settings: settings {
        $0.stopStrings = strings
        $0.maximumCompletion = limit
        $0.batchRows = 5
      }, endTokens: [2], tokenizer: tokenizer
    ).sample(prompts, completions: 6, stream: RandomStream(seed: 4)).joined()
      .map { ($0, tokenizer.decode($0.completionIDs)) }
  }

  @Test func aStopStringEndsACompletionWhereItFirstAppears() throws {
    let free = try stopped([])
    // Two characters that the sampled texts have, over the border of two tokens.
    let strings = [". ", "s "]
    let cut = try stopped(strings)
    let ended = cut.filter { $0.0.finish == .stopString }
    #expect(ended.count >= 5)
    for (trajectory, text) in ended {
      #expect(strings.contains(where: text.contains))
      let before = try embeddedTokenizer().decode(trajectory.completionIDs.dropLast())
      #expect(!strings.contains(where: before.contains))
    }
    for (free, cut) in zip(free, cut) {
      #expect(free.0.completionIDs.starts(with: cut.0.completionIDs))
      if cut.0.finish != .stopString { #expect(!strings.contains(where: cut.1.contains)) }
    }
  }

  @Test func aStringThatNeverAppearsEndsNothing() throws {
    let free = try stopped([], limit: 12)
    let watched = try stopped(["no such text"], limit: 12)
    #expect(watched.map(\.0.completionIDs) == free.map(\.0.completionIDs))
    #expect(watched.map(\.0.finish) == free.map(\.0.finish))
  }
}
