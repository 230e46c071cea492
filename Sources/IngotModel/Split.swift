/// Which share of an environment's traffic each fleet gets. The shares sum to the whole, or there are none:
/// an environment without releases, or one between the two halves of a recreate, answers 503.
public struct Split: Hashable, Sendable, Codable, CustomStringConvertible {
    public private(set) var shares: [ReleaseNumber: BasisPoints]

    /// No traffic for anybody.
    public static let empty = Split(uncheckedShares: [:])

    public static func all(to release: ReleaseNumber) -> Split { Split(uncheckedShares: [release: .whole]) }

    /// `nil` when the shares do not sum to 10,000 or one of them is negative. Shares of nothing are left out.
    public init?(_ shares: [ReleaseNumber: BasisPoints]) {
        guard shares.values.allSatisfy({ $0 >= .none && $0 <= .whole }), shares.values.reduce(0, { $0 + $1.value }) == BasisPoints.whole.value
        else { return nil }
        self.init(uncheckedShares: shares.filter { $0.value > .none })
    }

    private init(uncheckedShares: [ReleaseNumber: BasisPoints]) { shares = uncheckedShares }

    public subscript(release: ReleaseNumber) -> BasisPoints { shares[release] ?? .none }

    public var description: String {
        guard !shares.isEmpty else { return "no traffic" }
        return shares.sorted { $0.key < $1.key }.map { "\($0.value) to release \($0.key)" }.joined(separator: ", ")
    }

    // In JSON: a list, because a release's number can't be a key there.

    private struct Share: Codable {
        var release: ReleaseNumber
        var basisPoints: BasisPoints
    }

    public init(from decoder: any Decoder) throws {
        let list = try [Share](from: decoder)
        guard !list.isEmpty else { self = .empty; return }
        let shares = Dictionary(list.map { ($0.release, $0.basisPoints) }, uniquingKeysWith: { first, _ in first })
        guard shares.count == list.count, let split = Split(shares) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "the shares of a split must sum to 10,000 basis points, one for each release")
            )
        }
        self = split
    }

    public func encode(to encoder: any Encoder) throws {
        try shares.sorted { $0.key < $1.key }.map { Share(release: $0.key, basisPoints: $0.value) }.encode(to: encoder)
    }
}
