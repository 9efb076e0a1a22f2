/// Whether every number lies within `tolerance` of its counterpart.
func isClose(_ found: [Double], _ expected: [Double], _ tolerance: Double = 1e-12) -> Bool {
  found.count == expected.count
    && zip(found, expected).allSatisfy { abs($0 - $1) <= tolerance }
}

/// Whether two numbers lie within `tolerance` of each other.
func isClose(_ found: Double, _ expected: Double, _ tolerance: Double = 1e-12) -> Bool {
  abs(found - expected) <= tolerance
}
