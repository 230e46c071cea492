import IngotModel

/// What goes wrong in a command itself; everything else comes from the module that was asked.
struct CommandError: ExplainedError {
    var code: String
    var message: String
    var remedy: String?
    var fault: Fault
    var cause: (any Error)?
    var diagnostics: [Diagnostic] = []
    var output: [String] = []

    init(
        _ code: String, _ message: String, remedy: String? = nil, fault: Fault = .user, cause: (any Error)? = nil,
        diagnostics: [Diagnostic] = [], output: [String] = []
    ) {
        self.code = "ingot.\(code)"
        self.message = message
        self.remedy = remedy
        self.fault = fault
        self.cause = cause
        self.diagnostics = diagnostics
        self.output = output
    }

    static func mistakes(in file: String, _ diagnostics: [Diagnostic]) -> CommandError {
        let count = diagnostics.count { $0.severity == .error }
        return CommandError("file-has-mistakes", "\(file) has \(Words.count(count, "mistake"))", diagnostics: diagnostics)
    }

    static func notRead(_ file: String, _ why: String) -> CommandError {
        CommandError("file-not-read", "\(file) could not be read: \(why)")
    }

    static func noManifest(_ file: String) -> CommandError {
        CommandError(
            "no-manifest", "there is no \(file)",
            remedy: "run `ingot init` in the folder of the service, or name that folder with -C")
    }
}
