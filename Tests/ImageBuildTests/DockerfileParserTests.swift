import IngotModel
import Testing

@testable import ImageBuild

@Suite("A Dockerfile")
struct DockerfileParserTests {
    private func parse(_ text: String) throws -> Dockerfile { try DockerfileParser.parse(text, file: "Dockerfile") }

    private func mistakes(_ text: String) -> [String] {
        do {
            _ = try parse(text)
            return []
        } catch let error as BuildError {
            return error.diagnostics.map(\.description)
        } catch {
            return ["\(error)"]
        }
    }

    private func kinds(_ body: String) throws -> [Instruction.Kind] {
        try parse("FROM scratch\n" + body).stages[0].instructions.map(\.kind)
    }

    @Test("is read into stages with names, in any case of letters")
    func stages() throws {
        let file = try parse("arg V=1\nFrom debian:$V as Build\nrun true\nFROM scratch\ncopy --from=build /a /b\n")
        #expect(file.arguments.map(\.name) == ["V"])
        #expect(file.stages.map(\.name) == ["build", nil])
        #expect(file.stages[0].base.raw == "debian:$V")
        #expect(file.stages[0].instructions.map(\.text) == ["RUN true"])
    }

    @Test("joins continued lines and leaves out comments and empty lines inside them")
    func continuation() throws {
        let kinds = try kinds("RUN a && \\\n  # a comment\n\n  b \\  \n  c\n# the end\n")
        #expect(kinds == [.run(RunInstruction(.shell("a &&   b   c")))])
    }

    @Test("does not go on after two escape characters")
    func escapedEscape() throws {
        #expect(try kinds("RUN echo \\\\\nRUN b") == [.run(RunInstruction(.shell("echo \\\\"))), .run(RunInstruction(.shell("b")))])
    }

    @Test("takes another escape character by directive")
    func escapeDirective() throws {
        let file = try parse("# escape=`\nFROM scratch\nRUN a `\n b\\\n")
        #expect(file.escape == "`")
        #expect(file.stages[0].instructions.map(\.kind) == [.run(RunInstruction(.shell("a  b\\")))])
    }

    @Test("reads shell and exec form")
    func forms() throws {
        let kinds = try kinds(#"CMD ["a", "b \"c\" \u00e9"]"# + "\nENTRYPOINT exec a\nCMD []\nSHELL [\"/bin/bash\",\"-c\"]")
        #expect(
            kinds == [
                .command(.exec(["a", "b \"c\" é"])), .entrypoint(.shell("exec a")), .command(.exec([])), .shell(["/bin/bash", "-c"]),
            ])
    }

    @Test("warns about a list that is not JSON and gives it to the shell")
    func notJSON() throws {
        let file = try parse("FROM scratch\nCMD ['a', 'b']")
        #expect(file.stages[0].instructions.map(\.kind) == [.command(.shell("['a', 'b']"))])
        #expect(file.warnings.map(\.location.column) == [5])
    }

