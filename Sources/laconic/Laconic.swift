import ArgumentParser

@main
struct Laconic: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "laconic",
    abstract: "Train reasoning language models to stop when they are done.")
}
