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

    @Test("sees what mounts and copies take, by name, number, image and context")
    func origins() throws {
        let text = """
            FROM a AS one
            FROM scratch AS two
            COPY --from=one x y
            RUN --mount=from=0,target=/a --mount=type=cache,from=TWO,target=/b --mount=type=cache,target=/c x
            FROM docker.io/library/base:latest AS three
            RUN --mount=from=two,target=/a --mount=from=files,target=/b --mount=from=img:1,target=/c x
            COPY --from=scratch x y
            """
        let file = try DockerfileParser.parse(text.replacing("from=TWO", with: "from=one"), file: "Dockerfile")
        let graph = try BuildGraph(file, arguments: [:], target: nil, contexts: ["files", "base"])
        #expect(graph.nodes[1].sources == [0: .stage(0)])
        #expect(graph.nodes[1].mountSources == [1: [0: .stage(0), 1: .stage(0)]])
        #expect(graph.nodes[2].base == .image("base"))
        #expect(graph.nodes[2].mountSources == [0: [0: .stage(1), 1: .image("files"), 2: .image("img:1")]])
        #expect(graph.nodes[2].sources == [1: .scratch])
        #expect(graph.needed == [0, 1, 2])
    }

    @Test("takes the last of two stages of one name, and a stage before an image")
    func names() throws {
        let graph = try graph("FROM x AS a\nFROM y AS a\nFROM A AS base\nFROM base", target: "a")
        #expect(graph.target == 1 && graph.nodes[2].base == .stage(1) && graph.nodes[3].base == .stage(2))
    }

    @Test("knows the platform of each base")
    func platforms() throws {
        let graph = try graph("FROM --platform=$BUILDPLATFORM a\nFROM --platform=arm64 b\nFROM c", arguments: ["BUILDPLATFORM": "linux/amd64"])
        #expect(graph.nodes.map { $0.platform.map { "\($0)" } } == ["linux/amd64", "linux/arm64", nil])
    }

    @Test(
        "refuses what can't be",
        arguments: [
            ("FROM a AS x\nCOPY --from=x a b", nil, "build.stage-missing"), ("FROM a\nCOPY --from=x a b\nFROM a AS x", nil, "build.stage-missing"),
            ("FROM a\nRUN --mount=from=0,target=/a b", nil, "build.stage-missing"), ("FROM a\nCOPY --from=9 a b", nil, "build.stage-missing"),
            ("FROM --platform=$NO a", nil, "build.platform-missing"), ("FROM --platform=vax a", nil, "build.invalid-platform"),
            ("FROM scratch\nCOPY --from=1 a b", nil, "build.stage-missing"), ("FROM $X", nil, "build.base-missing"),
            ("FROM a AS x", "y", "build.target-missing"), ("FROM ${X:?set}", nil, "build.invalid-variable"),
        ] as [(String, String?, String)])
    func refusal(text: String, target: String?, code: String) {
        let error = #expect(throws: BuildError.self) { try graph(text, target: target) }
        #expect(error?.code == code)
    }
}