    @Test("reads flags and words of COPY")
    func copy() throws {
        let kinds = try kinds("COPY --from=a --chown=1:2 --chmod=755 x y /z/\nCOPY [\"a b\", \"c\"]")
        guard case .copy(let first) = kinds[0], case .copy(let second) = kinds[1] else { return #expect(Bool(false)) }
        #expect(first.sources.map(\.raw) == ["x", "y"])
        #expect(first.destination.raw == "/z/")
        #expect([first.from?.raw, first.owner?.raw, first.mode?.raw] == ["a", "1:2", "755"])
        #expect(second.sources.map(\.raw) == ["a b"])
    }

    @Test("reads both forms of ENV, and quotes that hold blanks together")
    func environment() throws {
        let kinds = try kinds("ENV A=1 B=\"x y\" C=a\\ b\nENV D some words  here")
        guard case .environment(let new) = kinds[0], case .environment(let old) = kinds[1] else { return #expect(Bool(false)) }
        #expect(new.map { "\($0.name)|\($0.value)" } == ["A|1", "B|\"x y\"", "C|a\\ b"])
        #expect(old.map { "\($0.name)|\($0.value)" } == ["D|some words  here"])
    }

    @Test("reads a health check")
    func healthCheck() throws {
        let kinds = try kinds("HEALTHCHECK --interval=5s --retries=2 CMD [\"x\"]\nHEALTHCHECK NONE")
        #expect(kinds == [.healthCheck(HealthCheck(command: .exec(["x"]), interval: .seconds(5), retries: 2)), .healthCheck(HealthCheck())])
    }

    @Test(
        "shows each mistake at its line and column",
        arguments: [
            (
                "",
                "Dockerfile:1:1: error: there is no FROM: an image has to start from something; write FROM scratch, or FROM and the name of a base image"
            ),
            ("RUN x", "Dockerfile:1:1: error: RUN stands before the first FROM"),
            ("FROM a b", "Dockerfile:1:8: error: FROM needs one base, and perhaps AS and a name; FROM base AS name"),
            ("FROM a\nFROM b AS 1x", "Dockerfile:2:11: error: '1x' can't be the name of a stage; a letter, then letters, digits, _ . -"),
            ("FROM a\n  RNU x", "Dockerfile:2:3: error: unknown instruction 'RNU'; did you mean RUN?"),
            ("FROM a\nCOPY --chwon=1 a b", "Dockerfile:2:6: error: COPY has no flag --chwon; did you mean --chown?"),
            ("FROM a\nCOPY --chown a b", "Dockerfile:2:6: error: --chown has no value; write --chown=…"),
            ("FROM a\nCOPY \\\n  a", "Dockerfile:3:4: error: COPY needs at least one source and a destination"),
            ("FROM a\nENV A=1 B", "Dockerfile:2:9: error: 'B' has no '=': ENV needs name=value; put quotes around blanks"),
            ("FROM a\nENV A", "Dockerfile:2:6: error: ENV needs a value for 'A'"),
            ("FROM a\nHEALTHCHECK --interval=5 CMD x", "Dockerfile:2:24: error: '5' is not a length of time; write 30s or 1m30s"),
            ("FROM a\nRUN <<EOF\nx\n EOF", "Dockerfile:2:5: error: the document 'EOF' has no end; a line after it has to be EOF and nothing else"),
            ("FROM a\nCOPY a <<EOF\nEOF", "Dockerfile:2:8: error: COPY can't have a document as its destination"),
            ("FROM a\nCOPY <<a/b /x\na/b", "Dockerfile:3:1: error: a document named 'a/b' can't be a file; its name becomes the file's name"),
            ("FROM a\nCOPY --link=1 a b", "Dockerfile:2:13: error: --link can't be '1'; write --link, --link=true or false"),
            ("FROM a\nCOPY --checksum=x a b", "Dockerfile:2:6: error: COPY has no flag --checksum"),
            ("FROM a\nADD --from=x a b", "Dockerfile:2:5: error: ADD has no flag --from"),
            ("FROM a\nADD --link --link a b", "Dockerfile:2:12: error: --link stands twice"),
            (
                "FROM a\nRUN --device=gpu a",
                "Dockerfile:2:5: error: RUN --device is refused: a build gets no device of this machine, so that it gives the same image on every one; do what needs the device when the container runs"
            ),
            ("FROM a\nRUN --network=net a", "Dockerfile:2:15: error: --network can't be 'net'; write default or none or host"),
            ("FROM a\nRUN --mount=type=cach,target=/x a", "Dockerfile:2:13: error: there is no mount of type 'cach'; did you mean cache?"),
            ("FROM a\nRUN --mount=type=tmpfs,target=/x,siz=1 a", "Dockerfile:2:13: error: a tmpfs mount has no key 'siz'; did you mean size?"),
            (
                "FROM a\nRUN --mount=type=bind,mode=1 a",
                "Dockerfile:2:13: error: a bind mount has no key 'mode'; it has from, readonly, readwrite, source, target, type"
            ),
            ("FROM a\nRUN --mount=source=a,src=b a", "Dockerfile:2:13: error: --mount says 'source' twice"),
            ("FROM a\nRUN --mount=target a", "Dockerfile:2:13: error: 'target' of --mount has no value; write key=value"),
            ("FROM a\nRUN --mount=type=secret a", "Dockerfile:2:13: error: a secret mount needs an id; --mount=type=secret,id=NAME"),
            ("FROM a\nRUN --mount='\"a' a", "Dockerfile:2:13: error: a quote of --mount is not closed"),
            ("FROM a\nHEALTHCHECK --timeout=1us CMD x", "Dockerfile:2:23: error: --timeout can't be less than 1ms"),
            ("FROM a\nONBUILD", "Dockerfile:2:8: error: ONBUILD needs an instruction"),
            ("FROM a\nONBUILD ONBUILD RUN x", "Dockerfile:2:9: error: ONBUILD can't have ONBUILD"),
            ("FROM a\nONBUILD from x", "Dockerfile:2:9: error: ONBUILD can't have FROM"),
            ("FROM a\nONBUILD COPY a", "Dockerfile:2:15: error: COPY needs at least one source and a destination"),
            ("FROM a\nVOLUME", "Dockerfile:2:7: error: VOLUME needs a path"),
            ("FROM a\nVOLUME [\"\"]", "Dockerfile:2:12: error: VOLUME needs a path"),
            (
                "FROM a\nCMD [1]",
                "Dockerfile:2:5: error: a list in JSON can have nothing but texts here; put each value between double quotes"
            ),
            ("# escape=`\n# escape=`\nFROM a", "Dockerfile:2:1: error: the directive 'escape' stands twice"),
            (
                "# check=skp=A\nFROM a",
                "Dockerfile:1:1: error: the directive 'check' can't be 'skp=A'; write skip=RuleName,RuleName;error=true, or skip=all"
            ),
            ("# escape=x\nFROM a", "Dockerfile:1:1: error: the directive 'escape' can't be 'x'; write \\ or `"),
        ])
    func mistake(text: String, expected: String) {
        #expect(mistakes(text) == [expected])
    }

    @Test("has all its mistakes shown, in the order of the file")
    func allMistakes() {
        #expect(mistakes("FROM a\nADD x\nRNU\nCOPY a").count == 3)
    }

    @Test("that is too large is refused")
    func tooLarge() {
        let text = "FROM a\n" + String(repeating: "# x\n", count: 300_000)
        #expect(throws: BuildError.self) { try parse(text) }
    }

    @Test("never traps the parser, whatever its bytes are", arguments: 0..<200)
    func anyBytes(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let parts = [
            "FROM", "RUN", "COPY", "ENV", "\\", "\n", "\r\n", " ", "--", "=", "[", "\"", "'", "$", "{", "}", "#", "<<", "é", "\u{0}", "AS",
            "HEALTHCHECK", "CMD", "ONBUILD", "ADD", "<<-E", "E", "--mount=", "type=", ",", "# check=", "\t",
        ]
        let text = (0..<random.next(upTo: 60)).map { _ in parts[random.next(upTo: parts.count)] }.joined()
        _ = mistakes(text)
        _ = mistakes("FROM a\n" + text)
    }
}

/// SplitMix64, so that a failing case can be run again.
struct SeededGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next(upTo bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((value ^ (value >> 31)) % UInt64(bound))
    }
}
