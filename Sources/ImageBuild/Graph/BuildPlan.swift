import IngotModel

/// What is built: the Dockerfile with the instructions that its bases ask for in their places, and its graph.
struct BuildPlan: Sendable {
    private(set) var dockerfile: Dockerfile
    private(set) var graph: BuildGraph
    private var isExpanded: Set<Int> = []

    /// - Parameters:
    ///   - contexts: names of contexts. A stage of such a name is that context, whatever the file says of it.
    ///   - triggers: what ONBUILD left in an image. Asked only for images that the target needs.
    /// - Throws: `BuildError`, and what `triggers` throws.
    init(
        _ dockerfile: Dockerfile, globals: GlobalArguments, target: String? = nil, contexts: Set<String> = [],
        triggers: (_ image: String, Platform?, SourceLocation) async throws -> [String]
    ) async throws {
        self.dockerfile = dockerfile
        for index in dockerfile.stages.indices where dockerfile.stages[index].name.map(contexts.contains) ?? false {
            self.dockerfile.stages[index].replaceByContext()
        }
        graph = try BuildGraph(self.dockerfile, arguments: globals.declared, target: target, contexts: contexts)
        while let index = graph.needed.first(where: { !isExpanded.contains($0) }) {
            isExpanded.insert(index)
            guard try await expand(index, triggers) else { continue }
            graph = try BuildGraph(self.dockerfile, arguments: globals.declared, target: target, contexts: contexts)
        }
    }

    /// Puts the triggers of its base before a stage's own instructions. The stages below it in the graph are expanded before: they stand
    /// above it in the file.
    ///
    /// - Returns: whether there were any.
    private mutating func expand(_ index: Int, _ triggers: (String, Platform?, SourceLocation) async throws -> [String]) async throws -> Bool {
        let location = dockerfile.stages[index].location
        let texts: [String] =
            switch graph.nodes[index].base {
            case .scratch: []
            case .image(let name): try await triggers(name, graph.nodes[index].platform, dockerfile.stages[index].base.location)
            case .stage(let base): dockerfile.stages[base].triggers
            }
        guard !texts.isEmpty else { return false }
        let instructions = try texts.map { text throws(BuildError) in try DockerfileParser.parseTrigger(text, at: location) }
        dockerfile.stages[index].instructions.insert(contentsOf: instructions, at: 0)
        return true
    }
}

extension Stage {
    fileprivate mutating func replaceByContext() {
        guard let name else { return }
        replacedBy = name
        base = Word(name, at: base.location)
        platform = nil
        instructions = []
    }

    /// What its ONBUILDs leave to the stages that stand on it.
    var triggers: [String] {
        instructions.compactMap { if case .onBuild(let text) = $0.kind { text } else { nil } }
    }
}
