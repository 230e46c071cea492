public import IngotModel

/// Looks for what is allowed in a Dockerfile and most likely not meant, by the names that BuildKit's checks have.
///
/// Source: Docker's "Build checks" reference; the rules and their wording are BuildKit's.
public enum DockerfileChecks {
    static let all: [DockerfileCheck] =
        [.stageNameCasing, .fromAsCasing, .duplicateStageName, .reservedStageName]
        + [.noEmptyContinuation, .consistentInstructionCasing, .invalidDefinitionDescription]
        + [.undefinedArgInFrom, .invalidDefaultArgInFrom, .redundantTargetPlatform, .fromPlatformFlagConstDisallowed]
        + [.jsonArgsRecommended, .maintainerDeprecated, .workdirRelativePath, .multipleInstructionsDisallowed]
        + [.legacyKeyValueFormat, .secretsUsedInArgOrEnv, .exposeProtoCasing, .exposeInvalidFormat, .undefinedVar, .copyIgnoredFile]

    /// The names of all checks, in the order in which they are made.
    public static var names: [String] { all.map(\.name) }

    /// What the checks say, in the order of the file. `# check=` in the file says which are left out.
    public static func run(_ dockerfile: Dockerfile, facts: CheckFacts = CheckFacts()) -> [Diagnostic] {
        let options = dockerfile.directives.check
        guard !options.skipsAll else { return [] }
        let severity: Diagnostic.Severity = options.isError ? .error : .warning
        return all.filter { $0.isWanted(options) }.flatMap { check in
            check.find(dockerfile, facts).map { Diagnostic(severity, at: $0.location, $0.message, hint: $0.hint, rule: check.name) }
        }.inOrder.map { $0.quoting(dockerfile.sourceLines) }
    }

    /// Reads a Dockerfile and checks it; its own warnings are among the result.
    ///
    /// - Throws: `BuildError.invalidDockerfile` with every mistake.
    public static func run(_ text: String, file: String, facts: CheckFacts = CheckFacts()) throws(BuildError) -> [Diagnostic] {
        let dockerfile = try DockerfileParser.parse(text, file: file)
        return (dockerfile.warnings + run(dockerfile, facts: facts)).inOrder
    }
}

/// What checks are told about the world outside the file.
public struct CheckFacts: Sendable {
    /// Values given for ARG.
    public var buildArguments: [String: String] = [:]
    /// What the image is built for.
    public var platform: Platform = .host
    /// What an image that FROM names brings with it; `nil` when it is not known: then nothing is said that depends on it.
    public var base: @Sendable (_ image: String) -> BaseFacts? = { _ in nil }
    /// Whether `.dockerignore` leaves a path of the context out; `nil` when there is none, or when it takes something back by `!`.
    public var isIgnored: (@Sendable (_ path: String) -> Bool)?

    public init() {}
}

/// What a base image brings into a stage.
public struct BaseFacts: Hashable, Sendable {
    /// The names in its environment.
    public var variables: Set<String>
    /// Whether it sets the shell.
    public var hasShell: Bool

    public init(variables: Set<String>, hasShell: Bool = false) {
        self.variables = variables
        self.hasShell = hasShell
    }
}

/// One rule: a name, and a pure function from a file to what it finds in it.
struct DockerfileCheck: Sendable {
    struct Finding: Hashable, Sendable {
        var message: String
        var location: SourceLocation
        var hint: String?

        init(_ message: String, at location: SourceLocation, hint: String? = nil) {
            self.message = message
            self.location = location
            self.hint = hint
        }
    }

    let name: String
    /// Made only when the file asks for it: `# check=experimental=NAME`.
    let isExperimental: Bool
    let find: @Sendable (Dockerfile, CheckFacts) -> [Finding]

    init(_ name: String, isExperimental: Bool = false, _ find: @escaping @Sendable (Dockerfile, CheckFacts) -> [Finding]) {
        self.name = name
        self.isExperimental = isExperimental
        self.find = find
    }

    func isWanted(_ options: CheckOptions) -> Bool {
        guard !options.skipped.contains(name) else { return false }
        return !isExperimental || options.experimental.contains(name) || options.experimental.contains("all")
    }
}
