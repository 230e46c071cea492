import IngotModel

/// What each stage stands on and takes files from.
struct BuildGraph: Sendable {
    /// Where a base or the files of `COPY --from` come from.
    enum Origin: Hashable, Sendable {
        case scratch
        case stage(Int)
        case image(String)
    }

    struct Node: Hashable, Sendable {
        var index: Int
        var base: Origin
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
    ///   - arguments: what FROM and `--from` may name in variables.
    ///   - target: the name or number of a stage; the last when `nil`.
    /// - Throws: `BuildError` at the place of a base that can't be.
    init(_ dockerfile: Dockerfile, arguments: [String: String], target: String?) throws(BuildError) {
        let expansion = VariableExpansion(arguments, escape: dockerfile.escape)
        var names: [String: Int] = [:]
        for (index, stage) in dockerfile.stages.enumerated() {
            nodes.append(try Self.node(stage, index: index, names: names, expansion: expansion))
            names["\(index)"] = index
            if let name = stage.name { names[name] = index }
        }
        guard let target else {
            self.target = nodes.count - 1
            return
        }
        guard let index = names[target.lowercased()] else { throw .targetMissing(target, known: dockerfile.stages.compactMap(\.name)) }
        self.target = index
    }

    private static func node(_ stage: Stage, index: Int, names: [String: Int], expansion: VariableExpansion) throws(BuildError) -> Node {
        var node = Node(index: index, base: try origin(stage.base, names: names, numbersAreStages: false, expansion: expansion))
        for (place, instruction) in stage.instructions.enumerated() {
            if case .run(let run) = instruction.kind {
                for (number, mount) in run.mounts.enumerated() {
                    guard let from = mount.options["from"] else { continue }
                    node.mountSources[place, default: [:]][number] = try origin(from, names: names, numbersAreStages: true, expansion: expansion)
                }
            }
            guard case .copy(let copy) = instruction.kind, let from = copy.from else { continue }
            node.sources[place] = try origin(from, names: names, numbersAreStages: true, expansion: expansion)
        }
        return node
    }

    private static func origin(
        _ word: Word, names: [String: Int], numbersAreStages: Bool, expansion: VariableExpansion
    ) throws(BuildError) -> Origin {
        let name = try expansion.expand(word)
        guard !name.isEmpty else { throw BuildError("base-missing", at: word.location, "'\(word)' is empty after its variables are filled in") }
        if !numbersAreStages, name == "scratch" { return .scratch }
        let isNumber = name.allSatisfy { $0.isASCII && $0.isNumber }
        if isNumber, !numbersAreStages { return .image(name) }
        if let index = names[name.lowercased()] { return .stage(index) }
        if isNumber { throw BuildError("stage-missing", at: word.location, "there is no stage \(name) before this one") }
        return .image(name)
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
