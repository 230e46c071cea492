import Testing

@testable import ImageBuild

@Suite("Variables")
struct VariableExpansionTests {
    static let variables = ["x": "value", "empty": "", "_1": "one", "path": "/usr/local/bin", "f": "a.tar.gz", "한국어": "korean"]

    @Test(
        "are filled in as the reference has it",
        arguments: [
            ("$x", "value"), ("${x}", "value"), ("$x.$y.", "value.."), ("a${x}b", "avalueb"), ("$_1", "one"),
            ("${x:-d}", "value"), ("${y:-d}", "d"), ("${empty:-d}", "d"), ("${empty-d}", ""), ("${y-d}", "d"),
            ("${x:+s}", "s"), ("${y:+s}", ""), ("${empty:+s}", ""), ("${empty+s}", "s"), ("${x:?m}", "value"), ("${empty?m}", ""),
            ("${y:-${x}}", "value"), ("${y:-a b}", "a b"), ("${y:-'$x'}", "$x"), ("${y:-\"$x}\"}", "value}"), ("${y:-${z:-$x}}", "value"),
            ("${y:-\\$x:}", "$x:"), ("${y:-\\${x}z}", "${xz}"), ("$한국어", "korean"), ("$xé", ""), ("a$1x", "ax"), ("a$$b", "ab"), ("$12", ""),
            ("'\"hello\"'", "\"hello\""), ("\"he'$x'\"", "he'value'"), ("'\\$x'", "\\$x"), ("he\\'llo", "he'llo"), ("abc\\tdef", "abctdef"),
            ("\"abc\\tdef\"", "abc\\tdef"), ("\"abc\\\\tdef\"", "abc\\tdef"), ("'hello\\'", "hello\\"), ("\\${}aaa", "${}aaa"),
            ("hello\\\\", "hello\\"),
            ("\\$x", "$x"), ("\\\\$x", "\\value"), ("'$x'", "$x"), ("\"$x\"", "value"), ("\"a\\\"b\"", "a\"b"), ("\"a\\b\"", "a\\b"),
            ("a\\ b", "a b"), ("$", "$"), ("$ x", "$ x"), ("a$%", "a$%"), ("", ""), ("x\\", "x"), ("${x}é", "valueé"),
        ])
    func expansion(raw: String, expected: String) throws {
        #expect(try VariableExpansion(Self.variables).expand(raw) == expected)
    }

    @Test(
        "lose what fits a pattern",
        arguments: [
            ("${path#*/}", "usr/local/bin"), ("${path##*/}", "bin"), ("${path%/*}", "/usr/local"), ("${path%%/*}", ""), ("${f%.gz}", "a.tar"),
            ("${f%%.*}", "a"), ("${f#?}", ".tar.gz"), ("${f#b}", "a.tar.gz"), ("${f#}", "a.tar.gz"), ("${f##}", "a.tar.gz"), ("${f#*}", "a.tar.gz"),
            ("${f##*}", ""), ("${y#a}", ""), ("${x#$y}", "value"), ("${x#\"va\"}", "lue"), ("${x%${x#val}}", "val"), ("${x:#va}", "lue"),
        ])
    func trimming(raw: String, expected: String) throws {
        #expect(try VariableExpansion(Self.variables).expand(raw) == expected)
    }

    @Test(
        "have what fits a pattern replaced",
        arguments: [
            ("${path/\\//:}", ":usr/local/bin"), ("${path//\\//:}", ":usr:local:bin"), ("${f/.*/}", "a"), ("${f//?/x}", "xxxxxxxx"),
            ("${f/q/x}", "a.tar.gz"),
            ("${f/tar/$x}", "a.value.gz"), ("${f//a/}", ".tr.gz"), ("${x//l/${_1}}", "vaoneue"), ("${y/a/b}", ""), ("${x/$y/b}", "bvalue"),
            ("${_1///}", "one"), ("${_1//$y/-}", "-o-n-e-"),
        ])
    func replacing(raw: String, expected: String) throws {
        #expect(try VariableExpansion(Self.variables).expand(raw) == expected)
    }

