/// A version, read by the rules of its ecosystem.
public struct Version: Sendable, CustomStringConvertible {
    enum Form: Sendable {
        case dpkg(DebianVersion)
        case apk(AlpineVersion)
        case pep440(PythonVersion)
        case semantic(SemanticVersion)
        case maven(MavenVersion)
        case rubygems(RubyGemsVersion)
        case nuget(NuGetVersion)
        case rpm(RPMVersion)
    }

    public let text: String
    public let order: VersionOrder
    /// `nil` for what is no version.
    let form: Form?

    public init(_ text: String, order: VersionOrder) {
        self.text = text
        self.order = order
        let bytes = Array(text.utf8.prefix(VersionOrder.longestVersion + 1))
        let isReadable = !bytes.isEmpty && bytes.count <= VersionOrder.longestVersion && bytes.allSatisfy { $0 > 0x20 && $0 != 0x7f }
        form = isReadable ? order.form(bytes) : nil
    }

    public var description: String { text }

    /// Whether a judgement may rest on it: it follows its ecosystem's grammar. A version that does not is never taken for
    /// older, newer or equal by a gate.
    public var isValid: Bool {
        switch form {
        case nil: false
        case .dpkg(let version): version.isWellFormed
        case .apk(let version): version.isWellFormed
        case .pep440(let version): version.isWellFormed
        case .semantic(let version): version.isWellFormed
        case .maven(let version): version.isWellFormed
        case .rubygems(let version): version.isWellFormed
        case .nuget(let version): version.isWellFormed
        case .rpm(let version): version.isWellFormed
        }
    }

    /// `nil` when one of them is no version, or they are of different ecosystems: then nothing is known, and they are not equal either.
    public func compared(to other: Version) -> VersionComparison? {
        switch (form, other.form) {
        case (.dpkg(let left), .dpkg(let right)): left.compared(to: right)
        case (.apk(let left), .apk(let right)): left.compared(to: right)
        case (.pep440(let left), .pep440(let right)): left.compared(to: right)
        case (.semantic(let left), .semantic(let right)): left.compared(to: right)
        case (.maven(let left), .maven(let right)): left.compared(to: right)
        case (.rubygems(let left), .rubygems(let right)): left.compared(to: right)
        case (.nuget(let left), .nuget(let right)): left.compared(to: right)
        case (.rpm(let left), .rpm(let right)): left.compared(to: right)
        default: nil
        }
    }
}
