import ArgumentParser
import Foundation

@main
enum Program {
  static func main() {
    ThreadWaiting.limitSpinning()
    Laconic.main()
  }
}

struct Laconic: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "laconic",
    abstract: "Train reasoning language models to stop when they are done.",
    subcommands: [
      Doctor.self, Demo.self, SupervisedCommand.self, Sample.self, Modes.self, Preference.self,
      Train.self, Compare.self, Evaluate.self, Generate.self, Merge.self, Tokenize.self,
      Render.self,
      Verify.self,
      MethodsCommand.self, TasksCommand.self,
    ])
}

/// How threads of the engine wait for each other.
enum ThreadWaiting {
  // Long enough for the pauses between two operations, short enough to give a shared core away.
  private static let spins = "2000"

  /// GNU OpenMP lets idle threads spin for milliseconds, which multiplies run times when other programs
  /// want the cores. It reads its setting before `main`, so the program starts itself anew with one,
  /// unless the user has made a choice.
  static func limitSpinning() {
    #if os(Linux)
      guard getenv("GOMP_SPINCOUNT") == nil, getenv("OMP_WAIT_POLICY") == nil else { return }
      setenv("GOMP_SPINCOUNT", spins, 1)
      var arguments = CommandLine.arguments.map { strdup($0) }
      arguments.append(nil)
      execv("/proc/self/exe", &arguments)
    // Not started anew (no /proc): slower on a busy machine, otherwise the same.
    #endif
  }
}
