import Foundation
import Testing

@testable import Tasks

/// The compressed data was made with zlib 1.2.13 at level 9: with the fixed code, stored, and with codes
/// of its own.
@Suite struct GzipTests {
  static let row = "{\"question\":\"1+1?\",\"answer\":\"2\"}\n"
  static let fixed = bytes(
    "H4sICAAAAAAAA2RhdGEuanNvbmwAq1YqLE0tLsnMz1OyUjLUNrRX0lFKzCsuTy0C8o2UarkA4nqoMSEAAAA=")
  static let stored = bytes(
    "H4sIAAAAAAAAAwEhAN7/eyJxdWVzdGlvbiI6IjErMT8iLCJhbnN3ZXIiOiIyIn0K4nqoMSEAAAA=")
  static let dynamic = bytes(
    "H4sIAAAAAAAAA3XYS45dNwwE0HlW0UuQREqkFmQjBhrOJPtH1NP08fSCT4+fIqvIz1+/f3yMj39+fvz794+Pn78+"
      + "f/z1+fVpfv+U3z9d/PB8/7b2928Bu8R7B3/b8G4ORbFkmSm3FctVMIpmbVk23oyVSobyrYgyZdl4cy/8+y74eRTR"
      + "kWXpzdK/t/y8iugeVlNpmkMZnVPJn6zTXCrpDFY/CZRNTB3C7xCpJUzPTiJQfbIGMTjZe2vg3RUDPqwcU9hWbOvQ"
      + "tvhu04crf4OxxVQeXi+pw0L5jVQtgnWLUo2jhYe4wk4O4SyJyQzhN1NYz6O+yOL8YLvtoc7ckyMkOENSo2Fziuyi"
      + "7dW7Z8iHF/AUKyi2s5WHU8rZaeW3xubYU2wVqnFt4aFK2KkrnDWprJfw20l+POqLbvXQZb89x2Sb6uN71PO3h1ma"
      + "g3IsW+cgDRz58dhBTs/JCOdcQevkHJ6HQ3s2J/z6gxoJcsfaJJpVZKV1TWHmu8htwiOTxiXt5jzWUYzyQZLW3aTT"
      + "qVkwd2hwTE+ZuZvWx2+foCfHfh+O0VnOSSUzWM53XVanXcunEGhtnNxBVF1j8FrAXOL7Nau6YQ32zhpFETP/oGKC"
      + "Mmay59dXmBI9nCfrD1JmcVatmHw70oqq6Hc6ygzmJDm5n8xhvjc54e0ijHKTbdYjWL19yGPr4Vh+myFXbe5FRe5d"
      + "D/YUj2T1t1wxyku9sO5Wz79ZqgnxNGhRmnL6xLi0nlRPD93yJBZ12VO4FKiLii9icrsMasmIVnXCKvURyaU19W/s"
      + "oFjeVtaHfPl0vDV7U+CXt4E6XB3ae8bbW2nNDebR5fBKMLzPc6MfaevW2zm5z30xNBcORvk4iueXxR00Yynf7wlV"
      + "J3P6bsG9+RGGcJKbG3nu4lp1vFedw8WqeEXI2l6teJ/I9nWmeffIu9TzeXlP2WNyafL02XPQevr+8xidtyLeld4T"
      + "XCGD96odrQzu5B3sbZGqzt6s5eORy6WTd7v9pJw8Kd4Dd5Evdw/he7+hqbefDpEnd6vT3h/y5ja2uvhrOmpfnntw"
      + "YR6aJ8fa54Stw2+nPUn7vR3ldk4OM/jVxPKkWJ3jWr5Jpcp/EYnevkTVQyAX/uHrwCC+HwR5d5jsnVrstHJfVrCL"
      + "K9jzlZwQtTlPypvXkyG0Pr4UF+dgFadmecZWcyK/VUoZ7MFp34Pc0L4a9yTv9CJL9SKndZAB23zZSXbtTS7uTeZ+"
      + "8FandbEv3x6pLu6m4uimPun7fzXzH3AzjmpiGgAA")
  static let dynamicText = (0..<300).map { "line \($0 * $0) of the file\n" }.joined()

  private static func bytes(_ base64: String) -> [UInt8] {
    Data(base64Encoded: base64).map(Array.init) ?? []
  }

  private func text(_ bytes: [UInt8]) throws -> String {
    String(decoding: try Gzip.decompress(bytes), as: UTF8.self)
  }

  @Test func everyKindOfBlockIsRead() throws {
    #expect(try text(Self.fixed) == Self.row)
    #expect(try text(Self.stored) == Self.row)
    #expect(try text(Self.dynamic) == Self.dynamicText)
  }

  @Test func membersFollowEachOther() throws {
    #expect(
      try text(Self.fixed + Self.dynamic + Self.stored + [0, 0])
        == Self.row + Self.dynamicText + Self.row)
  }

  @Test func checksumsAreThoseOfTheStandard() {
    #expect(Gzip.checksum(Array("123456789".utf8)) == 0xCBF4_3926)
  }

  @Test func everyCutIsAnError() {
    for member in [Self.fixed, Self.stored, Self.dynamic] {
      for length in 0..<member.count {
        #expect(throws: Inflate.Failure.self) { try Gzip.decompress(Array(member[..<length])) }
      }
    }
  }

  @Test func damageIsNoticed() {
    for index in (Self.fixed.count - 8)..<Self.fixed.count {
      var damaged = Self.fixed
      damaged[index] ^= 0x40
      #expect(throws: Inflate.Failure.self) { try Gzip.decompress(damaged) }
    }
    var method = Self.fixed
    method[2] = 7
    #expect(throws: Inflate.Failure(found: "compression method 7", expected: "8, DEFLATE")) {
      try Gzip.decompress(method)
    }
  }

  @Test func outputIsBounded() {
    #expect(
      throws: Inflate.Failure(found: "more than 100 bytes of decompressed data", expected: "less")
    ) {
      try Gzip.decompress(Self.dynamic, limit: 100)
    }
  }
}
