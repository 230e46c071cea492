import IngotModel

/// The names that have a value at one place of a stage.
struct VariableScope {
    private(set) var known: Set<String>
    /// ARGs without a value: naming them is no mistake.
    private var declared: Set<String> = []
    private let globals: GlobalArguments
    private let escape: Character

    init(known: Set<String>, globals: GlobalArguments, escape: Character) {
        self.known = known
        self.globals = globals
        self.escape = escape
    }

    /// Names of an instruction that have no value; what it defines counts for the next one.
    mutating func findings(_ instruction: Instruction) -> [DockerfileCheck.Finding] {
        if case .argument(let declarations) = instruction.kind { return declarations.flatMap { declare($0) } }
        var findings = Self.words(instruction.kind).flatMap { missing($0.raw, at: $0.location) }
        if case .copy(let copy) = instruction.kind {
            findings += copy.documents.filter(\.expands).flatMap { missing($0.content, at: $0.location, isDocument: true) }
        }
        if case .environment(let pairs) = instruction.kind { known.formUnion(pairs.map(\.name.raw)) }
        return findings
    }

    private mutating func declare(_ declaration: ArgumentDeclaration) -> [DockerfileCheck.Finding] {
        let name = declaration.name
        let isGiven = globals.given[name] != nil
        let findings = isGiven ? [] : declaration.value.map { missing($0.raw, at: $0.location) } ?? []
        declared.insert(name)
        if isGiven || declaration.value != nil || globals.declared[name] != nil { known.insert(name) }
        return findings
    }

    private func missing(_ text: String, at location: SourceLocation, isDocument: Bool = false) -> [DockerfileCheck.Finding] {
        // Any value will do: only whether there is one is asked.
        let variables = Dictionary(uniqueKeysWithValues: known.map { ($0, "x") })
        let expansion = VariableExpansion(variables, escape: isDocument ? "\\" : escape)
        guard text.contains("$"), let reading = try? expansion.read(text, keepsQuotes: isDocument) else { return [] }
        return reading.missing.subtracting(declared).sorted().map { name in
            let nearest = NearestWord.to(name, among: known.sorted())
            return .init("Usage of undefined variable '$\(name)'", at: location, hint: nearest.map { "did you mean $\($0)?" })
        }
    }

    /// The words of an instruction that are expanded, less those of ARG.
    private static func words(_ kind: Instruction.Kind) -> [Word] {
        switch kind {
        case .environment(let pairs), .label(let pairs): pairs.flatMap { [$0.name, $0.value] }
        case .workingFolder(let word), .user(let word), .stopSignal(let word): [word]
        case .expose(let words), .volume(let words): words
        case .copy(let copy): copy.sources + [copy.destination] + [copy.owner, copy.mode, copy.checksum].compactMap { $0 } + copy.excludes
        case .run(let run): run.mounts.flatMap { $0.options.sorted { $0.key < $1.key }.map(\.value) }
        case .argument, .entrypoint, .command, .healthCheck, .shell, .onBuild, .maintainer: []
        }
    }
}
