import IngotModel
import Testing

@testable import ImageBuild

@Suite("The plan of a build")
struct BuildPlanTests {
    static let images = [
        "copies": ["COPY --from=tools /a /b", "RUN x"], "simple": ["WORKDIR /app"], "broken": ["NONSENSE x"], "two": ["RUN a\nRUN b"],
        "documents": ["RUN <<EOF\na\nEOF"],
    ]

    private func plan(_ text: String, target: String? = nil, contexts: Set<String> = []) async throws -> BuildPlan {
        let file = try DockerfileParser.parse(text, file: "Dockerfile")
        return try await BuildPlan(file, globals: GlobalArguments(file, given: [:]), target: target, contexts: contexts) { image, _, _ in
            Self.images[image] ?? []
        }
    }

    private func summaries(_ plan: BuildPlan, _ stage: Int) -> [String] {
        plan.dockerfile.stages[stage].instructions.map { InstructionSummary.text($0.kind) }
    }

    @Test("puts what a base asks for before a stage's own instructions, and sees what that depends on")
    func triggers() async throws {
        let plan = try await plan("FROM simple AS tools\nFROM copies\nRUN y")
        #expect(summaries(plan, 1) == ["COPY from=tools (/a) -> /b", "RUN sh(x)", "RUN sh(y)"])
        #expect(summaries(plan, 0) == ["WORKDIR /app"])
        #expect(plan.graph.needed == [0, 1])
        #expect(plan.graph.nodes[1].sources == [0: .stage(0)])
        #expect(plan.dockerfile.stages[1].instructions.map(\.location.line) == [2, 2, 3])
    }

    @Test("carries out what a stage leaves to the stages on it, and no further")
    func stageTriggers() async throws {
        let plan = try await plan("FROM scratch AS a\nONBUILD RUN x\nFROM a AS b\nFROM b")
        #expect(summaries(plan, 1) == ["RUN sh(x)"])
        #expect(summaries(plan, 2) == [])
    }

    @Test("reads documents of a trigger")
    func documents() async throws {
        #expect(try await summaries(plan("FROM documents"), 0) == ["RUN sh(<<EOF) <<EOF(a\n)"])
    }

    @Test("asks nothing of stages that the target does not need")
    func unneeded() async throws {
        let plan = try await plan("FROM broken AS a\nFROM scratch AS b\n", target: "b")
        #expect(plan.graph.needed == [1] && summaries(plan, 0) == [])
    }

    @Test("refuses a trigger that is no instruction, at the FROM", arguments: ["broken", "two"])
    func refusal(image: String) async throws {
        let error = await #expect(throws: BuildError.self) { try await plan("# x\nFROM \(image)") }
        #expect(error?.diagnostics.first?.location.line == 2)
    }

    @Test("has contexts stand for stages and images of their names")
    func contexts() async throws {
        let text = "FROM simple AS files\nRUN x\nFROM docker.io/library/base\nCOPY --from=files /a /b\nCOPY --from=0 /a /b\nCOPY --from=other /a /b"
        let plan = try await plan(text, contexts: ["files", "base", "other"])
        #expect(plan.graph.nodes[0].base == .image("files") && summaries(plan, 0) == [])
        #expect(plan.graph.nodes[1].base == .image("base"))
        #expect(plan.graph.nodes[1].sources == [0: .image("files"), 1: .image("files"), 2: .image("other")])
    }
}
