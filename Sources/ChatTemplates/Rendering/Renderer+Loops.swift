extension Renderer {
  func execute(_ loop: Statement.Loop) throws {
    let iterable = try evaluate(loop.iterable)
    if loop.isRecursive {
      try write(render(loop, over: iterable, level: 0))
    } else {
      try run(loop, over: iterable, level: 0, recursion: nil)
    }
  }

  /// The text of a recursive loop over `iterable`.
  private func render(_ loop: Statement.Loop, over iterable: Value, level: Int) throws -> String {
    try meter.enter()
    defer { meter.leave() }
    let definition = scope
    return try collect {
      try run(loop, over: iterable, level: level) { [unowned self] inner in
        // The body of a recursive loop is a function that sees what the loop saw.
        let outer = scope
        scope = definition
        defer { scope = outer }
        return .string(try render(loop, over: inner, level: level + 1))
      }
    }
  }

  private func run(
    _ loop: Statement.Loop, over iterable: Value, level: Int, recursion: LoopContext.Recursion?
  ) throws {
    offset = loop.offset
    let source = try iterable.requiredCursor(self)
    let outer = scope
    defer { scope = outer }
    var cursor = source
    var length = iterable.length
    if let filter = loop.filter {
      length = nil
      cursor = Cursor(meter) { [unowned self] in
        while let value = try source.next() {
          if try accepts(value, filter, loop.target, in: outer) { return value }
        }
        return nil
      }
    }
    let context = try LoopContext(
      iterable, cursor: cursor, length: length, level: level, recursion: recursion, meter)
    defer { context.finish() }
    var finishedIteration = false
    var inner = Scope(inside: outer)
    while let value = try context.next() {
      // A macro may have kept the last iteration's variables.
      if isKnownUniquelyReferenced(&inner) { inner.clear() } else { inner = Scope(inside: outer) }
      scope = inner
      inner.set(loop.loopSymbol, .object(context))
      offset = loop.offset
      try assign(value, to: loop.target)
      let flow = try execute(loop.body)
      scope = outer
      if flow == .leavesLoop { break }
      if flow == .onward { finishedIteration = true }
    }
    // As Jinja2 compiles it, the else part also runs when no iteration got to the body's end.
    if !finishedIteration, !loop.otherwise.isEmpty {
      _ = try inScope { try execute(loop.otherwise) }
    }
  }

  private func accepts(
    _ value: Value, _ filter: Expression, _ target: Statement.Target, in outer: Scope
  ) throws -> Bool {
    let current = scope
    scope = Scope(inside: outer)
    defer { scope = current }
    try assign(value, to: target)
    return try evaluate(filter).isTrue
  }
}
