public import ImageStore
public import IngotModel

/// What a build made.
public struct BuildResult: Sendable {
    /// Of several platforms that of this machine, or else of the first that was asked for.
    public var image: Image
    /// What the build's names stand for: the image, or the index of all.
    public var root: Digest
    /// One for each platform.
    public var images: [Image]
    /// The steps that were needed, in the order of the Dockerfile. Stages that the target does not need have none.
    public var steps: [BuildStep]
    /// Whether the context differed from the commit, or there was none.
    public var isDirty: Bool
    public var commit: String?
    public var warnings: [Diagnostic]
    public var duration: Milliseconds

    /// Whether nothing had to be run or copied.
    public var isFromCache: Bool { steps.allSatisfy { $0.outcome == .cached } }
}
