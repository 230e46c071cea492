import IngotModel

/// What each stage stands on and takes files from.
struct BuildGraph: Sendable {
    /// Where a base, the files of `COPY --from`, or what is mounted come from.
    enum Origin: Hashable, Sendable {
        case scratch
        case stage(Int)
        /// An image, or a context that the request gives under this name.
        case image(String)
    }

    struct Node: Hashable, Sendable {
        var index: Int
        var base: Origin
        /// What `FROM --platform` asks for.
        var platform: Platform?
        /// By the place of the COPY in the stage.
        var sources: [Int: Origin] = [:]
        /// By the place of the RUN in the stage, then by that of the `--mount` in the RUN.
        var mountSources: [Int: [Int: Origin]] = [:]

        var dependencies: Set<Int> {
            let all = [base] + sources.values + mountSources.values.flatMap(\.values)
            return Set(all.compactMap { if case .stage(let index) = $0 { index } else { nil } })
        }
    }

    private(set) var nodes: [Node] = []
    private(set) var target = 0

    /// - Parameters:
    ///   - arguments: what FROM and `from` may name in variables.
    ///   - target: the name or number of a stage; the last when `nil`.
    ///   - contexts: the names of contexts that the request gives.
    /// - Throws: `BuildError` at the place of a base that can't be.
    init(_ dockerfile: Dockerfile, arguments: [String: String], target: String?, contexts: Set<String> = []) throws(BuildError) {
        var names = OriginNames(dockerfile, arguments: arguments, contexts: contexts)
        for (index, stage) in dockerfile.stages.enumerated() {
            nodes.append(try Self.node(stage, index: index, names: names))
            names.add(stage, index: index)
        }
        guard let target else {
            self.target = nodes.count - 1
            return
        }
        guard let index = names.index(of: target) else { throw .targetMissing(target, known: dockerfile.stages.compactMap(\.name)) }
        self.target = index
    }

    private static func node(_ stage: Stage, index: Int, names: OriginNames) throws(BuildError) -> Node {
        var node = Node(index: index, base: try names.base(stage), platform: try names.platform(stage))
        for (place, instruction) in stage.instructions.enumerated() {
            switch instruction.kind {
            case .copy(let copy): if let from = copy.from { node.sources[place] = try names.source(from) }
            case .run(let run):
                for (mount, flag) in run.mounts.enumerated() {
                    guard let from = flag.options["from"] else { continue }
                    node.mountSources[place, default: [:]][mount] = try names.source(from)
                }
            default: break
            }
        }
        return node
    }

    /// The stages that the target needs, itself among them, in the order of the file.
    var needed: [Int] {
        var needed: Set<Int> = []
        var open = [target]
        while let index = open.popLast() {
            guard needed.insert(index).inserted else { continue }
            open += nodes[index].dependencies
        }
        return needed.sorted()
    }

    /// The needed stages whose dependencies are all finished, less those that have begun.
    func ready(finished: Set<Int>, begun: Set<Int>) -> [Int] {
        needed.filter { !begun.contains($0) && nodes[$0].dependencies.isSubset(of: finished) }
    }
}

extension VariableExpansion {
    func expand(_ word: Word) throws(BuildError) -> String {
        do {
            return try expand(word.raw)
        } catch {
            throw BuildError("invalid-variable", at: word.location, error.message)
        }
    }
}