    @Test("keep the meaning of characters that are special elsewhere, in patterns")
    func literalPatterns() throws {
        let expand = { (raw: String, value: String) in try VariableExpansion(["F": value]).expand(raw) }
        #expect(try expand(#"${F#()[]{\}^$.\*\?|\\}"#, #"()[]{}^$.*?|\x"#) == "x")
        #expect(try expand(#"${F%%\**}"#, "xx**") == "xx")
        #expect(try expand(#"${F%%\**\*}"#, "a***yy*") == "a")
        #expect(try expand(#"${F#?\?}"#, "???y") == "?y")
        #expect(try expand("${F#*x*y}", "xxyy") == "y")
        #expect(try expand(#"${F//\//\/}"#, "/tmp/foo.txt") == #"\/tmp\/foo.txt"#)
        #expect(try expand("${F#*b}", "a\nb") == "a\nb")
    }

    @Test(
        "that are malformed are mistakes",
        arguments: [
            "${x", "${}", "${x:", "'x", "\"x", "${x/a}", "${x//a}", "${x//}", "${x=a}", "${x:=a}", "${x:1:2}", "${x^^}", "${.}", "${{x}}", "${:x}",
            "${y:?is needed}", "${y?}", "${empty:?}", "${x:-${y}", "he'llo", "${x#\\a}", "\"hello\\\"",
        ])
    func malformed(raw: String) {
        #expect(throws: VariableExpansion.Failure.self) { try VariableExpansion(Self.variables).expand(raw) }
    }

    @Test(
        "tell which names had a value and which had none",
        arguments: [
            ("${FOO-a} ${BAR:-b} ${BAZ:-$Q}", ["FOO", "BAR"], ["BAZ", "Q"]), ("${FOO/$BAR/$BAZ}", ["FOO", "BAR"], ["BAZ"]), ("'$FOO' \\$BAR", [], []),
            ("${FOO#$BAR}", ["FOO", "BAR"], []),
        ] as [(String, Set<String>, Set<String>)])
    func names(raw: String, found: Set<String>, missing: Set<String>) throws {
        let reading = try VariableExpansion(["FOO": "x", "BAR": ""]).read(raw)
        #expect(reading.found == found && reading.missing == missing)
    }

    @Test("are filled into documents, where quotes are characters like others")
    func documents() throws {
        let expansion = VariableExpansion(Self.variables, escape: "`")
        #expect(try expansion.expandDocument("a '$x' \"${x}\" it's\n\\$x \\\\ `$x\n") == "a 'value' \"value\" it's\n$x \\ `value\n")
    }

    @Test("can't be made to fill the memory, the stack or the time")
    func limits() {
        let large = VariableExpansion(["x": String(repeating: "a", count: 1 << 19)])
        #expect(throws: VariableExpansion.Failure.self) { try large.expand("$x$x$x") }
        var patient = VariableExpansion(["x": String(repeating: "a", count: 1_000), "y": String(repeating: "b", count: 2_000)])
        #expect(throws: VariableExpansion.Failure.self) { try patient.expand("${x//a/$y}") }
        patient.mostPatternSteps = 5_000
        #expect(throws: VariableExpansion.Failure.self) { try patient.expand("${x//*a*a*a*b/c}") }
        let deep = String(repeating: "${y:-", count: 5_000) + String(repeating: "}", count: 5_000)
        #expect(throws: VariableExpansion.Failure.self) { try large.expand(deep) }
    }

    @Test("use the escape character of the directive")
    func otherEscape() throws {
        #expect(try VariableExpansion(Self.variables, escape: "`").expand("`$x\\$x") == "$x\\value")
    }

    @Test("never trap, whatever the word is", arguments: 0..<200)
    func anyWord(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let parts = ["$", "{", "}", "x", "#", "%", "/", ":", "-", "?", "*", "\\", "'", "\"", "é", " ", "\n", "`", "path"]
        let text = (0..<random.next(upTo: 40)).map { _ in parts[random.next(upTo: parts.count)] }.joined()
        _ = try? VariableExpansion(Self.variables).expand(text)
        _ = try? VariableExpansion(Self.variables).expandDocument(text)
    }
}
