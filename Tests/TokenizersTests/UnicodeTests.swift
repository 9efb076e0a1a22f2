import Testing

@testable import Tokenizers

@Suite struct UnicodeTests {
  @Test func classesOfASCII() {
    let table = UnicodeClassTable.shared
    for value in UInt32(0)..<0x80 {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let character = Character(scalar)
      let classes = table[value]
      #expect(classes.contains(.letter) == character.isLetter)
      #expect(classes.contains(.number) == character.isNumber)
      #expect(classes.contains(.numeric) == character.isNumber)
      #expect(classes.contains(.whitespace) == character.isWhitespace)
      #expect(
        classes.contains(.word) == (character.isLetter || character.isNumber || character == "_"))
      #expect(
        classes.contains(.punctuation)
          == (value > 0x20 && value < 0x7F && !character.isLetter && !character.isNumber))
    }
  }

  @Test func classesBeyondASCII() {
    let table = UnicodeClassTable.shared
    #expect(table[0x6F22].contains(.letter) && table[0xAC00].contains(.letter))
    #expect(table[0xB2].contains(.number) && table[0x2167].contains(.number))
    #expect(table[0x301].contains(.mark) && table[0x301].contains(.combining))
    #expect(table[0x3000].contains(.whitespace) && !table[0x200B].contains(.whitespace))
    #expect(table[0x10FFFF] == [])
    #expect(table[0x1F600].isDisjoint(with: [.letter, .number, .mark, .whitespace]))
  }

  /// Every letter that Unicode 9 to the running version agree on has that class in the table.
  @Test func classesAgreeWithTheStandardLibrary() {
    let table = UnicodeClassTable.shared
    var disagreements = 0
    var letters = 0
    for value in UInt32(0)..<0x110000 {
      guard let scalar = Unicode.Scalar(value), let age = scalar.properties.age, age.major <= 9
      else { continue }
      let isLetter =
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
          true
        default: false
        }
      letters += isLetter ? 1 : 0
      if table[value].contains(.letter) != isLetter { disagreements += 1 }
    }
    #expect(letters > 100_000)
    // Scalars whose category a later version corrected.
    #expect(disagreements < 20)
  }

  @Test func checkedUTF8() {
    func check(_ bytes: [UInt8]) -> UTF8Scalars.Checked {
      bytes.withUnsafeBufferPointer { UTF8Scalars.check($0, at: 0) }
    }
    #expect(check([0x41]) == .scalar(0x41, length: 1))
    #expect(check([0xE2, 0x82, 0xAC]) == .scalar(0x20AC, length: 3))
    #expect(check([0xF0, 0x9F, 0x98]) == .incomplete)
    #expect(check([0xF0, 0x9F, 0x41]) == .invalid(length: 2))
    #expect(check([0xE0, 0x80]) == .invalid(length: 1))
    #expect(check([0xED, 0xA0, 0x80]) == .invalid(length: 1))
    #expect(check([0xF4, 0x90]) == .invalid(length: 1))
    #expect(check([0xC1]) == .invalid(length: 1))
    #expect(check([0xFF]) == .invalid(length: 1))
  }

  @Test func scalarsRoundTrip() {
    for value in stride(from: UInt32(0), to: 0x110000, by: 37) {
      guard let scalar = Unicode.Scalar(value) else { continue }
      var bytes: [UInt8] = []
      UTF8Scalars.append(value, to: &bytes)
      #expect(bytes == Array(String(scalar).utf8))
      let decoded = bytes.withUnsafeBufferPointer { UTF8Scalars.decode($0, at: 0) }
      #expect(decoded.scalar == value && decoded.length == bytes.count)
    }
  }

  @Test func byteAlphabet() {
    #expect(ByteAlphabet.scalarOfByte[0x20] == 0x120)
    #expect(ByteAlphabet.scalarOfByte[0x0A] == 0x10A)
    #expect(ByteAlphabet.scalarOfByte[0xAD] == 0x143)
    #expect(ByteAlphabet.scalarOfByte[0x41] == 0x41)
    #expect(Set(ByteAlphabet.scalarOfByte).count == 256)
    for byte in UInt8.min...UInt8.max {
      #expect(ByteAlphabet.byte(of: ByteAlphabet.scalarOfByte[Int(byte)]) == byte)
    }
    #expect(ByteAlphabet.byte(of: 0x144) == nil && ByteAlphabet.byte(of: 0x20) == nil)
  }
}
