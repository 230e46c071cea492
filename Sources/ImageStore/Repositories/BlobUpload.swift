public import IngotModel
internal import Synchronization
internal import SystemPackage

/// A blob on its way into a repository whose digest is told at its end: hashed as it comes, in a file that has no name in the store.
///
/// One that is let go of leaves nothing; what a daemon that died left is removed by `ImageStore.removeUploads`.
public final class BlobUpload: Sendable {
    private let repository: Repository
    private let state: Mutex<State>

    private struct State {
        let file: TemporaryFile
        var hash = ContentHash()
        /// Up to where the disk was told to begin.
        var begun = 0
    }

    /// A place to go back to.
    public struct Mark: Sendable { fileprivate let hash: ContentHash }

    /// How much is collected before the disk is told to begin.
    private static let writebackStep = 8 << 20

    init(_ repository: Repository) throws {
        self.repository = repository
        state = Mutex(State(file: try TemporaryFile(in: repository.store.uploads)))
    }

    /// How many bytes there are.
    public var count: Int { state.withLock { $0.hash.count } }

    public func mark() -> Mark { state.withLock { Mark(hash: $0.hash) } }

    /// Forgets what came since.
    public func goBack(to mark: Mark) {
        state.withLock { state in
            state.hash = mark.hash
            state.begun = min(state.begun, mark.hash.count)
        }
    }

    public func append(_ bytes: UnsafeRawBufferPointer) throws {
        try state.withLock { state in
            try state.file.file.write(bytes, at: state.hash.count)
            state.hash.update(bytes)
            let ready = state.hash.count - state.begun
            guard ready >= Self.writebackStep else { return }
            state.file.file.beginWriteback(at: state.begun, count: ready)
            state.begun = state.hash.count
        }
    }

    /// Gives the blob its name and the repository the blob; returns its size. Throws `blobUnexpected` when it is another one.
    ///
    /// The store is held only for the renaming, not while the disk is waited for: whoever collects garbage finds a moment.
    public func keep(as digest: Digest) throws -> Int {
        try state.withLock { state in
            guard state.hash.digest() == digest else {
                let told = Descriptor(mediaType: MediaType.bytes, digest: digest, size: state.hash.count)
                throw StoreError.blobUnexpected(told, "its content is \(state.hash.digest())")
            }
            let store = repository.store
            // What an attempt that was taken back wrote behind the end.
            try state.file.file.truncate(to: state.hash.count)
            try state.file.file.synchronize()
            try store.withSharedLock {
                if try !store.blobs.holds(digest, size: state.hash.count) { try state.file.commit(as: store.blobs.path(of: digest)) }
                try repository.linkWithin([digest])
            }
            return state.hash.count
        }
    }
}

extension Repository {
    /// Begins to take a blob in.
    public func upload() throws -> BlobUpload { try BlobUpload(self) }
}
