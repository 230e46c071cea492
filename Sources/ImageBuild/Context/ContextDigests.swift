import Crypto
import Glibc
import ImageStore
import IngotModel
import Synchronization
import SystemPackage

/// The digests of a context's files, from the index where it holds, else read from the files. Only what COPY names is read.
final class ContextDigests: Sendable {
    private struct State {
        var index: ContextIndex
        var known: [FileIdentity: ContentDigest] = [:]
        var hasNew = false
    }

    private let tree: ContextTree
    private let readingBegan: Int64
    private let state: Mutex<State>

    /// - Parameter readingBegan: a moment before the tree was scanned, from `ContextIndex.now()`.
    init(_ tree: ContextTree, index: ContextIndex, readingBegan: Int64) {
        self.tree = tree
        self.readingBegan = readingBegan
        state = Mutex(State(index: index))
    }

    /// The digests of these regular files, in their order.
    func digests(of files: [ContextTree.Node]) throws(BuildError) -> [ContentDigest] {
        var found = state.withLock { state in files.map { state.known[$0.identity] ?? state.index[$0.identity] } }
        for place in found.indices where found[place] == nil { found[place] = try read(files[place]) }
        let digests = found.compactMap { $0 }
        remember(files, digests)
        return digests
    }

    private func remember(_ files: [ContextTree.Node], _ digests: [ContentDigest]) {
        state.withLock { state in
            for (file, digest) in zip(files, digests) where state.known.updateValue(digest, forKey: file.identity) == nil {
                guard state.index[file.identity] == nil else { continue }
                state.index.insert(digest, for: file.identity, readingBegan: readingBegan)
                state.hasNew = true
            }
        }
    }

    /// The index to be written; `nil` when it would say the same as before.
    var changedIndex: ContextIndex? {
        state.withLock { state in
            guard state.hasNew else { return nil }
            var index = state.index
            index.forget(allBut: Set(tree.nodes.map(\.identity)))
            return index
        }
    }

    /// Content and attributes as one digest. The file must still be the one that the scan saw, before and after.
    private func read(_ file: ContextTree.Node) throws(BuildError) -> ContentDigest {
        // A file with holes may be longer than any disk: reading it would not end.
        guard file.identity.size <= ArchiveLimits.standard.bytes.bytes else {
            throw .contextTooLarge("\(ArchiveLimits.standard.bytes) in \(file.path)")
        }
        let path = tree.folder.appending(file.path).string
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .system("read", path, number: errno) }
        defer { close(descriptor) }
        var hash = SHA256()
        try Self.readContent(descriptor, path, into: &hash)
        let attributes = ImageAttributes.read(descriptor)
        for (name, value) in attributes.sorted(by: { $0.key < $1.key }) {
            hash.update(data: Array("\0\(name.utf8.count):\(name)\(value.count):".utf8) + value)
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, FileIdentity(status) == file.identity, let digest = ContentDigest(Array(hash.finalize())) else {
            throw .contextChanged(path)
        }
        return digest
    }

    private static func readContent(_ descriptor: CInt, _ path: String, into hash: inout SHA256) throws(BuildError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 4096)
        defer { buffer.deallocate() }
        while true {
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .system("read", path, number: errno) }
            if count == 0 { return }
            hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }

    /// Whether files are still what the scan saw; asked after their layer was written.
    func check(_ files: [ContextTree.Node]) throws(BuildError) {
        for file in files {
            let path = tree.folder.appending(file.path).string
            var status = stat()
            guard lstat(path, &status) == 0, FileIdentity(status) == file.identity else { throw .contextChanged(path) }
        }
    }
}
