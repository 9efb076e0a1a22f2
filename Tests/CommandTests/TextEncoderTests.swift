import Foundation
import Testing

/// WS-GRPO with a preference model on a T5 encoder, which has a tokenizer of its own.
@Suite(.enabled(if: Program.url != nil, "the command is not built beside the tests"))
struct TextEncoderTests {
  private static let options = [
    "--rollouts", "solutions.jsonl", "preference.encoder=t5", "preference.encoder-max-tokens=96",
  ]

  @Test(arguments: [
    ["preference.preset=paper"],
    ["preference.preset=laconic", "preference.pooling=mean", "preference.feature-cache=features"],
    ["preference.preset=laconic", "preference.encoder-precision=bfloat16"],
  ])
  func thePreferencesOfAnEncoderTrainAPolicy(settings: [String]) throws {
    try withTemporaryFolder { folder in
      let materials = try Materials(in: folder)
      try TextEncoderFolder.write(to: folder.appending(path: "t5"))
      let options = Self.options + settings
      let trained = try materials.run(
        ["preference", "train", "--output", "preference", "--json"],
        options + ["preference.classifier-epochs=2"])
      try #require(trained.status == 0, "\(trained.errors)")
      #expect(materials.exists("preference/preference.json"))
      #expect(
        materials.exists("features") == settings.contains("preference.feature-cache=features"))

      let evaluated = try materials.run(
        ["preference", "eval", "--preference", "preference", "--json"], options)
      #expect(evaluated.status == 0, "\(evaluated.errors)")
      #expect(try object(evaluated.output)["pairs"] != nil, "\(evaluated.output)")

      let scored = try materials.run(
        ["preference", "score", "--preference", "preference"], options)
      let rows = try scored.output.split(separator: "\n").map { try object(String($0)) }
      #expect(rows.count == (try materials.lines("solutions.jsonl").count), "\(scored.errors)")
      for row in rows {
        let steps = try #require(row["steps"] as? [String])
        for name in ["pref_new_old", "pref_old_new"] {
          let scores = try #require(row[name] as? [Double])
          #expect(scores.count == max(0, steps.count - 1))
          #expect(scores.allSatisfy { (0...1).contains($0) })
        }
      }

      let policy = try materials.run(
        ["train", "--method", "ws-grpo", "--preference", "preference"],
        Array(options.dropFirst(2)) + ["--output", "run"])
      #expect(policy.status == 0, "\(policy.errors)")
      let figures = try object(try #require(materials.lines("run/metrics.jsonl").first))
      let mean = try #require(figures["preference/mean"] as? Double)
      #expect((0...1).contains(mean))
      #expect(materials.exists("run/model/model.safetensors"))

      // Without the encoder, or with another, its features would mean nothing.
      let without = try materials.run(
        ["preference", "score", "--preference", "preference"], Array(options.prefix(2)))
      expectRefusal(without, ["another encoder's features"])
    }
  }
}
