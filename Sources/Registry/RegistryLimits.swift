public import IngotModel

/// What a registry may make us wait for, hold in memory, or do again.
public struct RegistryLimits: Sendable {
    /// A manifest, an index or an image's configuration. Source: OCI Distribution Specification 1.1, "Pushing Manifests": registries take 4 MiB.
    public var document: ByteSize = .mebibytes(4)
    /// The answer of a token server.
    public var token: ByteSize = .kibibytes(256)
    /// What is read of an answer that says no.
    public var refusal: ByteSize = .kibibytes(64)
    /// One page of a list.
    public var page: ByteSize = .mebibytes(4)
    public var pages = 100
    /// Names in a list of tags.
    public var tags = 20_000
    public var redirects = 5
    /// Names in a list of documents about an image.
    public var listedReferrers = 10_000
    /// Documents about an image that are taken with it…
    public var referrers = 64
    /// …and what all of them together may have.
    public var referrerBytes: ByteSize = .mebibytes(64)
    /// Signatures of one image under its tag.
    public var signatures = 128
    /// One image's layers, compressed.
    public var image: ByteSize = .gibibytes(100)
    /// Blobs on their way at the same time.
    public var transfers = 4
    /// Questions on their way at the same time.
    public var questions = 8
    /// Until a connection is made.
    public var connection = Duration.seconds(15)
    /// Between two pieces of an answer.
    public var patience = Duration.seconds(60)
    /// For the whole of a small answer.
    public var answer = Duration.seconds(120)
    /// In bytes a second: a transfer that is slower for all of its length is given up.
    public var slowest = 16 << 10
    /// What is sent at once where a registry takes no blob whole.
    public var chunk = 16 << 20
    public var retries = RetryPolicy()

    public init() {}

    /// How long a transfer may take.
    func deadline(bytes: Int) -> Duration { answer + .seconds(bytes / max(1, slowest)) }
}

extension ByteSize {
    static func kibibytes(_ count: Int) -> ByteSize { ByteSize(count * 1024) }
}
