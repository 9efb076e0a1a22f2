extension EmbeddedTask {
  /// Padding; never sampled.
  public static let padToken = "<pad>"
  /// The start of every prompt.
  public static let bosToken = "<bos>"
  /// The end of every solution.
  public static let eosToken = "<eos>"
  /// Stands for words outside the vocabulary; no text of the task has any.
  public static let unknownToken = "<unk>"

  private static let specialTokens = [padToken, bosToken, eosToken, unknownToken]

  /// The vocabulary in the order of its ids. A word carries the space before it, so that joining
  /// tokens restores the text.
  public static let vocabulary: [String] = {
    let words =
      ArithmeticStory.women + ArithmeticStory.men + ArithmeticStory.things
      + ArithmeticStory.gains + ArithmeticStory.losses
      + ["has", "He", "She", "doubles", "them", "How", "many"]
      + ["Maybe", "Check", "So", "far", "Let", "me", "redo", "it", "The", "answer", "is"]
      + ["+", "-", "*", "="] + ArithmeticChain.values.map { "\($0)" }
    return specialTokens + words.map { " " + $0 } + [".", ":", "?"]
  }()

  // GPT-2's expression, escaped for JSON: a word, a number or a sign with the space before it.
  private static let splitPattern =
    #"'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"#

  /// The tokenizer in Hugging Face's `tokenizer.json` form: WordLevel, `<bos>` before every text,
  /// decoding the inverse of encoding.
  public static let tokenizerJSON: String = {
    let entries = vocabulary.enumerated()
    let added = entries.prefix(specialTokens.count).map { id, token in
      """
          {"id": \(id), "content": "\(token)", "single_word": false, "lstrip": false, \
      "rstrip": false, "normalized": false, "special": true}
      """
    }
    let words = entries.map { id, token in "      \"\(token)\": \(id)" }
    return """
      {
        "version": "1.0",
        "truncation": null,
        "padding": null,
        "added_tokens": [
      \(added.joined(separator: ",\n"))
        ],
        "normalizer": {"type": "Prepend", "prepend": " "},
        "pre_tokenizer": {
          "type": "Split",
          "pattern": {"Regex": "\(splitPattern)"},
          "behavior": "Isolated",
          "invert": false
        },
        "post_processor": {
          "type": "TemplateProcessing",
          "single": [
            {"SpecialToken": {"id": "\(bosToken)", "type_id": 0}},
            {"Sequence": {"id": "A", "type_id": 0}}
          ],
          "pair": [
            {"SpecialToken": {"id": "\(bosToken)", "type_id": 0}},
            {"Sequence": {"id": "A", "type_id": 0}},
            {"Sequence": {"id": "B", "type_id": 0}}
          ],
          "special_tokens": {
            "\(bosToken)": {"id": "\(bosToken)", "ids": [1], "tokens": ["\(bosToken)"]}
          }
        },
        "decoder": {
          "type": "Sequence",
          "decoders": [
            {"type": "Fuse"},
            {"type": "Strip", "content": " ", "start": 1, "stop": 0}
          ]
        },
        "model": {
          "type": "WordLevel",
          "vocab": {
      \(words.joined(separator: ",\n"))
          },
          "unk_token": "\(unknownToken)"
        }
      }

      """
  }()

  /// The `tokenizer_config.json` beside it.
  public static let tokenizerConfigJSON = """
    {
      "add_bos_token": true,
      "add_eos_token": false,
      "bos_token": "\(bosToken)",
      "clean_up_tokenization_spaces": false,
      "eos_token": "\(eosToken)",
      "model_max_length": 256,
      "pad_token": "\(padToken)",
      "tokenizer_class": "PreTrainedTokenizerFast",
      "unk_token": "\(unknownToken)"
    }

    """
}
