import Foundation
import Torch

extension CausalLanguageModel {
  /// Puts a new adapter beside the weights: A random, B zero, so that nothing is computed otherwise yet.
  ///
  /// The weights then gather no gradients any more: `trainable` is about the adapter alone.
  ///
  /// - Parameter seed: the same A for the same seed, on every device.
  /// - Throws: `ModelError` for a target that the model does not have, or when there is an adapter.
  public func attachAdapter(_ configuration: LoRAConfiguration, seed: UInt64) throws {
    let names = try configuration.modules(of: self.configuration)
    try attach(configuration, to: linears.filter { names.contains($0.name) }).initialize(
      seed: seed)
  }

  /// Puts the adapter of a PEFT folder beside the weights.
  ///
  /// - Throws: `ModelError` when the adapter does not fit the model, naming the tensor with its expected
  ///   and found shape, and `SafetensorsError` for a damaged file; the model is then as it was.
  public func loadAdapter(_ folder: LoRAFolder) throws {
    let names = try folder.configuration.modules(among: linears.map(\.name))
    let adapted = linears.filter { names.contains($0.name) }
    // All is read before anything is made: a rank that the file does not have takes no memory.
    let stored = try storedTensors(in: folder, of: adapted)
    let adapter = try attach(folder.configuration, to: adapted)
    withoutGradients {
      for ((_, tensor), value) in zip(adapter.parameters, stored) { tensor.copy(from: value) }
    }
  }

  /// A and B of every map, in the order of an adapter's parameters.
  private func storedTensors(in folder: LoRAFolder, of linears: [NamedLinear]) throws -> [Tensor] {
    let checkpoint = try Checkpoint(adapter: folder.url)
    let shapes = linears.flatMap { LoRAAdapter.shapes(of: $0, rank: folder.configuration.rank) }
    let own = Set(shapes.map(\.name))
    if let name = checkpoint.names.first(where: { !own.contains($0) }) {
      throw ModelError(
        kind: .unexpectedTensor, path: checkpoint.path(of: name) ?? folder.url.path,
        problem: "the tensor \"\(name)\" has no place in the \(configuration.family.rawValue) "
          + "model of \(configuration.layerCount) layers, of which \(LoRAFolder.configurationName) "
          + "adapts \(linears.count) linear maps")
    }
    return try shapes.map { try checkpoint.tensor($0.name, shape: $0.shape) }
  }

  /// Writes the adapter as PEFT does: `adapter_config.json` and `adapter_model.safetensors`, the weights
  /// last, each file whole or not at all.
  ///
  /// - Parameter baseModel: the folder or name of the model that the adapter belongs to.
  /// - Throws: `ModelError` when the model has no adapter or a file cannot be written.
  public func saveAdapter(to folder: URL, baseModel: String) throws {
    let adapter = try requireAdapter()
    try makeFolder(folder)
    let document = adapter.configuration.document(
      baseModel: baseModel, modules: adapter.linears.map(\.name))
    try write(
      Data(document.prettyPrinted.utf8), to: folder.appending(path: LoRAFolder.configurationName))
    try SafetensorsFile.write(
      adapter.parameters.map { ($0.name, $0.tensor.detached()) }, metadata: ["format": "pt"],
      to: folder.appending(path: Checkpoint.adapterName))
  }

  /// Adds the adapter's updates to the weights and takes it off: the model is then one like any other.
  ///
  /// - Throws: `ModelError` when the model has no adapter.
  public func mergeAdapter() throws {
    let adapter = try requireAdapter()
    withoutGradients {
      for (_, linear) in adapter.linears {
        guard let delta = linear.adaptation.update?.delta else { continue }
        linear.weight.copy(from: linear.weight.to(delta.dtype) + delta)
      }
    }
    removeAdapter()
  }

  private func requireAdapter() throws(ModelError) -> LoRAAdapter {
    guard let adapter else {
      throw ModelError(kind: .unsupported, path: "model", problem: "the model has no adapter")
    }
    return adapter
  }

  private func attach(
    _ configuration: LoRAConfiguration, to linears: [NamedLinear]
  ) throws(ModelError) -> LoRAAdapter {
    guard adapter == nil else {
      throw ModelError(
        kind: .unsupported, path: "model",
        problem: "the model has an adapter already; merge it before another is added")
    }
    trainable = false
    let adapter = LoRAAdapter(
      configuration, linears: linears,
      place: ParameterPlace(dtype: dtype == .float64 ? .float64 : .float32, device: device))
    self.adapter = adapter
    return adapter
  }

  private func removeAdapter() {
    adapter?.detach()
    adapter = nil
  }
}

extension CausalLanguageModel {
  /// Runs `body` with the adapter off: the model is its base, without a second copy of the weights.
  public func withoutAdapter<Result>(_ body: () throws -> Result) rethrows -> Result {
    guard let state = adapter?.state else { return try body() }
    precondition(!isMerged, "the adapter is merged")
    let before = state.isEnabled
    state.isEnabled = false
    defer { state.isEnabled = before }
    return try body()
  }

  /// Runs `body` without gradients and with the adapter's updates added to copies of the adapted weights,
  /// so that a token costs no more than without an adapter. The weights stay as they are, to the bit.
  ///
  /// A half-precision model keeps the updates beside its weights: their sum would be rounded to few digits,
  /// and what is sampled from would not be what is trained.
  public func withMergedAdapter<Result>(_ body: () throws -> Result) rethrows -> Result {
    try withoutGradients {
      guard let adapter, adapter.state.isEnabled, !isMerged,
        dtype == adapter.parameters[0].tensor.dtype
      else { return try body() }
      setMerged(true)
      defer { setMerged(false) }
      return try body()
    }
  }

  /// A generator for `withAdapterDropout`; nil where nothing is dropped.
  ///
  /// - Throws: `TorchError` when the device has gone.
  public func dropoutGenerator(seed: UInt64) throws -> RandomGenerator? {
    adapter?.hasDropout == true ? try RandomGenerator(seed: seed, device: device) : nil
  }

  /// Runs `body`, a pass of a training step, with the adapter's dropout.
  ///
  /// - Parameter generator: draws what is dropped, on the model's device; nil drops nothing.
  public func withAdapterDropout<Result>(
    from generator: RandomGenerator?, _ body: () throws -> Result
  ) rethrows -> Result {
    guard let adapter, let generator else { return try body() }
    adapter.state.dropout = Dropout(adapter.configuration.dropout, generator: generator)
    defer { adapter.state.dropout = nil }
    return try body()
  }
}
