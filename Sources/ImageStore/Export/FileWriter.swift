internal import Glibc
internal import SystemPackage

/// Writes a tree below an open folder of the host, name by name from the folder that was opened before, so that neither
/// a link in the tree nor one that stood there already leads out of it.
struct FileWriter {
    private let tree: FileTree
    private let top: OpenFile
    /// The first names of files that have several.
    private var firstNames: [FileTree.NodeID: PlatformPath] = [:]
    private let buffer = ChunkBuffer()
    private(set) var leftOut = 0

    init(_ tree: FileTree, below top: OpenFile) {
        self.tree = tree
        self.top = top
    }

    mutating func write() throws { try fill(top, from: .root, at: .root) }

    /// As deep as the tree's limit on its depth.
    private mutating func fill(_ folder: OpenFile, from id: FileTree.NodeID, at path: TreePath) throws {
        for (name, child) in tree.children(of: id) {
            let place = path.appending(name)
            let node = tree[child]
            switch node.kind {
            case .folder: try writeFolder(name, child, in: folder, at: place)
            case .regular(let content): try writeFile(name, child, content, in: folder, at: place)
            case .symbolicLink(let target): try writeLink(name, target, node.metadata, in: folder)
            case .characterDevice, .blockDevice, .fifo, .whiteout: leftOut += 1
            }
        }
    }

    private mutating func writeFolder(_ name: FileName, _ id: FileTree.NodeID, in folder: OpenFile, at path: TreePath) throws {
        let platform = PlatformPath(name)
        if platform.withBytes({ mkdirat(folder.descriptor, $0, 0o700) }) != 0, Errno.last != .fileExists {
            throw StoreError.system("mkdir", folder.path.appending("\(name)"), .last)
        }
        let opened = try folder.open(below: platform, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
        try fill(opened, from: id, at: path)
        let metadata = tree[id].metadata
        fchmod(opened.descriptor, mode_t(metadata.mode) & 0o1777)
        Self.setTime(metadata, of: opened.descriptor)
    }

    private mutating func writeFile(
        _ name: FileName, _ id: FileTree.NodeID, _ content: FileContent, in folder: OpenFile, at path: TreePath
    ) throws {
        if let first = firstNames[id] { return try link(first, as: name, in: folder) }
        let metadata = tree[id].metadata
        try replace(name, in: folder) { temporary in
            let descriptor = temporary.withBytes { openat(folder.descriptor, $0, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600) }
            guard descriptor >= 0 else { return false }
            let file = OpenFile(adopting: descriptor, path: folder.path.appending("\(name)"))
            var written = 0
            try content.forEachChunk(using: buffer) { chunk in
                try file.write(chunk, at: written)
                written += chunk.count
            }
            fchmod(descriptor, mode_t(metadata.mode) & 0o777)
            Self.setTime(metadata, of: descriptor)
            return true
        }
        if tree.nameCount(id) > 1 { firstNames[id] = PlatformPath(path.bytes) }
    }

    private func writeLink(_ name: FileName, _ target: [UInt8], _ metadata: FileMetadata, in folder: OpenFile) throws {
        try replace(name, in: folder) { temporary in
            temporary.withBytes { place in PlatformPath(target).withBytes { symlinkat($0, folder.descriptor, place) } } == 0
        }
    }

    private func link(_ first: PlatformPath, as name: FileName, in folder: OpenFile) throws {
        let source = try top.open(below: first, O_PATH | O_NOFOLLOW)
        let path = PlatformPath(Array("/proc/self/fd/\(source.descriptor)".utf8))
        try replace(name, in: folder) { temporary in
            temporary.withBytes { place in path.withBytes { linkat(AT_FDCWD, $0, folder.descriptor, place, AT_SYMLINK_FOLLOW) } } == 0
        }
    }

    /// Makes a file under a name of its own and moves it onto the one it shall have, whatever stands there.
    private func replace(_ name: FileName, in folder: OpenFile, _ make: (PlatformPath) throws -> Bool) throws {
        let temporary = PlatformPath(Array(".ingot-\(String(UInt64.random(in: .min ... .max), radix: 16))".utf8))
        var isDone = false
        defer { if !isDone { _ = temporary.withBytes { unlinkat(folder.descriptor, $0, 0) } } }
        guard try make(temporary) else { throw StoreError.system("create", folder.path.appending("\(name)"), .last) }
        let code = temporary.withBytes { from in
            PlatformPath(name).withBytes { renameat(folder.descriptor, from, folder.descriptor, $0) }
        }
        guard code == 0 else { throw StoreError.system("rename", folder.path.appending("\(name)"), .last) }
        isDone = true
    }

    private static func setTime(_ metadata: FileMetadata, of descriptor: Int32) {
        let time = timespec(tv_sec: Int(metadata.modified.seconds), tv_nsec: 0)
        _ = withUnsafePointer(to: (time, time)) { pointer in
            pointer.withMemoryRebound(to: timespec.self, capacity: 2) { futimens(descriptor, $0) }
        }
    }
}
