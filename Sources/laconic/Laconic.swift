import ArgumentParser

@main
struct Laconic: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "laconic",
    abstract: "Train reasoning language models to stop when they are done.",
    subcommands: [
      Doctor.self, Demo.self, SupervisedCommand.self, Sample.self, Preference.self, Train.self,
      Evaluate.self, Generate.self, Tokenize.self, MethodsCommand.self, TasksCommand.self,
    ])
}
