import Testing

@testable import ImageBuild

@Suite("A mask over secrets")
struct SecretMaskTests {
    private func masked(_ pieces: [String], _ secrets: [String]) -> String {
        var mask = SecretMask(secrets.map { Array($0.utf8) })
        var told: [UInt8] = []
        for piece in pieces { told += mask.append(Array(piece.utf8)) }
        return String(decoding: told + mask.finish(), as: UTF8.self)
    }

    @Test(
        "hides a value wherever it is cut",
        arguments: [
            (["a hunter2 b"], ["hunter2\n"], "a *** b"),
            (["a hun", "ter", "2 b"], ["hunter2"], "a *** b"),
            (["a hun", "t"], ["hunter2"], "a hunt"),
            (["hunhunter2"], ["hunter2"], "hun***"),
            (["one\ntwo\n"], ["one\ntwo"], "***\n"),
            (["x\nsecond line\n"], ["first line\nsecond line\n"], "x\n***\n"),
            (["abcd"], ["abc", "abcdef"], "***d"),
            (["abcdef"], ["abc", "abcdef"], "***"),
            (["}{"], ["{\nlong enough\n}"], "}{"),
            (["plain"], ["", "\n"], "plain"),
        ] as [([String], [String], String)])
    func hides(pieces: [String], secrets: [String], expected: String) { #expect(masked(pieces, secrets) == expected) }

    @Test("hides a value at every way of cutting it in three")
    func everyCut() {
        let text = Array("say hunter2hunter2, hunter!")
        for first in 0...text.count {
            for second in first...text.count {
                let pieces = [text[..<first], text[first..<second], text[second...]].map { String($0) }
                #expect(masked(pieces, ["hunter2"]) == "say ******, hunter!")
            }
        }
    }

    @Test("keeps a hidden value out of lines and of what is kept for the error")
    func lines() {
        let lines = OutputLines(masking: [Array("top\nsecret value\n".utf8)]) { #expect(!$0.contains("secret value")) }
        for byte in Array("x top\nsecret value y\n".utf8) { lines.append([byte]) }
        lines.finish()
        #expect(lines.tail == ["x *** y"])
    }
}
