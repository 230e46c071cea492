import CLinux
import Glibc
import SystemPackage

/// Copies a context so that all is different about it that must not matter: the order in which files were made, and with
/// it inodes, places in folders and times.
struct ContextCopy {
    private let tree: ContextTree

    init(_ tree: ContextTree) { self.tree = tree }

    /// - Parameter folder: is made.
    func write(to folder: FilePath) throws(BuildError) {
        try Files.makeFolder(folder)
        // Folders before what is in them; everything else in any order.
        let all = try tree.all()
        let nodes = all.dropFirst()
        for node in nodes where node.kind == .folder { try Files.makeFolder(folder.pushing(FilePath(node.path)), mode: 0o700) }
        for node in nodes.shuffled() {
            let target = folder.pushing(FilePath(node.path)).string
            switch node.kind {
            case .folder: continue
            case .link(let link): if symlink(link, target) != 0 { throw .system("make the link", target, number: errno) }
            case .regular: try copy(node, to: target)
            }
        }
        // Modes last: a folder may forbid writing into it.
        for node in all where node.kind == .folder { chmod(folder.pushing(FilePath(node.path)).string, mode_t(node.mode)) }
    }

    private func copy(_ node: ContextTree.Node, to target: String) throws(BuildError) {
        let path = tree.folder.pushing(FilePath(node.path)).string
        let source = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard source >= 0 else { throw .system("read", path, number: errno) }
        defer { close(source) }
        let copy = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard copy >= 0 else { throw .system("write", target, number: errno) }
        defer { close(copy) }
        try Self.copyContent(from: source, to: copy, target)
        for (name, value) in ImageAttributes.read(source) where fsetxattr(copy, name, value, value.count, 0) != 0 {
            throw .system("set \(name) of", target, number: errno)
        }
        fchmod(copy, mode_t(node.mode))
    }

    private static func copyContent(from source: CInt, to copy: CInt, _ path: String) throws(BuildError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 4096)
        defer { buffer.deallocate() }
        while true {
            let count = Glibc.read(source, buffer.baseAddress, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .system("read", path, number: errno) }
            if count == 0 { return }
            var done = 0
            while done < count {
                let written = Glibc.write(copy, buffer.baseAddress.map { $0 + done }, count - done)
                if written < 0, errno == EINTR { continue }
                guard written > 0 else { throw .system("write", path, number: errno) }
                done += written
            }
        }
    }
}
