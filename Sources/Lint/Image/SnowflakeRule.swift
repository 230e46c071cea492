public import IngotModel

/// An image of a commit, and where it runs.
public struct PlacedImage: Hashable, Sendable {
    public var digest: Digest
    /// The full commit.
    public var revision: String?
    /// Where a release of it serves.
    public var environments: [EnvironmentName]

    public init(digest: Digest, revision: String?, environments: [EnvironmentName]) {
        self.digest = digest
        self.revision = revision
        self.environments = environments
    }
}

/// One commit that runs as several digests: what was tested in one environment is not what runs in the other.
public enum SnowflakeRule {
    static let rule = LintRule(
        .image, 23, .error, "One commit, several images",
        because: "The same commit was built again for another environment. What was tested there is not what runs here.",
        fix: "Build once, and deploy the digest that passed the environment before: `ingot deploy production <digest>`.")

    /// Pure.
    public static func findings(_ images: [PlacedImage]) -> [LintFinding] {
        let byRevision = Dictionary(grouping: images.filter { $0.revision != nil && !$0.environments.isEmpty }) { $0.revision ?? "" }
        return byRevision.sorted { $0.key < $1.key }.flatMap { revision, images -> [LintFinding] in
            let digests = Set(images.map(\.digest))
            guard digests.count > 1 else { return [] }
            let places = images.sorted { $0.digest < $1.digest }.map { image in
                "\(image.digest.short) in \(image.environments.map(\.name).sorted().joined(separator: " and "))"
            }
            return images.sorted { $0.digest < $1.digest }.prefix(1).map {
                LintFinding(rule, LintHit("commit \(revision.prefix(12)) is \(places.joined(separator: ", "))", at: .image($0.digest)))
            }
        }
    }
}
