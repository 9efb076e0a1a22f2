import Foundation

/// A complex number with a bound on its rounding error.
struct Complex {
  var re: Double
  var im: Double
  /// An estimate of the absolute error, from the operations that led here.
  var error: Double

  private static let epsilon = 0x1p-52

  init(_ re: Double, _ im: Double = 0, error: Double? = nil) {
    self.re = re
    self.im = im
    self.error = error ?? Self.epsilon * max(abs(re), abs(im))
  }

  static let nan = Complex(.nan, .nan)

  var magnitude: Double { im == 0 ? abs(re) : hypot(re, im) }
  var isFinite: Bool { re.isFinite && im.isFinite && error.isFinite }
  var isReal: Bool { abs(im) <= error + Self.epsilon * abs(re) }

  static func + (left: Complex, right: Complex) -> Complex {
    let (re, im) = (left.re + right.re, left.im + right.im)
    return Complex(re, im, error: left.error + right.error + epsilon * max(abs(re), abs(im)))
  }

  static func * (left: Complex, right: Complex) -> Complex {
    let (a, b) = (left.magnitude, right.magnitude)
    let error = a * right.error + b * left.error + 2 * epsilon * a * b
    if left.im == 0, right.im == 0 { return Complex(left.re * right.re, 0, error: error) }
    return Complex(
      left.re * right.re - left.im * right.im, left.re * right.im + left.im * right.re, error: error
    )
  }

  func scaled(by factor: Double) -> Complex {
    Complex(re * factor, im * factor, error: error * abs(factor) + Self.epsilon * abs(re * factor))
  }

  /// One over the number; not finite at zero.
  var inverse: Complex {
    let square = re * re + im * im
    guard square > 0, magnitude > error else { return .nan }
    return Complex(
      re / square, im == 0 ? 0 : -im / square,
      error: error / square + 2 * Self.epsilon / magnitude)
  }

  var logarithm: Complex {
    let size = magnitude
    guard size > error else { return .nan }
    let (re, im) = (
      Foundation.log(size), isReal ? (self.re < 0 ? Double.pi : 0) : atan2(self.im, self.re)
    )
    return Complex(re, im, error: error / size + Self.epsilon * (1 + abs(re)))
  }

  var exponential: Complex {
    let size = Foundation.exp(re)
    let relative = error + 2 * Self.epsilon * (1 + abs(im))
    if im == 0 { return Complex(size, 0, error: size * relative) }
    return Complex(size * cos(im), size * sin(im), error: size * relative)
  }

  /// The principal power, except that of negative real numbers a whole power is real.
  func power(_ exponent: Complex) -> Complex {
    if exponent.im == 0, exponent.re == exponent.re.rounded(), abs(exponent.re) <= 64 {
      return whole(Int(exponent.re))
    }
    if im == 0, exponent.im == 0, re >= 0 {
      let value = Foundation.pow(re, exponent.re)
      guard re > error else { return exponent.re > 0 ? Complex(0, 0, error: value + error) : .nan }
      let relative =
        abs(exponent.re) * error / re + abs(Foundation.log(re)) * exponent.error + 2 * Self.epsilon
      return Complex(value, 0, error: abs(value) * relative)
    }
    if magnitude == 0 { return exponent.re > 0 ? Complex(0) : .nan }
    return (logarithm * exponent).exponential
  }

  private func whole(_ exponent: Int) -> Complex {
    var result = Complex(1)
    for _ in 0..<exponent.magnitude { result = result * self }
    return exponent < 0 ? result.inverse : result
  }

  /// The root, real where there is a real one: the cube root of -8 is -2.
  func root(_ index: Int) -> Complex {
    guard index > 0 else { return .nan }
    let exponent = 1 / Double(index)
    if isReal, re < 0, index % 2 == 1 {
      let positive = Complex(-re, 0, error: error).power(Complex(exponent, 0, error: 0))
      return positive.scaled(by: -1)
    }
    if isReal, re >= 0 { return Complex(re, 0, error: error).power(Complex(exponent, 0, error: 0)) }
    return power(Complex(exponent, 0, error: 0))
  }

  static let i = Complex(0, 1)

  var sine: Complex {
    if im == 0 { return Complex(sin(re), 0, error: error + Self.epsilon * (1 + abs(re))) }
    return Complex(
      sin(re) * cosh(im), cos(re) * sinh(im),
      error: (error + Self.epsilon * (1 + abs(re))) * cosh(im))
  }

  var cosine: Complex {
    if im == 0 { return Complex(cos(re), 0, error: error + Self.epsilon * (1 + abs(re))) }
    return Complex(
      cos(re) * cosh(im), -sin(re) * sinh(im),
      error: (error + Self.epsilon * (1 + abs(re))) * cosh(im))
  }

  var arcsine: Complex {
    if isReal, abs(re) <= 1 {
      return Complex(
        asin(re), 0, error: error / max(1 - re * re, 1e-12).squareRoot() + Self.epsilon)
    }
    // -i log(iz + sqrt(1 - z^2))
    let inside = Complex.i * self + (Complex(1) + (self * self).scaled(by: -1)).root(2)
    return Complex(0, -1) * inside.logarithm
  }

  var arctangent: Complex {
    if isReal { return Complex(atan(re), 0, error: error + Self.epsilon) }
    // i/2 (log(1 - iz) - log(1 + iz))
    let turned = Complex.i * self
    let difference =
      (Complex(1) + turned.scaled(by: -1)).logarithm
      + (Complex(1) + turned).logarithm.scaled(by: -1)
    return Complex(0, 0.5) * difference
  }
}
