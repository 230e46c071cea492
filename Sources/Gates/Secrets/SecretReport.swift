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

    /// What stands against the image.
    public var failures: [Finding] { findings.filter { $0.exception == nil } }
    public var passes: Bool { failures.isEmpty && problems.isEmpty }
}

extension SecretReport {
    /// Applies exceptions: pure.
    public func judged(by exceptions: [SecretException], at now: Timestamp) -> SecretReport {
        var report = self
        let inForce = exceptions.filter { !$0.until.isOver(at: now) }
        for index in report.findings.indices {
            report.findings[index].exception = inForce.first { $0.covers(report.findings[index]) }
        }
        report.notices = exceptions.compactMap { exception in
            let name = "the exception for \(exception.id) at \(exception.path)"
            guard !exception.until.isOver(at: now) else { return "\(name) ended on \(exception.until): it counts as none" }
            return findings.contains(where: exception.covers) ? nil : "\(name) is for nothing in this image: take it out"
        }
        return report
    }
}

extension SecretException {
    fileprivate func covers(_ finding: SecretReport.Finding) -> Bool { covers(rule: finding.rule, at: finding.place.path) }
}
