import Testing

@testable import ImageBuild

@Suite("The graph of a build")
struct BuildGraphTests {
    private func graph(_ text: String, arguments: [String: String] = [:], target: String? = nil) throws -> BuildGraph {
        try BuildGraph(DockerfileParser.parse(text, file: "Dockerfile"), arguments: arguments, target: target)
    }

    static let diamond = """
        FROM base AS a
        FROM a AS b
        FROM a AS c
        FROM unused AS d
        FROM scratch
        COPY --from=b /x /x
        COPY --from=2 /x /y
        COPY --from=other:1 /x /z
        """

    @Test("leaves out stages that the target does not need")
    func needed() throws {
        #expect(try graph(Self.diamond).needed == [0, 1, 2, 4])
        #expect(try graph(Self.diamond, target: "b").needed == [0, 1])
        #expect(try graph(Self.diamond, target: "3").needed == [3])
    }

    @Test("starts what depends on nothing unfinished, together")
    func ready() throws {
        let graph = try graph(Self.diamond)
        #expect(graph.ready(finished: [], begun: []) == [0])
        #expect(graph.ready(finished: [0], begun: [0]) == [1, 2])
        #expect(graph.ready(finished: [0, 1], begun: [0, 1, 2]) == [])
        #expect(graph.ready(finished: [0, 1, 2], begun: [0, 1, 2]) == [4])
    }

    @Test("fills variables into bases")
    func variables() throws {
        #expect(try graph("ARG V\nFROM debian:${V:-1}", arguments: ["V": "12"]).nodes[0].base == .image("debian:12"))
    }

    @Test(
        "refuses what can't be",
        arguments: [
            ("FROM scratch\nCOPY --from=1 a b", nil, "build.stage-missing"), ("FROM $X", nil, "build.base-missing"),
            ("FROM a AS x", "y", "build.target-missing"), ("FROM ${X:?set}", nil, "build.invalid-variable"),
        ] as [(String, String?, String)])
    func refusal(text: String, target: String?, code: String) {
        let error = #expect(throws: BuildError.self) { try graph(text, target: target) }
        #expect(error?.code == code)
    }
}
