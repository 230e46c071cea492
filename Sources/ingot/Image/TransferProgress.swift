import ImageStore
import IngotModel
import Registry
import Synchronization

/// Shows blobs on their way: a line for each that is moving, and one that stays for each that has moved.
final class TransferProgress: Sendable {
    private struct Moving {
        var total: Int
        var done = 0
        /// What stands on the line, so that it is drawn again only when that changes.
        var percent = 0
    }

    private let progress: Progress
    private let verb: String
    private let moving = Mutex<[Digest: Moving]>([:])

    /// - Parameter verb: what is done, such as `pulling`.
    init(_ progress: Progress, verb: String) {
        self.progress = progress
        self.verb = verb
    }

    func happened(_ event: TransferEvent) {
        switch event {
        case .planned: break
        case .began(let blob):
            moving.withLock { $0[blob.digest] = Moving(total: blob.size) }
            progress.start(blob.digest.hex, "\(verb) \(blob.digest.short) (\(ByteSize(blob.size)))")
        case .advanced(let digest, let bytes): advanced(digest, bytes)
        case .ended(let blob, let outcome):
            moving.withLock { $0[blob.digest] = nil }
            progress.end(blob.digest.hex, "\(blob.digest.short) (\(ByteSize(blob.size))) \(Self.words(outcome))")
        }
    }

    private func advanced(_ digest: Digest, _ bytes: Int) {
        let line = moving.withLock { moving -> String? in
            guard var blob = moving[digest], blob.total > 0 else { return nil }
            blob.done += bytes
            let percent = blob.done * 100 / blob.total
            defer { moving[digest] = blob }
            guard percent != blob.percent else { return nil }
            blob.percent = percent
            return "\(verb) \(digest.short) \(percent)% of \(ByteSize(blob.total))"
        }
        if let line { progress.start(digest.hex, line, isAnnounced: false) }
    }

    private static func words(_ outcome: TransferOutcome) -> String {
        switch outcome {
        case .transferred: "done"
        case .present: "is there already"
        case .mounted: "taken from another repository"
        }
    }
}

extension TransferCount {
    /// `3 blobs (12 MiB) transferred, 2 there already`
    var words: String {
        let parts = [
            transferred > 0 ? "\(Words.count(transferred, "blob")) (\(ByteSize(bytes))) transferred" : nil,
            mounted > 0 ? "\(Words.count(mounted)) mounted" : nil, present > 0 ? "\(Words.count(present)) there already" : nil,
        ].compactMap { $0 }
        return parts.isEmpty ? "nothing to transfer" : parts.joined(separator: ", ")
    }
}
