public import IngotModel
import SystemPackage

/// Why an image was not built.
public struct BuildError: ExplainedError {
    public let code: String
    public let message: String
    public let remedy: String?
    public let fault: Fault
    public let cause: (any Error)?
    /// Every mistake of the Dockerfile, or the place in it that failed.
    public private(set) var diagnostics: [Diagnostic]
    /// The last lines that a failed step printed.
    public let outputTail: [String]

    init(
        _ code: String, _ message: String, remedy: String? = nil, fault: Fault = .user, cause: (any Error)? = nil,
        diagnostics: [Diagnostic] = [], outputTail: [String] = []
    ) {
        self.code = "build.\(code)"
        self.message = message
        self.remedy = remedy
        self.fault = fault
        self.cause = cause
        self.diagnostics = diagnostics
        self.outputTail = outputTail
    }

    /// A mistake at one place of the Dockerfile.
    init(_ code: String, at location: SourceLocation, _ message: String, hint: String? = nil, cause: (any Error)? = nil) {
        let diagnostic = Diagnostic(.error, at: location, message, hint: hint)
        self.init(code, "\(location): \(message)", remedy: hint, cause: cause, diagnostics: [diagnostic])
    }
}

extension BuildError {
    /// With the lines that its diagnostics are about.
    func quoting(_ dockerfile: Dockerfile) -> BuildError {
        var copy = self
        copy.diagnostics = diagnostics.map { $0.quoting(dockerfile.sourceLines) }
        return copy
    }

    /// `# check=error=true`
    static func checksFailed(_ findings: [Diagnostic]) -> BuildError {
        let rules = Set(findings.compactMap(\.rule)).sorted().joined(separator: ", ")
        return BuildError(
            "checks-failed", "the Dockerfile's checks found something, and it says that this is an error: \(rules)",
            remedy: "change what they found, or leave a check out: # check=skip=NAME", diagnostics: findings)
    }
}

extension BuildError {
    static func invalidDockerfile(_ diagnostics: [Diagnostic]) -> BuildError {
        let mistakes = diagnostics.filter { $0.severity == .error }
        let summary =
            mistakes.count == 1
            ? mistakes[0].description
            : "the Dockerfile has \(mistakes.count) mistakes:\n"
                + mistakes.map { "  \($0)" }.joined(separator: "\n")
        return BuildError("invalid-dockerfile", summary, diagnostics: diagnostics)
    }

    static func dockerfileTooLarge(file: String) -> BuildError {
        BuildError(
            "dockerfile-too-large", "\(file) is larger than \(DockerfileParser.largestSize)", remedy: "move its content into files that it copies")
    }

    static func dockerfileMissing(_ path: String, cause: (any Error)? = nil) -> BuildError {
        BuildError("dockerfile-missing", "there is no Dockerfile at \(path)", remedy: "write one, or name it with --file", cause: cause)
    }

    static func system(_ what: String, _ path: String, number: CInt) -> BuildError {
        let failure = SystemFailure(number: number)
        let remedy = failure.isFull ? "free some space (ingot image prune), then build again" : nil
        return BuildError(failure.isFull ? "disk-full" : "input-output", "can't \(what) \(path)", remedy: remedy, fault: .world, cause: failure)
    }
}

extension BuildError {
    static func invalidIgnoreFile(_ diagnostics: [Diagnostic]) -> BuildError {
        BuildError("invalid-ignore-file", diagnostics.map(\.description).joined(separator: "\n"), diagnostics: diagnostics)
    }

    static func tooManyIgnoreRules(_ file: String) -> BuildError {
        BuildError("invalid-ignore-file", "\(file) has more than \(IgnoreRules.mostRules) lines", remedy: "leave out folders instead of single files")
    }

    static func targetMissing(_ target: String, known: [String]) -> BuildError {
        let names = known.isEmpty ? "the Dockerfile names no stage" : "the stages are \(known.joined(separator: ", "))"
        return BuildError("target-missing", "there is no stage '\(target)'", remedy: names)
    }
}

extension BuildError {
    static func contextMissing(_ folder: FilePath, _ cause: any Error) -> BuildError {
        BuildError(
            "context-missing", "can't open the context \(folder)", remedy: "name the folder that holds the Dockerfile and the files it copies",
            cause: cause)
    }

    static func contextTooLarge(_ limit: String) -> BuildError {
        BuildError("context-too-large", "the context has more than \(limit)", remedy: "name what the image does not need in .dockerignore")
    }

    static func nameNotText(_ path: String) -> BuildError {
        BuildError(
            "name-not-text", "a name in '/\(path)' of the context is not UTF-8", remedy: "rename the file, or name its folder in .dockerignore")
    }

    static func contextChanged(_ path: String) -> BuildError {
        BuildError("context-changed", "\(path) was changed while the image was built", remedy: "build again when nothing writes to it")
    }
}
