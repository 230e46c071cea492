/// Whose mistake it was, which decides the exit code of a command and the status of an answer.
public enum Fault: String, Sendable, Codable {
    /// The user's: a wrong argument, a wrong file, a name that does not exist. Exit code 2.
    case user
    /// Ours or the world's: a full disk, a missing program, a bug. Exit code 1.
    case world
    /// A gate said no. Exit code 3.
    case gate

    public var exitCode: Int32 {
        switch self {
        case .user: 2
        case .world: 1
        case .gate: 3
        }
    }
}

/// What every error of Ingot says of itself. Each module has one type that conforms.
///
/// `message` says what failed and on what; `remedy` what to do next. `description` prints this level
/// only: the chain of causes is printed by the one renderer, `ErrorReport`.
public protocol ExplainedError: Error, CustomStringConvertible {
    /// A stable word for programs, `module.what-failed`: `store.blob-changed`.
    var code: String { get }
    var message: String { get }
    var remedy: String? { get }
    var fault: Fault { get }
    var cause: (any Error)? { get }
}

extension ExplainedError {
    public var description: String { message }
}

/// An error with its chain of causes, as it is printed, logged and sent over the API.
public struct ErrorReport: Sendable, Codable, Equatable {
    public var code: String
    public var message: String
    public var remedy: String?
    public var fault: Fault
    /// What lay beneath, outermost first.
    public var causes: [String]

    public init(code: String, message: String, remedy: String? = nil, fault: Fault, causes: [String] = []) {
        self.code = code
        self.message = message
        self.remedy = remedy
        self.fault = fault
        self.causes = causes
    }

    public init(_ error: any Error) {
        guard let explained = error as? any ExplainedError else {
            self.init(code: "unexpected", message: "\(error)", fault: .world)
            return
        }
        var causes: [String] = []
        var next = explained.cause
        while let cause = next, causes.count < 16 {
            causes.append("\(cause)")
            next = (cause as? any ExplainedError)?.cause
        }
        self.init(
            code: explained.code, message: explained.message, remedy: explained.remedy, fault: explained.fault, causes: causes)
    }

    /// The lines for a person: the message, its causes, what to do.
    public var lines: [String] {
        [message] + causes.map { "  because: \($0)" } + (remedy.map { ["  to do: \($0)"] } ?? [])
    }
}

/// A place in a file that a user wrote. Lines and columns count from 1; columns count characters.
public struct SourceLocation: Hashable, Sendable, Codable, CustomStringConvertible {
    public var file: String
    public var line: Int
    public var column: Int
    public init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }
    public var description: String { "\(file):\(line):\(column)" }
}

/// One mistake, or one doubt, about a file that a user wrote. They are collected, not thrown one by one.
public struct Diagnostic: Hashable, Sendable, Codable, CustomStringConvertible {
    public enum Severity: String, Sendable, Codable { case error, warning }

    public var severity: Severity
    public var location: SourceLocation
    public var message: String
    /// What to write instead, where that is known.
    public var hint: String?
    /// The name of the check that found it, such as `JSONArgsRecommended`; `nil` for mistakes.
    public var rule: String?
    /// The line it is about, where whoever found it had the text at hand: what is shown with a caret below it.
    public var sourceLine: String?

    public init(_ severity: Severity, at location: SourceLocation, _ message: String, hint: String? = nil, rule: String? = nil) {
        self.severity = severity
        self.location = location
        self.message = message
        self.hint = hint
        self.rule = rule
    }

    /// In the form of compilers, which editors understand: `ingot.yaml:3:5: error: unknown key 'prot'; did you mean 'port'?`
    public var description: String { "\(location): \(severity.rawValue): \(text)" }

    /// What is said, without the place: message, hint, and the rule in brackets.
    public var text: String { "\(message)\(hint.map { "; \($0)" } ?? "")\(rule.map { " [\($0)]" } ?? "")" }
}

extension Diagnostic {
    /// The longest line that is kept, in characters.
    public static let longestLine = 400

    /// With the line that it is about, of the lines of its file.
    public func quoting(_ lines: [String]) -> Diagnostic {
        var copy = self
        if sourceLine == nil, lines.indices.contains(location.line - 1) {
            copy.sourceLine = String(lines[location.line - 1].prefix(Self.longestLine))
        }
        return copy
    }
}
