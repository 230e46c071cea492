internal import Dispatch
internal import IngotModel
internal import Synchronization
internal import SystemPackage

/// A layer that can be mounted while its blob is still being compressed and both are on their way to the disk.
///
/// The store does not know the layer before all of that is done: a process that is killed in between leaves a file
/// that garbage collection takes, and never a layer without its blob.
public final class PendingLayer: Sendable {
    /// Until the work is finished, `blob` describes the archive itself, uncompressed, which is kept nowhere.
    public let layer: Layer

    private let queue = DispatchQueue(label: "ingot.layer.finishing")
    private let outcome = Mutex<Result<Layer, any Error>?>(nil)

    /// What is handed to the queue, and touched by nobody else then.
    private struct Work: @unchecked Sendable {
        let body: () throws -> Layer
    }

    init(_ layer: Layer, finishing body: @escaping () throws -> Layer) {
        self.layer = layer
        let work = Work(body: body)
        queue.async { [self] in
            let result = Result { try work.body() }
            outcome.withLock { $0 = result }
        }
    }

    /// Waits until the layer is in the store, and returns it with its blob. Blocks the thread.
    public func finish() throws -> Layer {
        queue.sync {}
        return try result()
    }

    /// Waits until the layer is in the store, and returns it with its blob.
    public func finished() async throws -> Layer {
        await withCheckedContinuation { continuation in queue.async { continuation.resume() } }
        return try result()
    }

    private func result() throws -> Layer {
        guard let outcome = outcome.withLock({ $0 }) else { throw StoreError.layerMissing(layer.diffID) }
        return try outcome.get()
    }
}

extension ImageStore {
    /// Writes a tree as a layer, and returns as soon as it can be mounted: compressing and syncing go on meanwhile.
    /// The store is held until they have ended.
    public func beginLayer(_ tree: FileTree, compression: LayerCompression = .gzip) throws -> PendingLayer {
        let lock = try sharedLock()
        let archive = try TemporaryFile(in: blobs.temporary)
        let erofs = try TemporaryFile(in: blobs.temporary)
        let stream = try TarStream(to: archive, compression)
        let written = try LayerWriter.write(tree, to: stream, erofs: erofs)
        let plain = Descriptor(mediaType: MediaType.layer, digest: written.diffID, size: written.archiveSize)
        let layer = Layer(diffID: written.diffID, blob: plain, mountableSize: ByteSize(written.erofsSize))
        // One that the store knows may be mounted, and is the same bytes. One that it does not know was left by a process
        // that died, perhaps before the disk had all of it.
        let stays = try record(of: written.diffID).map { try isCurrent($0, written.erofs) } ?? false
        if !stays { try erofs.rename(to: erofsPath(of: written.diffID)) }
        return PendingLayer(layer) { [self] in
            defer { withExtendedLifetime(lock) {} }
            let (digest, size) = try stream.finish()
            let blob = Descriptor(mediaType: compression.mediaType, digest: digest, size: size)
            if try !blobs.holds(digest, size: size) { try archive.commit(as: blobs.path(of: digest)) }
            if !stays {
                try erofs.synchronize()
                RootProtection.protect(erofsPath(of: written.diffID))
            }
            if let known = try record(of: written.diffID), known.erofsDigest == written.erofs { return try note(blob, of: known) }
            let record = LayerRecord(diffID: written.diffID, blob: blob, mountableSize: layer.mountableSize, erofsDigest: written.erofs)
            try write(record)
            return record.layer
        }
    }
}
