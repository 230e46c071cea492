/// What of an image could not be judged. A gate that did not look must not open.
public struct UnjudgedPart: Hashable, Sendable, Codable {
    public enum Reason: String, Hashable, Sendable, Codable {
        case noPackages = "no-packages"
        case incompleteBill = "incomplete-bill"
        case unknownDistribution = "unknown-distribution"
        case endedDistribution = "ended-distribution"
        case noAdvisories = "no-advisories"
        case oldAdvisories = "old-advisories"
        case unreadableVersion = "unreadable-version"
        case ownedByDistribution = "owned-by-distribution"
        case brokenScanner = "broken-scanner"
        case excepted
    }
    public var reason: Reason
    public var message: String
    public var remedy: String
    /// Whether the gate says no because of it.
    public var fails: Bool
}
