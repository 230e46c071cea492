import Testing

@testable import Lint

@Suite("Shell scripts cut into commands") struct ShellScriptTests {
    @Test(
        "commands are found wherever they stand",
        arguments: [
            ("a b && c; d || e & f", ["a b", "c", "d", "e", "f"]),
            ("if test -f x; then a; else b; fi", ["test -f x", "a", "b"]),
            ("for i in 1 2; do a $i; done", ["for i in 1 2", "a $i"]),
            ("(cd /x && make)", ["cd /x", "make"]),
            ("echo 'a; b' \"c && d\" e\\ f", ["echo a; b c && d e f"]),
            ("a $(b c | d) e", ["b c", "d", "a $(b c | d) e"]),
            ("echo \"`date`\"", ["date", "echo $(date)"]),
            ("sh -ec 'a && b'", ["sh -ec a && b", "a", "b"]),
            ("A=1 B=2 sudo -E env C=3 apt-get update", ["apt-get update"]),
            ("a # b; c\nd", ["a", "d"]),
            ("a > out 2>&1 < in | b", ["a", "b"]),
            ("a \\\n  b", ["a b"]),
            ("", []), (";;;|||", []), ("'unclosed", ["unclosed"]), ("$(", ["$("]), ("a $((1 + 2))", ["a $((1 + 2))"]),
        ] as [(String, [String])])
    func commands(text: String, expected: [String]) {
        let found = ShellScript(text).commands.map { $0.words.joined(separator: " ") }.filter { !$0.isEmpty }
        #expect(found.filter { !$0.hasPrefix("1 +") } == expected)
    }

    @Test("a pipe, an exec and a redirection are remembered") func details() {
        let commands = ShellScript("A=b curl x | sh > log; exec server").commands
        #expect(commands.map(\.isPiped) == [true, false, false])
        #expect(commands.map(\.replacesShell) == [false, false, true])
        #expect(commands[0].assignments == ["A=b"])
        #expect(commands[1].redirections == ["log"])
    }

    @Test("scripts in scripts end") func deep() {
        let nested = (0..<40).reduce("a") { text, _ in "$(\(text))" }
        #expect(ShellScript(nested).commands.count <= ShellScript.deepest + 1)
        #expect(!ShellScript(String(repeating: "$(", count: 10_000)).commands.isEmpty)
    }

    @Test("any text is read, and a long one in a bounded time") func anything() {
        let alphabet = Array("ab \\'\"$(){}`<>|&;#\n=-1")
        var state: UInt64 = 42
        for length in 0..<400 {
            let text = String(
                (0..<length).map { _ in
                    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    return alphabet[Int(state >> 33) % alphabet.count]
                })
            #expect(ShellScript(text).commands.allSatisfy { !$0.words.isEmpty || !$0.assignments.isEmpty }, "\(text)")
        }
        let long = String(repeating: "a", count: 1 << 18)
        #expect(ShellScript(long).commands.map(\.words) == [[long]])
        #expect(!ShellScript(String(repeating: "`a`;", count: 1 << 14)).commands.isEmpty)
    }
}
