import Foundation
import Synchronization

/// Ctrl-C asks a run to stop after the step it is in; a second one ends the program at once.
enum Interruption {
  private static let asked = Atomic<Bool>(false)

  /// Whether the user asked to stop.
  static var isAsked: Bool { asked.load(ordering: .relaxed) }

  /// Takes SIGINT and SIGTERM over from now on.
  static func watch() {
    let handler: @convention(c) (Int32) -> Void = { number in
      if asked.exchange(true, ordering: .relaxed) { _exit(128 + number) }
      let text: StaticString = "\nstopping after this step; once more to stop at once\n"
      _ = write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
    }
    signal(SIGINT, handler)
    signal(SIGTERM, handler)
  }
}
