import CLinux
import Glibc
import ImageStore
import SystemPackage

/// The files of a stage or an image as they are seen through their mounts. Reading only, and never out of them:
/// every name is opened below the top, no link followed by the kernel.
final class MountedTree: Sendable {
    let path: FilePath
    private let descriptor: CInt

    /// - Parameter path: where the topmost view is mounted.
    init(_ path: FilePath) throws(BuildError) {
        self.path = path
        descriptor = Glibc.open(path.string, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system("open", path.string, number: errno) }
    }

    deinit { close(descriptor) }

    struct Found: Sendable {
        enum Kind: Sendable { case folder, regular, link(String), other }
        var kind: Kind
        var metadata: FileMetadata
        var size: Int

        var isFolder: Bool { if case .folder = kind { true } else { false } }
    }

    /// What is at a path itself; `nil` when nothing is.
    func find(_ parts: [String]) throws(BuildError) -> Found? {
        let file = try open(parts, O_PATH | O_NOFOLLOW)
        guard let file else { return nil }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw .system("look at", name(parts), number: errno) }
        guard let kind = try kind(status, file, parts) else { return nil }
        let attributes = if case .link = kind { [String: [UInt8]]() } else { ImageAttributes.read(file) }
        let modified = FileTime(seconds: Int64(status.st_mtim.tv_sec), nanoseconds: UInt32(status.st_mtim.tv_nsec))
        let metadata = FileMetadata(
            mode: UInt16(status.st_mode & 0o7777), userID: status.st_uid, groupID: status.st_gid, modified: modified, attributes: attributes)
        return Found(kind: kind, metadata: metadata, size: Int(status.st_size))
    }

    private func kind(_ status: stat, _ file: CInt, _ parts: [String]) throws(BuildError) -> Found.Kind? {
        switch status.st_mode & S_IFMT {
        case S_IFDIR: return .folder
        case S_IFREG: return .regular
        case S_IFLNK:
            var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
            let count = readlinkat(file, "", &buffer, buffer.count)
            guard count >= 0 else { throw .system("read the link", name(parts), number: errno) }
            return .link(String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self))
        // A whiteout of the lowest layer, where nothing is merged.
        case S_IFCHR where status.st_rdev == 0: return nil
        default: return .other
        }
    }

    /// The content of a file that must be small.
    func read(_ parts: [String], limit: Int) throws(BuildError) -> [UInt8]? {
        guard let file = try open(parts, O_RDONLY | O_NOFOLLOW | O_NONBLOCK) else { return nil }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        guard status.st_size <= limit else {
            throw BuildError("file-too-large", "\(name(parts)) of the image is larger than \(limit) bytes", remedy: "build it from another base")
        }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        let count = Glibc.read(file, &bytes, bytes.count)
        guard count >= 0 else { throw .system("read", name(parts), number: errno) }
        return Array(bytes[..<count])
    }

    /// The names in a folder, in the order of bytes.
    func names(_ parts: [String]) throws(BuildError) -> [String] {
        guard let file = try open(parts, O_RDONLY | O_DIRECTORY | O_NOFOLLOW) else { return [] }
        guard let stream = fdopendir(file) else { throw .system("read the folder", name(parts), number: errno) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(validatingCString: $0) }
            }
            if let name, name != ".", name != ".." { names.append(name) }
        }
        return names.sorted(by: ContextTree.precedes)
    }

    /// Where a path leads when links are followed inside the tree, and what there is on the way.
    struct Resolution: Sendable {
        /// Without links, `.` and `..`.
        var parts: [String] = []
        /// What the folders on the way are, the top first; fewer than `parts` + 1 when the rest is not there.
        var folders: [FileMetadata] = []
        /// What is at the end; `nil` when nothing is.
        var last: Found?
        var exists: Bool { last != nil }
    }

    func resolve(_ path: [String]) throws(BuildError) -> Resolution {
        var done: [String] = []
        var pending = Array(path.reversed())
        var links = 0
        while let part = pending.popLast() {
            if part == "." { continue }
            if part == ".." {
                _ = done.popLast()
                continue
            }
            guard case .link(let target) = try find(done + [part])?.kind else {
                done.append(part)
                continue
            }
            links += 1
            guard links <= ContextTree.mostLinks else { throw BuildError("too-many-links", "too many links on the way to \(name(path))") }
            if target.hasPrefix("/") { done = [] }
            pending += target.split(separator: "/").map(String.init).reversed()
        }
        return try describe(done)
    }

    private func describe(_ parts: [String]) throws(BuildError) -> Resolution {
        var resolution = Resolution(parts: parts)
        for count in 0...parts.count {
            let prefix = Array(parts.prefix(count))
            guard let found = try find(prefix) else { return resolution }
            if count == parts.count { resolution.last = found }
            guard found.isFolder else {
                if count < parts.count { throw BuildError("not-a-folder", "\(name(prefix)) of the image is not a folder") }
                return resolution
            }
            resolution.folders.append(found.metadata)
        }
        return resolution
    }

    /// Opens below the top; `nil` when nothing is there.
    func open(_ parts: [String], _ flags: CInt) throws(BuildError) -> CInt? {
        let path = parts.isEmpty ? "." : parts.joined(separator: "/")
        let file = ingot_open_beneath(descriptor, path, flags | O_CLOEXEC)
        if file >= 0 { return file }
        // ELOOP: a link on the way, below which there is nothing in this tree's own sense.
        if errno == ENOENT || errno == ENOTDIR || errno == ELOOP { return nil }
        throw .system("open", name(parts), number: errno)
    }

    private func name(_ parts: [String]) -> String { "/" + parts.joined(separator: "/") }
}
