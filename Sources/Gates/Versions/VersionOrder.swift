/// How the versions of an ecosystem are ordered. Each has its rules in a file of its own.
public enum VersionOrder: String, Hashable, Sendable, Codable, CaseIterable {
    case dpkg, apk, pep440, semantic, go, maven, rubygems, nuget, rpm

    /// No ecosystem has longer ones, and comparing stays far from what anyone would notice.
    public static let longestVersion = 512

    /// Reads a version. What is none is a value too: see `Version.isValid`.
    public func version(_ text: String) -> Version { Version(text, order: self) }

    func form(_ bytes: [UInt8]) -> Version.Form? {
        switch self {
        case .dpkg: DebianVersion(bytes).map { .dpkg($0) }
        case .apk: AlpineVersion(bytes).map { .apk($0) }
        case .pep440: PythonVersion(bytes).map { .pep440($0) }
        case .semantic: SemanticVersion(bytes).map { .semantic($0) }
        case .go: SemanticVersion(go: bytes).map { .semantic($0) }
        case .maven: MavenVersion(bytes).map { .maven($0) }
        case .rubygems: RubyGemsVersion(bytes).map { .rubygems($0) }
        case .nuget: NuGetVersion(bytes).map { .nuget($0) }
        case .rpm: RPMVersion(bytes).map { .rpm($0) }
        }
    }
}

/// A form of version of one ecosystem. Comparing two takes time that is linear in their length.
protocol OrderedVersion: Sendable {
    /// `nil` when the text can't be ordered at all.
    init?(_ bytes: [UInt8])
    /// Whether it follows its ecosystem's grammar. Among those that do the order is total, but for the circle in Maven's own rule
    /// (see `MavenVersion`); others are compared as the ecosystem's own tool does it.
    var isWellFormed: Bool { get }
    func compared(to other: Self) -> VersionComparison
}

extension OrderedVersion {
    var isWellFormed: Bool { true }
}
