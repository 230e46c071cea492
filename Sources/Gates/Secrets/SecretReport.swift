public import IngotModel

/// Secrets that an image holds, and what a gate makes of them. None of them is in it: neither here nor in what is printed of it.
public struct SecretReport: Hashable, Sendable, Codable {
    public enum Place: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
        /// A file of the layer with that diff ID, from `/`.
        case file(layer: Digest, path: String)
        /// Of the image's configuration: `environment NAME`, `label NAME`, `command`.
        case configuration(String)
        /// The line of the history, from 1.
        case history(Int)

        /// What exceptions name.
        public var path: String {
            switch self {
            case .file(_, let path): path
            case .configuration(let name): name
            case .history(let line): "history \(line)"
            }
        }

        public var description: String {
            switch self {
            case .file(let layer, let path): "\(path) in layer \(layer.short)"
            case .configuration(let name): "the image's \(name)"
            case .history(let line): "line \(line) of the image's history"
            }
        }

        public static func < (left: Place, right: Place) -> Bool { (left.path, left.description) < (right.path, right.description) }
    }

    public struct Finding: Hashable, Sendable, Codable {
        public var rule: String
        public var title: String
        public var severity: SecretRule.Severity
        public var place: Place
        /// From 1.
        public var line: Int
        public var sample: RedactedSample
        /// What made the layer, as the history has it, with secrets redacted.
        public var instruction: String?
        /// The layer that deletes or replaces the file: the secret is still in the image.
        public var hiddenBy: Digest?
        /// Why it is let through.
        public var exception: SecretException?
    }

    public var image: Digest
    public var findings: [Finding]
    /// Files that could not be searched: what is not known to be clean is not clean.
    public var problems: [String]
    /// Exceptions that have ended, and those for what is not there.
    public var notices: [String]

    /// Why the image may not be promoted; empty when nothing stands against it.
    public var refusals: [String] {
        findings.filter { $0.exception == nil }.map { finding in
            let hidden = finding.hiddenBy == nil ? "" : "; a later layer deletes it, and it can still be read from the image"
            return "\(finding.title) (\(finding.rule)) in \(finding.place), line \(finding.line): \(finding.sample)\(hidden)"
        } + problems.map { "not searched for secrets: \($0)" }
    }

    public var isRefused: Bool { !refusals.isEmpty }
    public var remedy: String { SecretRule.remedy }
}

/// Somebody has looked at a finding, and answers for it until a day.
public struct SecretException: Hashable, Sendable, Codable {
    /// The rule's.
    public var id: String
    /// As the finding's place has it; a `*` at the end stands for everything that begins so.
    public var path: String
    public var reason: String
    /// The last day on which it counts: `2027-01-31`.
    public var until: String

    public init(id: String, path: String, reason: String, until: String) {
        self.id = id
        self.path = path
        self.reason = reason
        self.until = until
    }

    func covers(_ finding: SecretReport.Finding) -> Bool {
        guard id == finding.rule else { return false }
        return path.hasSuffix("*") ? finding.place.path.hasPrefix(path.dropLast()) : path == finding.place.path
    }

    /// - Parameter today: `2026-11-26`. What is no date has ended: a mistake never opens a gate.
    func isInForce(on today: String) -> Bool {
        let digits = until.utf8.filter { $0 != UInt8(ascii: "-") }
        return until.utf8.count == 10 && digits.count == 8 && digits.allSatisfy { (48...57).contains($0) } && today <= until
    }
}

extension SecretReport {
    /// Applies exceptions: pure.
    public func judged(by exceptions: [SecretException], today: String) -> SecretReport {
        var report = self
        let inForce = exceptions.filter { $0.isInForce(on: today) }
        for index in report.findings.indices {
            report.findings[index].exception = inForce.first { $0.covers(report.findings[index]) }
        }
        report.notices = exceptions.compactMap { exception in
            let name = "the exception for \(exception.id) at \(exception.path)"
            guard exception.isInForce(on: today) else { return "\(name) ended on \(exception.until)" }
            return findings.contains(where: exception.covers) ? nil : "\(name) is for nothing: remove it"
        }
        return report
    }
}
