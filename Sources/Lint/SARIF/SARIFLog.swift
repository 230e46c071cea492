/// A report for tools that show findings beside the code, in the form that they read.
///
/// Source: OASIS, Static Analysis Results Interchange Format (SARIF) 2.1.0; the sections are beside what they define.
public struct SARIFLog: Codable, Hashable, Sendable {
    public static let schemaAddress = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

    public var schema = SARIFLog.schemaAddress
    public var version = "2.1.0"
    public var runs: [Run]

    private enum CodingKeys: String, CodingKey {
        case schema = "$schema"
        case version, runs
    }

    /// 3.11
    public struct Message: Codable, Hashable, Sendable { public var text: String }

    /// 3.14
    public struct Run: Codable, Hashable, Sendable {
        public var tool: Tool
        public var results: [Result]
        /// 3.14.17
        public var columnKind = "unicodeCodePoints"
    }

    /// 3.18 and 3.19
    public struct Tool: Codable, Hashable, Sendable {
        public var driver: Component

        public struct Component: Codable, Hashable, Sendable {
            public var name: String
            public var version: String
            public var rules: [Rule]
        }
    }

    /// 3.49
    public struct Rule: Codable, Hashable, Sendable {
        public var id: String
        public var shortDescription: Message
        public var fullDescription: Message
        public var help: Message
        public var defaultConfiguration: Configuration

        /// 3.50
        public struct Configuration: Codable, Hashable, Sendable { public var level: LintSeverity }
    }

    /// 3.27
    public struct Result: Codable, Hashable, Sendable {
        public var ruleId: String
        public var ruleIndex: Int
        public var level: LintSeverity
        public var message: Message
        public var locations: [Location]
        public var suppressions: [Suppression]?
    }

    /// 3.28
    public struct Location: Codable, Hashable, Sendable {
        public var physicalLocation: PhysicalLocation?
        public var logicalLocations: [LogicalLocation]?
    }

    /// 3.29
    public struct PhysicalLocation: Codable, Hashable, Sendable {
        public var artifactLocation: ArtifactLocation
        public var region: Region

        public struct ArtifactLocation: Codable, Hashable, Sendable { public var uri: String }

        /// 3.30
        public struct Region: Codable, Hashable, Sendable {
            public var startLine: Int
            public var startColumn: Int
        }
    }

    /// 3.33
    public struct LogicalLocation: Codable, Hashable, Sendable {
        public var fullyQualifiedName: String
        public var kind: String
    }

    /// 3.35
    public struct Suppression: Codable, Hashable, Sendable {
        public var kind: String
        public var justification: String
    }
}
