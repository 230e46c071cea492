internal import CLinux
internal import Glibc
internal import IngotModel
public import SystemPackage

extension FileTree {
    /// Reads what was written to an overlay's upper folder, or any folder, into a tree.
    ///
    /// The folder is walked descriptor by descriptor and no link is followed, so whoever wrote it cannot lead the
    /// walk out of it. Devices 0/0 become whiteouts and `trusted.overlay.opaque` opaque marks; sockets are left out.
    /// Content stays where it is and is read when the layer is written.
    ///
    /// Throws `unsafePath` for marks of overlay that cannot be carried in a layer (redirects, metadata-only copies):
    /// mount with `redirect_dir=off,metacopy=off`.
    public init(upperFolder path: FilePath, limits: ArchiveLimits = .standard) throws {
        let folder = try FolderHandle(path)
        let reader = FolderReader(top: folder.file)
        self.init(
            root: try reader.metadata(of: folder.file.status(), at: PlatformPath(Array("/proc/self/fd/\(folder.file.descriptor)/.".utf8))),
            limits: limits)
        try reader.read(folder.file, at: .root, into: &self)
    }
}

/// The walk of one folder tree.
private final class FolderReader {
    private let top: OpenFile
    private var firstNames: [Inode: TreePath] = [:]

    private struct Inode: Hashable {
        var device: dev_t
        var number: ino_t
    }

    init(top: OpenFile) { self.top = top }

    func read(_ folder: OpenFile, at path: TreePath, into tree: inout FileTree) throws {
        for name in try names(in: folder) {
            let place = path.appending(name)
            guard place.components.count <= tree.limits.depth else {
                throw StoreError.tooLarge("the depth of \(place)", limit: "\(tree.limits.depth) names")
            }
            try readEntry(name, of: folder, at: place, into: &tree)
        }
    }

