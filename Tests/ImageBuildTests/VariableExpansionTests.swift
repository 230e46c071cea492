import Testing

@testable import ImageBuild

@Suite("Variables")
struct VariableExpansionTests {
    static let variables = ["x": "value", "empty": "", "_1": "one"]

    @Test(
        "are filled in as the reference has it",
        arguments: [
            ("$x", "value"), ("${x}", "value"), ("$x.$y.", "value.."), ("a${x}b", "avalueb"), ("$_1", "one"),
            ("${x:-d}", "value"), ("${y:-d}", "d"), ("${empty:-d}", "d"), ("${empty-d}", ""), ("${y-d}", "d"),
            ("${x:+s}", "s"), ("${y:+s}", ""), ("${empty:+s}", ""), ("${empty+s}", "s"), ("${x:?m}", "value"),
            ("${y:-${x}}", "value"), ("${y:-a b}", "a b"), ("${y:-'$x'}", "$x"),
            ("\\$x", "$x"), ("\\\\$x", "\\value"), ("'$x'", "$x"), ("\"$x\"", "value"), ("\"a\\\"b\"", "a\"b"), ("\"a\\b\"", "a\\b"),
            ("a\\ b", "a b"), ("$", "$"), ("$ x", "$ x"), ("a$%", "a$%"), ("", ""), ("x\\", "x"), ("$xé", "valueé"),
        ])
    func expansion(raw: String, expected: String) throws {
        #expect(try VariableExpansion(Self.variables).expand(raw) == expected)
    }

    @Test("that are malformed are mistakes", arguments: ["${x", "${}", "${x:", "'x", "\"x", "${x/a/b}", "${x#a}", "${y:?is needed}", "${x:-${y}"])
    func malformed(raw: String) {
        #expect(throws: VariableExpansion.Failure.self) { try VariableExpansion(Self.variables).expand(raw) }
    }

    @Test("can't be made to fill the memory or the stack")
    func limits() {
        let large = VariableExpansion(["x": String(repeating: "a", count: 1 << 19)])
        #expect(throws: VariableExpansion.Failure.self) { try large.expand("$x$x$x") }
        let deep = String(repeating: "${y:-", count: 5_000) + String(repeating: "}", count: 5_000)
        #expect(throws: VariableExpansion.Failure.self) { try large.expand(deep) }
    }

    @Test("use the escape character of the directive")
    func otherEscape() throws {
        #expect(try VariableExpansion(Self.variables, escape: "`").expand("`$x\\$x") == "$x\\value")
    }
}
