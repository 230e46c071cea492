import IngotModel

/// What a name in FROM, `COPY --from` or a mount means.
///
/// A context of the request wins over a stage, also where the stage is named by its number; a stage above wins over an image. As in BuildKit.
struct OriginNames {
    private let expansion: VariableExpansion
    private let contexts: Set<String>
    /// Of all stages of the file, to tell a stage below from an image.
    private let all: Set<String>
    private let count: Int
    /// The stages above, by name and by number. Of a name that stands twice, the last.
    private var stages: [String: Int] = [:]
    private var replaced: [Int: String] = [:]

    init(_ dockerfile: Dockerfile, arguments: [String: String], contexts: Set<String>) {
        expansion = VariableExpansion(arguments, escape: dockerfile.escape)
        self.contexts = contexts
        all = Set(dockerfile.stages.compactMap(\.name))
        count = dockerfile.stages.count
    }

    mutating func add(_ stage: Stage, index: Int) {
        stages["\(index)"] = index
        if let name = stage.name { stages[name] = index }
        replaced[index] = stage.replacedBy
    }

    func index(of target: String) -> Int? { stages[target.lowercased()] }

    private func stage(_ name: String) -> BuildGraph.Origin? {
        stages[name.lowercased()].map { index in replaced[index].map(BuildGraph.Origin.image) ?? .stage(index) }
    }

    func base(_ stage: Stage) throws(BuildError) -> BuildGraph.Origin {
        let name = try expanded(stage.base)
        if let context = stage.replacedBy { return .image(context) }
        if !Self.isNumber(name), let stage = self.stage(name) { return stage }
        return name == "scratch" ? .scratch : .image(context(name) ?? name)
    }

    func source(_ word: Word) throws(BuildError) -> BuildGraph.Origin {
        let name = try expanded(word)
        if let stage = stage(name) { return stage }
        if Self.isNumber(name) {
            let exists = Int(name).map { $0 < count } ?? false
            throw BuildError(
                "stage-missing", at: word.location, exists ? "stage \(name) is not before this one" : "there is no stage \(name) before this one")
        }
        if all.contains(name.lowercased()) {
            throw BuildError("stage-missing", at: word.location, "stage '\(name)' is not before this one", hint: "move it up")
        }
        return name == "scratch" ? .scratch : .image(context(name) ?? name)
    }

    func platform(_ stage: Stage) throws(BuildError) -> Platform? {
        guard let word = stage.platform else { return nil }
        let text = try expansion.expand(word)
        guard !text.isEmpty else { throw BuildError("platform-missing", at: word.location, "'\(word)' is empty after its variables are filled in") }
        do {
            return try Platform(text: text)
        } catch {
            throw BuildError("invalid-platform", at: word.location, error.message, hint: error.remedy)
        }
    }

    private func expanded(_ word: Word) throws(BuildError) -> String {
        let name = try expansion.expand(word)
        guard !name.isEmpty else { throw BuildError("base-missing", at: word.location, "'\(word)' is empty after its variables are filled in") }
        return name
    }

    /// The context that stands for an image: by the name as it is, or as Docker shortens it.
    private func context(_ name: String) -> String? {
        var short = name[...]
        for prefix in ["docker.io/library/", "docker.io/"] where short.hasPrefix(prefix) { short = short.dropFirst(prefix.count) }
        if short.hasSuffix(":latest") { short = short.dropLast(":latest".count) }
        return [name, String(short)].first { contexts.contains($0) }
    }

    private static func isNumber(_ name: String) -> Bool { name.allSatisfy { $0.isASCII && $0.isNumber } }
}
