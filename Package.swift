// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "laconic",
  platforms: [.macOS(.v14)],
  products: [
    .executable(name: "laconic", targets: ["laconic"]),
    .library(name: "Settings", targets: ["Settings"]),
    .library(name: "JSON", targets: ["JSON"]),
    .library(name: "Torch", targets: ["Torch"]),
    .library(name: "Tokenizers", targets: ["Tokenizers"]),
    .library(name: "ChatTemplates", targets: ["ChatTemplates"]),
    .library(name: "Verification", targets: ["Verification"]),
    .library(name: "Tasks", targets: ["Tasks"]),
    .library(name: "Models", targets: ["Models"]),
    .library(name: "Rollouts", targets: ["Rollouts"]),
    .library(name: "PolicyOptimization", targets: ["PolicyOptimization"]),
    .library(name: "PrefixPreference", targets: ["PrefixPreference"]),
    .library(name: "Training", targets: ["Training"]),
    .library(name: "Reports", targets: ["Reports"]),
  ],
  dependencies: [
    .package(path: "Packages/CTorch"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
  ],
  targets: [
    .target(name: "Settings"),
    .target(name: "JSON"),
    .target(
      name: "Torch", dependencies: ["JSON", .product(name: "CTorch", package: "CTorch")]),
    .target(name: "Tokenizers"),
    .target(name: "ChatTemplates", dependencies: ["Tokenizers"]),
    .target(name: "Verification"),
    .target(name: "Tasks", dependencies: ["Settings", "JSON", "Verification"]),
    .target(name: "Models", dependencies: ["Settings", "JSON", "Torch", "Tokenizers"]),
    .target(name: "Rollouts", dependencies: ["Settings", "Torch", "Tokenizers", "Models"]),
    .target(name: "PolicyOptimization", dependencies: ["Settings", "Torch"]),
    .target(
      name: "PrefixPreference",
      dependencies: ["Settings", "Torch", "Tokenizers", "Models", "Tasks"]),
    .target(
      name: "Training",
      dependencies: [
        "Settings", "JSON", "Torch", "Tokenizers", "ChatTemplates", "Tasks", "Models", "Rollouts",
        "PolicyOptimization", "PrefixPreference", "EmbeddedModel",
        .product(name: "Yams", package: "Yams"),
      ]),
    .target(
      name: "EmbeddedModel", exclude: ["model"],
      // #embed is C23, which the compiler also offers to older standards with a warning.
      cSettings: [.unsafeFlags(["-Wno-c23-extensions"])]),
    .target(name: "Reports", dependencies: ["Training"]),
    .executableTarget(
      name: "laconic",
      dependencies: [
        "Settings", "JSON", "Torch", "Tokenizers", "ChatTemplates", "Verification", "Tasks",
        "Models", "Rollouts", "PolicyOptimization", "PrefixPreference", "Training", "Reports",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .testTarget(name: "SettingsTests", dependencies: ["Settings"]),
    .testTarget(name: "JSONTests", dependencies: ["JSON"]),
    .testTarget(name: "TorchTests", dependencies: ["Tasks", "Torch"], exclude: ["Golden"]),
    .testTarget(
      name: "TokenizersTests", dependencies: ["Tasks", "Tokenizers"], exclude: ["Fixtures"]),
    .testTarget(
      name: "ChatTemplatesTests", dependencies: ["ChatTemplates", "Tasks"], exclude: ["Golden"]),
    .testTarget(
      name: "VerificationTests", dependencies: ["Tasks", "Verification"], exclude: ["Golden"]),
    .testTarget(name: "TasksTests", dependencies: ["JSON", "Tasks"]),
    .testTarget(
      name: "ModelsTests", dependencies: ["JSON", "Models", "Tasks"], exclude: ["Fixtures"]),
    .testTarget(name: "RolloutsTests", dependencies: ["Rollouts", "Tasks"]),
    .testTarget(name: "PolicyOptimizationTests", dependencies: ["PolicyOptimization"]),
    .testTarget(name: "PrefixPreferenceTests", dependencies: ["PrefixPreference"]),
    .testTarget(name: "TrainingTests", dependencies: ["JSON", "Training"]),
    .testTarget(name: "ReportsTests", dependencies: ["Reports"]),
    // The tests run the built command, so it must be built before them.
    .testTarget(name: "CommandTests", dependencies: ["Training", "laconic"]),
  ],
  swiftLanguageModes: [.v6]
)
