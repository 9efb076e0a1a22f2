import Foundation

/// What one encoding needs for itself: the cache of words and the arrays of the models.
final class Workspace {
  let cache = WordCache()
  var merger = PairMerger()
  var lattice = UnigramLattice()
}

/// Lends workspaces, so that threads encode side by side without waiting for each other and a
/// thread that encodes many texts keeps its cache.
final class WorkspacePool: @unchecked Sendable {
  // Guarded by `lock`; a workspace that is lent is in nobody else's hands.
  private var idle: [Workspace] = []
  private let lock = NSLock()

  func withWorkspace<Result>(_ body: (Workspace) -> Result) -> Result {
    let workspace = lock.withLock { idle.popLast() } ?? Workspace()
    defer { lock.withLock { idle.append(workspace) } }
    return body(workspace)
  }
}
