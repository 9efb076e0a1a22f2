import Foundation
import Synchronization

private let stopIsAsked = Atomic<Bool>(false)

/// Only what a signal handler may do: set a flag, write, end the process.
private func askToStop(_ signal: Int32) {
  if stopIsAsked.exchange(true, ordering: .relaxed) { _exit(128 + signal) }
  let text: StaticString = "\nstopping after this step; once more to stop at once\n"
  _ = write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
}

/// Ctrl-C asks a run to stop after the step it is in; a second one ends the program at once.
enum Interruption {
  /// Whether the user asked to stop.
  static var isAsked: Bool { stopIsAsked.load(ordering: .relaxed) }

  /// Takes SIGINT and SIGTERM over from now on.
  static func watch() {
    signal(SIGINT, askToStop)
    signal(SIGTERM, askToStop)
    // A program that was started from a thread with blocked signals inherits that they are.
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGINT)
    sigaddset(&signals, SIGTERM)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }
}
