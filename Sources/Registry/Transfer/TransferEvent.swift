public import ImageStore
public import IngotModel

/// What a pull or a push tells while it goes on. Called from several tasks; in order for each blob.
public enum TransferEvent: Sendable {
    /// What belongs to the image is known: all of its blobs.
    case planned([Descriptor])
    case began(Descriptor)
    /// So many more bytes have gone over. Below zero when what went has to go again.
    case advanced(Digest, bytes: Int)
    case ended(Descriptor, TransferOutcome)
}

/// What a pull or a push did with how many blobs.
public struct TransferCount: Hashable, Sendable, Codable {
    public var transferred = 0
    public var present = 0
    public var mounted = 0
    /// Of what was transferred.
    public var bytes = 0

    mutating func add(_ blob: Descriptor, _ outcome: TransferOutcome) {
        switch outcome {
        case .transferred:
            transferred += 1
            bytes += blob.size
        case .present: present += 1
        case .mounted: mounted += 1
        }
    }
}
