extension GRPO {
  /// GRPO's paper.
  public static let publication = MethodPublication(
    name: "grpo", title: "GRPO", citation: "2402.03300",
    summary: "Compares the rewards of one prompt's completions and moves the policy to the better.")

  /// Dr. GRPO's paper.
  public static let drGRPOPublication = MethodPublication(
    name: "dr-grpo", title: "Dr. GRPO", citation: "2503.20783",
    summary: "GRPO without the weights that length and group deviation introduce.")

  /// DAPO's paper.
  public static let dapoPublication = MethodPublication(
    name: "dapo", title: "DAPO", citation: "2503.14476",
    summary:
      "GRPO with a higher upper clip, a token mean, dynamic sampling and a soft length limit.")

  /// GSPO's paper.
  public static let gspoPublication = MethodPublication(
    name: "gspo", title: "GSPO", citation: "2507.18071",
    summary: "GRPO with one clipped ratio per completion.")
}
