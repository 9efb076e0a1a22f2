import Settings

/// The settings of `laconic demo`.
public enum DemoRecipe {
  /// The common settings. Rollout budget and seed are equal for all contenders.
  private static let yaml = """
    rollouts:
      max-completion: 256
    training:
      steps: 60
      prompts-per-step: 16
      group-size: 8
      learning-rate: 3e-4
      warmup-steps: 5
      evaluate-every: 15
      completions-every: 15
      save-every: 15
    preference:
      phase1-problems: 500
      classifier-learning-rate: 1e-3
      classifier-epochs: 20
      early-stop-patience: 4
    evaluation:
      problems: 256
      samples: 4
    """

  /// The settings that all contenders share.
  ///
  /// - Throws: `SettingError`, never for the recipe as it is shipped.
  public static func document() throws -> SettingDocument {
    try SettingDocument(yaml: yaml, name: "demo recipe")
  }

  // GRPO has no KL term by default; without one everywhere, the reward is all that differs.
  private static let wsGRPO = ["method.name=ws-grpo", "method.kl-coef=0"]

  /// Who is compared.
  ///
  /// - Throws: `SettingError`, never for the recipe as it is shipped.
  public static func contenders() throws -> [Contender] {
    [
      try Contender(name: "grpo", overrides: ["method.name=grpo"]),
      try Contender(name: "ws-grpo-paper", overrides: wsGRPO + ["method.preset=paper"]),
      try Contender(name: "ws-grpo-intended", overrides: wsGRPO + ["method.preset=intended"]),
      try Contender(name: "ws-grpo-laconic", overrides: wsGRPO + ["method.preset=laconic"]),
    ]
  }
}
