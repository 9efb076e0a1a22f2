import Foundation
import Testing

/// A T5 encoder of random weights with a tokenizer of its own, as FLAN-T5's: Unigram over digits and a
/// few words.
enum TextEncoderFolder {
  private static let source = DocumentationPage.project
    .appending(path: "Tests/ModelsTests/Fixtures/encoders/flan-t5")

  /// Writes `config.json`, `model.safetensors` and `tokenizer.json`.
  static func write(to folder: URL) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for name in ["config.json", "model.safetensors"] {
      try FileManager.default.copyItem(
        at: source.appending(path: name), to: folder.appending(path: name))
    }
    try Data(tokenizer.utf8).write(to: folder.appending(path: "tokenizer.json"))
  }

  /// The pieces after T5's special tokens, the likeliest first; with them fewer than the encoder's 48.
  private static let pieces =
    ["\u{2581}"] + (0...9).map(String.init) + ["a", "e", "h", "i", "n", "o", "s", "t", "y"]
    + ["+", "-", "=", "?", ".", ":", ",", "#"]
    + ["\u{2581}So", "\u{2581}How", "\u{2581}many", "\u{2581}Ann", "\u{2581}has"]

  private static let tokenizer: String = {
    let special = ["<pad>", "</s>", "<unk>"]
    let vocabulary =
      special.map { "[\"\($0)\", 0.0]" }
      + pieces.enumerated().map { "[\"\($1)\", -\($0 + 2).5]" }
    let added = special.enumerated().map {
      "{\"id\": \($0), \"content\": \"\($1)\", \"special\": true, \"single_word\": false, "
        + "\"lstrip\": false, \"rstrip\": false, \"normalized\": false}"
    }
    return """
      {"version": "1.0", "truncation": null, "padding": null,
       "added_tokens": [\(added.joined(separator: ", "))],
       "normalizer": null,
       "pre_tokenizer": {"type": "Metaspace", "replacement": "\u{2581}", "prepend_scheme": "always",
         "split": true},
       "post_processor": {"type": "TemplateProcessing",
         "single": [{"Sequence": {"id": "A", "type_id": 0}},
                    {"SpecialToken": {"id": "</s>", "type_id": 0}}],
         "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}],
         "special_tokens": {"</s>": {"id": "</s>", "ids": [1], "tokens": ["</s>"]}}},
       "decoder": {"type": "Metaspace", "replacement": "\u{2581}", "prepend_scheme": "always",
         "split": true},
       "model": {"type": "Unigram", "unk_id": 2, "vocab": [\(vocabulary.joined(separator: ", "))],
         "byte_fallback": false}}
      """
  }()
}