    private func readEntry(_ name: FileName, of folder: OpenFile, at place: TreePath, into tree: inout FileTree) throws {
        let status = try self.status(of: name, in: folder)
        if status.st_mode & S_IFMT == S_IFSOCK { return }
        let inode = Inode(device: status.st_dev, number: status.st_ino)
        let isFolder = status.st_mode & S_IFMT == S_IFDIR
        if !isFolder, status.st_nlink > 1, let first = firstNames[inode] { return try tree.link(first, at: place) }
        try tree.insert(node(name, of: folder, at: place, status), at: place)
        if !isFolder, status.st_nlink > 1, !(tree.node(at: place)?.isWhiteout ?? true) { firstNames[inode] = place }
        if isFolder {
            let child = try folder.open(below: PlatformPath(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
            try read(child, at: place, into: &tree)
        }
    }

    private func node(_ name: FileName, of folder: OpenFile, at place: TreePath, _ status: stat) throws -> FileNode {
        // The name of a descriptor, and a name in it: the calls on extended attributes follow no link at its end.
        let file = PlatformPath(Array("/proc/self/fd/\(folder.descriptor)/".utf8) + name.bytes)
        let metadata = try self.metadata(of: status, at: file)
        let kind: FileNode.Kind
        switch status.st_mode & S_IFMT {
        case S_IFDIR:
            kind = .folder(isOpaque: try attributeMarks(at: file, place))
        case S_IFREG:
            kind = .regular(FileContent(source: .file(folder: top, path: PlatformPath(place.bytes), offset: 0), size: Int(status.st_size)))
            _ = try attributeMarks(at: file, place)
        case S_IFLNK: kind = .symbolicLink(target: try target(of: name, in: folder, length: Int(status.st_size)))
        case S_IFCHR: kind = .characterDevice(DeviceNumber(status.st_rdev))
        case S_IFBLK: kind = .blockDevice(DeviceNumber(status.st_rdev))
        default: kind = .fifo
        }
        return FileNode(kind, metadata)
    }

    func metadata(of status: stat, at path: PlatformPath) throws -> FileMetadata {
        var metadata = FileMetadata(
            mode: UInt16(truncatingIfNeeded: status.st_mode), userID: status.st_uid, groupID: status.st_gid,
            modified: FileTime(seconds: Int64(status.st_mtim.tv_sec), nanoseconds: UInt32(truncatingIfNeeded: status.st_mtim.tv_nsec)))
        for name in try ExtendedAttributes.names(at: path) where FileMetadata.belongsInImage(attribute: name) {
            metadata.attributes[name] = try ExtendedAttributes.value(name, at: path)
        }
        return metadata
    }

    /// Whether the folder is opaque. Other marks of overlay say that content is elsewhere, which a layer cannot say.
    private func attributeMarks(at path: PlatformPath, _ place: TreePath) throws -> Bool {
        let names = try ExtendedAttributes.names(at: path)
        for mark in ["trusted.overlay.redirect", "trusted.overlay.metacopy"] where names.contains(mark) {
            throw StoreError.unsafePath("\(place)", "overlay marked it '\(mark)'; mount with redirect_dir=off,metacopy=off")
        }
        guard names.contains(ExtendedAttributes.opaque) else { return false }
        return try ExtendedAttributes.value(ExtendedAttributes.opaque, at: path) == [UInt8(ascii: "y")]
    }

    private func names(in folder: OpenFile) throws -> [FileName] {
        // A descriptor of its own: reading a folder moves the offset and closing the stream closes it.
        let copy = openat(folder.descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0, let stream = fdopendir(copy) else { throw StoreError.system("opendir", folder.path, .last) }
        defer { closedir(stream) }
        var names: [FileName] = []
        while let entry = readdir(stream) {
            if let name = FileName(bytes: entry.nameBytes) { names.append(name) }
        }
        return names.sorted()
    }

    private func status(of name: FileName, in folder: OpenFile) throws -> stat {
        var status = stat()
        let code = PlatformPath(name).withBytes { fstatat(folder.descriptor, $0, &status, AT_SYMLINK_NOFOLLOW) }
        guard code == 0 else { throw StoreError.system("stat", folder.path.appending("\(name)"), .last) }
        return status
    }

    private func target(of name: FileName, in folder: OpenFile, length: Int) throws -> [UInt8] {
        var buffer = [CChar](repeating: 0, count: TreePath.longest)
        let count = PlatformPath(name).withBytes { readlinkat(folder.descriptor, $0, &buffer, buffer.count) }
        guard count >= 0 else { throw StoreError.system("readlink", folder.path.appending("\(name)"), .last) }
        return buffer.prefix(count).map { UInt8(bitPattern: $0) }
    }
}

/// Extended attributes of a path, not following a link at its end. Source: xattr(7).
enum ExtendedAttributes {
    static let opaque = "trusted.overlay.opaque"

    static func names(at path: PlatformPath) throws -> [String] {
        let bytes = try read(path) { path, buffer, count in
            llistxattr(path, buffer?.assumingMemoryBound(to: CChar.self), count)
        }
        return bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }.sorted()
    }

    static func value(_ name: String, at path: PlatformPath) throws -> [UInt8] {
        try read(path) { path, buffer, count in lgetxattr(path, name, buffer, count) }
    }

    /// Asks for the size, then for the bytes; again when they grew in between.
    private static func read(
        _ path: PlatformPath, _ call: (UnsafePointer<CChar>, UnsafeMutableRawPointer?, Int) -> Int
    ) throws -> [UInt8] {
        for _ in 0..<8 {
            let size = path.withBytes { call($0, nil, 0) }
            if size == 0 { return [] }
            if size < 0 {
                if Errno.last == .notSupported { return [] }
                throw StoreError.system("getxattr", path.filePath, .last)
            }
            var buffer = [UInt8](repeating: 0, count: size)
            let count = buffer.withUnsafeMutableBytes { bytes in path.withBytes { call($0, bytes.baseAddress, size) } }
            if count >= 0 { return Array(buffer.prefix(count)) }
            guard Errno.last == .outOfRange else { throw StoreError.system("getxattr", path.filePath, .last) }
        }
        throw StoreError(.sourceChanged, "the extended attributes of \(path.filePath) keep changing")
    }
}

extension DeviceNumber {
    /// Source: makedev(3), glibc's encoding of `dev_t`.
    init(_ number: dev_t) {
        let number = UInt64(number)
        major = UInt32(truncatingIfNeeded: (number >> 8) & 0xfff | (number >> 32) & 0xffff_f000)
        minor = UInt32(truncatingIfNeeded: number & 0xff | (number >> 12) & 0xffff_ff00)
    }
}
