import IngotModel
import Testing

@testable import ImageBuild

@Suite("Rules of .dockerignore")
struct IgnoreRulesTests {
    @Test(
        "decide as the reference has it",
        arguments: [
            ("a", "a", true), ("a", "a/b/c", true), ("a", "b/a", false), ("/a/", "a", true), ("./a/../b", "b", true),
            ("*", "x", true), ("*", ".x", true), ("*.go", "a.go", true), ("*.go", "d/a.go", false), ("*/*.go", "d/a.go", true),
            ("**/*.go", "a.go", true), ("**/*.go", "d/e/a.go", true), ("**", "d/e", true), ("d/**", "d/e/f", true), ("d/**", "d", false),
            ("d/**/f", "d/f", true), ("d/**/f", "d/x/y/f", true), ("d/**/f", "dxf", false),
            ("a?c", "abc", true), ("a?c", "a/c", false), ("[a-c]x", "bx", true), ("[^a-c]x", "bx", false), ("\\*", "*", true), ("\\*", "a", false),
            ("# a", "# a", false), ("*\n!x", "x", false), ("*\n!x", "y", true), ("*\n!d/x", "d/x", false), ("!x\n*", "x", true),
            ("d\n!d/x\nd/x/y", "d/x/y", true), ("d\n!d/x\nd/x/y", "d/x/z", false), ("  a  ", "a", true), ("\r\na\r\n", "a", true), ("", "a", false),
            ("**/node_modules", "x/node_modules/y", true), ("a**b", "a/x/b", true), ("a**b", "axb", false), ("a**b", "ab", true),
            ("**.go", "d/a.go", true), ("**x", "d/ax", true), ("***", "d/e", true), ("[!a]x", "!x", true), ("[!a]x", "bx", false),
            ("../a", "a", false), ("/../a", "a", true), (" # a", "# a", true), ("\u{FEFF}a", "a", true), ("d/f\n!d", "d/f", true),
            ("d/\n!d/f", "d/f", false), ("a/b/", "a/b/c", true), ("\\!a", "!a", true), ("Dockerfile\n.dockerignore", ".dockerignore", true),
        ])
    func decision(text: String, path: String, isIgnored: Bool) throws {
        #expect(try IgnoreRules(text, file: ".dockerignore").isIgnored(path) == isIgnored)
    }

    @Test("with a pattern that is not closed are a mistake at their line")
    func malformed() {
        let error = #expect(throws: BuildError.self) { try IgnoreRules("a\n[b\nc\\\n!", file: ".dockerignore") }
        #expect(error?.diagnostics.map(\.location.line) == [2, 3, 4])
    }

    @Test(
        "say whether an ignored folder must be looked into",
        arguments: [
            ("*\n!d/x", "d", true), ("*\n!d/x", "e", false), ("*\n!*/x", "e", true), ("*\n!**/x", "a/b", true), ("*", "d", false),
            ("*\n!de", "d", false),
        ])
    func below(text: String, folder: String, expected: Bool) throws {
        #expect(try IgnoreRules(text, file: ".dockerignore").mayInclude(below: folder) == expected)
    }

    @Test("take time in proportion, also with many stars")
    func stars() throws {
        let pattern = PathPattern(String(repeating: "a*", count: 200) + "b", crossesFolders: true)
        #expect(pattern?.matches(String(repeating: "a", count: 5_000)) == false)
    }
}
