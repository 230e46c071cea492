public import IngotModel

/// What strangers may make the registry hold, or wait for.
public struct ServerLimits: Sendable {
    public var connections = 512
    /// Of one request, its names and values together.
    public var headers: ByteSize = ByteSize(32 << 10)
    /// Of a request's address.
    public var address: ByteSize = ByteSize(8 << 10)
    /// Until a request's head is whole, from the connection's beginning or the end of what came before…
    public var patience = Duration.seconds(60)
    /// …and for so much of what is sent or taken then.
    public var piece: ByteSize = .mebibytes(1)
    /// What is still read of a request that was answered before its end.
    public var drain: ByteSize = .mebibytes(8)
    public var uploads = 1_024
    /// An upload that nobody goes on with is given up.
    public var uploadPatience = Duration.seconds(3_600)
    public var blob: ByteSize = .gibibytes(100)
    /// Names in one page of a list.
    public var page = 1_000
    /// One page of a list of referrers. Source: OCI Distribution Specification 1.1, "Listing Referrers": as much as a manifest may have.
    public var referrerPage: ByteSize = .mebibytes(4)

    public init() {}
}
