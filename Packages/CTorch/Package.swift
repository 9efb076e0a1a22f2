// swift-tools-version: 6.1
import PackageDescription

// `Scripts/libtorch.sh` makes `.libtorch/current`, a link to the folder that holds libtorch's
// `include` and `lib`, before any build.
let libtorch = Context.packageDirectory + "/../../.libtorch/current"

let package = Package(
  name: "CTorch",
  products: [.library(name: "CTorch", type: .dynamic, targets: ["CTorch"])],
  targets: [
    .target(
      name: "CTorch",
      cxxSettings: [
        .unsafeFlags([
          "-isystem", "\(libtorch)/include",
          "-isystem", "\(libtorch)/include/torch/csrc/api/include",
          "-Wno-deprecated-declarations",
          // Debug builds too: tests spend their time in here.
          "-O3", "-fno-trapping-math", "-fno-math-errno",
          "-fvisibility=hidden", "-fvisibility-inlines-hidden",
        ])
      ],
      linkerSettings: [
        .unsafeFlags([
          "-L\(libtorch)/lib", "-ltorch_cpu", "-lc10",
          "-Xlinker", "-rpath", "-Xlinker", "\(libtorch)/lib",
        ]),
        .unsafeFlags(
          ["-Xlinker", "--version-script=\(Context.packageDirectory)/CTorch.map"],
          .when(platforms: [.linux])),
      ])
  ],
  cxxLanguageStandard: .cxx20
)
