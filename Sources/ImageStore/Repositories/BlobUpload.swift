public import IngotModel
internal import Synchronization
internal import SystemPackage

/// A blob on its way into a repository whose digest is told at its end: hashed as it comes, in a file that has no name in the store.
///
/// One that is let go of leaves nothing; what a daemon that died left is removed by `ImageStore.removeUploads`.
public final class BlobUpload: Sendable {
    private let repository: Repository
    private let state: Mutex<HashedFile>

    /// A place to go back to.
    public struct Mark: Sendable { fileprivate let hash: ContentHash }

    init(_ repository: Repository) throws {
        self.repository = repository
        state = Mutex(HashedFile(try TemporaryFile(in: repository.store.uploads)))
    }

    /// How many bytes there are.
    public var count: Int { state.withLock { $0.content.count } }

    public func mark() -> Mark { state.withLock { Mark(hash: $0.content.hash) } }

    /// Forgets what came since.
    public func goBack(to mark: Mark) { state.withLock { $0.content.goBack(to: mark.hash) } }

    public func append(_ bytes: UnsafeRawBufferPointer) throws { try state.withLock { try $0.content.append(bytes) } }

    /// Gives the blob its name and the repository the blob; returns its size. Throws `blobUnexpected` when it is another one.
    ///
    /// The store is held only for the renaming, not while the disk is waited for: whoever collects garbage finds a moment.
    public func keep(as digest: Digest) throws -> Int {
        try state.withLock { state in
            guard state.content.digest() == digest else {
                let told = Descriptor(mediaType: MediaType.bytes, digest: digest, size: state.content.count)
                throw StoreError.blobUnexpected(told, "its content is \(state.content.digest())")
            }
            let store = repository.store
            // What an attempt that was taken back wrote behind the end.
            try state.file.file.truncate(to: state.content.count)
            try state.file.file.synchronize()
            try store.withSharedLock {
                if try !store.blobs.holds(digest, size: state.content.count) { try state.file.commit(as: store.blobs.path(of: digest)) }
                try repository.linkWithin([digest])
            }
            return state.content.count
        }
    }
}

extension Repository {
    /// Begins to take a blob in.
    public func upload() throws -> BlobUpload { try BlobUpload(self) }
}
