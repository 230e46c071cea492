public import ImageBuild
public import ImageStore
import IngotModel

/// A Dockerfile, and what is known of the world around it.
public struct DockerfileSubject: Sendable {
    public let dockerfile: Dockerfile
    /// Each RUN, cut into commands once for all rules.
    let scripts: [SourceLocation: RunScript]
    /// The stage that becomes the image, by name or number; the last one when `nil`.
    public var target: String?
    /// The names of the service's environments.
    public var environments: Set<String> = []
    /// Whether `ingot.yaml` lets the image's user be root.
    public var allowsRoot = false
    /// Whether `ingot.yaml` gives the command, so that the image needs none.
    public var hasCommand = false
    /// Whether the context has a `.dockerignore`; `nil` when there is no context to look at.
    public var hasIgnoreFile: Bool?
    /// The text of a file of the context; `nil` when there is none that can be read.
    public var contextFile: @Sendable (_ path: String) -> String? = { _ in nil }
    /// What an image that FROM names says of itself; `nil` when it is not known.
    public var base: @Sendable (_ image: String) -> ImageConfiguration.Settings? = { _ in nil }

    public init(_ dockerfile: Dockerfile) {
        self.dockerfile = dockerfile
        scripts = dockerfile.stages.flatMap(\.instructions).reduce(into: [:]) { scripts, instruction in
            if case .run(let run) = instruction.kind { scripts[instruction.location] = RunScript(run, at: instruction.location) }
        }
    }
}

extension DockerfileSubject {
    /// Everything that the rules say of the file.
    public func findings() -> [LintFinding] {
        DockerfileRules.all.flatMap { $0.findings(self) } + BuildCheckRules.findings(dockerfile)
    }

    /// The stages whose layers are the image's, the lowest first: the target and what it stands on.
    var imageStages: [Stage] {
        guard var index = targetIndex else { return [] }
        var chain = [dockerfile.stages[index]]
        while let base = stageIndex(baseName(dockerfile.stages[index]), before: index) {
            chain.insert(dockerfile.stages[base], at: 0)
            index = base
        }
        return chain
    }

    /// The instructions that make the image.
    var imageInstructions: [Instruction] { imageStages.flatMap(\.instructions) }

    var allInstructions: [Instruction] { dockerfile.stages.flatMap(\.instructions) }

    /// The image below the lowest stage.
    var baseImage: String? { imageStages.first.flatMap(baseName) }

    /// What a stage starts from, with the file's own arguments in place; `nil` when it depends on one that has no value.
    func baseName(_ stage: Stage) -> String? { expanded(stage.base) }

    func expanded(_ word: Word) -> String? {
        guard word.raw.contains("$") else { return word.raw }
        let text = try? VariableExpansion(arguments, escape: dockerfile.escape).expand(word.raw)
        return text.flatMap { $0.isEmpty || $0.hasPrefix(":") || $0.hasSuffix(":") ? nil : $0 }
    }

    private var arguments: [String: String] {
        dockerfile.arguments.reduce(into: [:]) { known, argument in
            guard let value = argument.value else { return }
            known[argument.name] = try? VariableExpansion(known, escape: dockerfile.escape).expand(value.raw)
        }
    }

    private var targetIndex: Int? {
        guard let target else { return dockerfile.stages.indices.last }
        return dockerfile.stages.firstIndex { $0.name == target.lowercased() }
            ?? Int(target).flatMap { dockerfile.stages.indices.contains($0) ? $0 : nil }
    }

    /// The stage of that name above another one.
    func stageIndex(_ name: String?, before index: Int) -> Int? {
        guard let name = name?.lowercased() else { return nil }
        return dockerfile.stages[..<index].lastIndex { $0.name == name }
    }

    func isStage(_ name: String) -> Bool {
        dockerfile.stages.contains { $0.name == name.lowercased() } || Int(name).map(dockerfile.stages.indices.contains) ?? false
    }
}
