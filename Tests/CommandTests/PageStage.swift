import Foundation
import Testing

/// A folder with all that the commands of a page assume: models, data, and a `laconic` that keeps itself
/// short.
struct PageStage {
  let folder: URL

  init(in folder: URL, for page: DocumentationPage) throws {
    self.folder = folder
    for name in ["Sources", "Configurations", "Scripts", "Makefile"] {
      try FileManager.default.createSymbolicLink(
        at: folder.appending(path: name),
        withDestinationURL: DocumentationPage.project.appending(path: name))
    }
    try FileManager.default.copyItem(
      at: DocumentationPage.project.appending(path: "Sources/EmbeddedModel/model"),
      to: folder.appending(path: "MODEL"))
    for name in ["FOLDER", "T5"] {
      try TextEncoderFolder.write(to: folder.appending(path: name))
    }
    if page.text.contains("--template MODEL") {
      let template = "{% for message in messages %}{{ message.content }}\n{% endfor %}"
      try write(template, "MODEL/chat_template.jinja")
    }
    try writePrograms()
    try writeData(page)
    // A page on the files of a run.
    if page.text.contains("runs/grpo/"), !page.text.contains("--output runs/grpo") {
      let result = try run("laconic train --method grpo --output runs/grpo")
      #expect(result.status == 0, "\(result.errors)")
    }
  }

  /// The programs that the pages name. Those that would build the project, fetch packages or run for
  /// minutes only look at what they are asked for.
  private func writePrograms() throws {
    let program = try #require(Program.url, "the command is not built beside the tests")
    try writeProgram(
      "bin/laconic",
      """
      rollouts="rollouts.max-completion=48"
      evaluation="evaluation.problems=2 evaluation.samples=1 $rollouts run.threads=1"
      training="training.prompts-per-step=2 training.group-size=2 training.evaluate-every=null"
      training="$training training.save-every=1 $evaluation preference.phase1-problems=24"
      case "$1 $2" in
        train*) more="training.steps=1 $training" ;;
        compare*) more="training.steps=1 $training" ;;
        sft*) more="sft.steps=1 sft.batch-size=2 sft.examples=4 run.threads=1" ;;
        eval*) more="$evaluation" ;;
        sample*) more="task.limit=24 $rollouts run.threads=1" ;;
        generate*) more="$rollouts" ;;
        "preference train") more="preference.classifier-epochs=1 preference.phase1-problems=24 $rollouts" ;;
      esac
      if [[ " $* " == *" --resume "* ]]; then
        more="${more/training.steps=1/training.steps=2}"
      elif [[ "$1 $2" =~ ^(train|sft|preference train) ]]; then
        # Sections of a page that stand by themselves may name the same output.
        [[ "$*" =~ output[=\\ ]([^\\ ]+) ]] && rm -rf "${BASH_REMATCH[1]}" || rm -rf runs/latest
      fi
      exec "\(program.path)" "$@" $more
      """)
    try writeProgram("bin/make", #"PATH="${PATH#*:}" exec make --dry-run "$@""#)
    // A script must be there and be Python.
    let python = #"""
      if [[ "$1 $2" == "-m venv" ]]; then
        mkdir -p "$3/bin"; cp "$0" "$3/bin/python"; printf '#!/bin/bash\n' > "$3/bin/pip"
        chmod +x "$3/bin/pip"
      elif PATH="${PATH#*:}" command -v python3 > /dev/null; then
        PATH="${PATH#*:}" python3 -c 'import ast, sys; ast.parse(open(sys.argv[1]).read())' "$1"
      else
        [[ -f "$1" ]]
      fi
      """#
    try writeProgram("bin/python", python)
    if !Self.hasJQ { try writeProgram("bin/jq", #"[[ -f "${!#}" ]]"#) }
  }

  private static let hasJQ = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")
    .split(separator: ":").contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/jq")
    }

  private func writeData(_ page: DocumentationPage) throws {
    // Problems in the form of GSM8K that the embedded model knows how to solve.
    let rows = (0..<24).map { index in
      let (start, more) = (2 + index % 8, 1 + index % 5)
      return ("Ann has \(start) apples. She buys \(more). How many?", start, more)
    }
    let problems = rows.map { question, start, more in
      "{\"question\": \"\(question)\", "
        + "\"answer\": \"\(start) + \(more) = \(start + more)\\n#### \(start + more)\"}\n"
    }.joined()
    for name in ["train.jsonl", "test.jsonl"] { try write(problems, name) }
    let labelled = rows.map { question, start, more in
      [("\(start) + \(more) = \(start + more).", true), ("So 0.", false)].map { text, correct in
        "{\"question\": \"\(question)\", \"completion\": \"\(text)\", \"correct\": \(correct)}\n"
      }.joined()
    }
    try write(labelled.joined(), "FILE")
    try write("{\"prompt\": \"2 + 1?\", \"completion\": \"3\"}\n", "pairs.jsonl")
    try write("{\"text\": \"7 + 5?\"}\n{\"ids\": [1, 5]}\n", "texts.jsonl")
    try write(
      page.rows.filter { $0.contains("\"messages\"") }.map { $0 + "\n" }.joined(),
      "conversations.jsonl")
  }

  private func write(_ text: String, _ name: String) throws {
    try Data(text.utf8).write(to: folder.appending(path: name))
  }

  private func writeProgram(_ name: String, _ script: String) throws {
    let file = folder.appending(path: name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try write("#!/bin/bash\n" + script, name)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
  }

  /// What a block of commands printed and how it ended.
  func run(_ script: String) throws -> Program.Result {
    try Program.run(
      URL(filePath: "/bin/bash"), ["-euo", "pipefail", "-c", script], in: folder,
      path: folder.appending(path: "bin"))
  }
}
