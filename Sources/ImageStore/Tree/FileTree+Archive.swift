internal import CArchive
internal import Glibc
internal import IngotModel
public import SystemPackage

extension FileTree {
    /// Reads an archive: tar, plain or compressed by gzip, zstd, xz or bzip2. Whiteouts become marks of the tree.
    ///
    /// The archive is taken for hostile. Names become nodes of the tree or are refused (`..`, NUL, a path through a
    /// link); a leading `/` means the root of the image. Devices stay nodes, harmless because images are mounted `nodev`.
    ///
    /// - Parameter spool: where decompressed content is kept, in files without a name, until the tree is gone.
    /// - Throws: `archiveInvalid`, `unsafePath`, `tooLarge`.
    public init(archive path: FilePath, spool: FilePath, limits: ArchiveLimits = .standard) throws {
        try self.init(archive: OpenFile(path, O_RDONLY), spool: spool, limits: limits)
    }

    init(archive file: OpenFile, spool: FilePath, limits: ArchiveLimits, _ tap: ((UnsafeRawBufferPointer) -> Void)? = nil) throws {
        // Decompressed once into a file without a name; the tree's content is parts of it.
        let plain = try TemporaryFile(in: spool)
        var count = 0
        try Decompression.run(file, limits) { bytes in
            tap?(bytes)
            try plain.file.write(bytes, at: count)
            count += bytes.count
        }
        self.init(limits: limits)
        try UTF8Locale.with { try ArchiveImport(plain.file, spool, isOwn: true).read(into: &self) }
    }
}

/// libarchive changes names to the process's locale. In this one that is no change.
enum UTF8Locale {
    static func with<Result>(_ body: () throws -> Result) throws -> Result {
        guard let locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nil) else { return try body() }
        let previous = uselocale(locale)
        defer {
            uselocale(previous)
            freelocale(locale)
        }
        return try body()
    }
}

/// The reading of one archive.
final class ArchiveImport {
    private let reader: ArchiveReader
    private let content: OpenFile
    /// The archive itself, when nobody else can change it: then content stays where it stands in it.
    private let archive: OpenFile?
    private let archiveLength: Int
    private var contentLength = 0
    private let chunk = ChunkBuffer()

    init(_ archive: OpenFile, _ spool: FilePath, isOwn: Bool = false) throws {
        self.archive = isOwn ? archive : nil
        reader = try ArchiveReader(archive)
        archiveLength = try archive.size()
        try reader.check(archive_read_support_format_tar(reader.handle))
        // Its name goes away at once; the open file stays as long as the tree.
        content = try TemporaryFile(in: spool).file
    }

    func read(into tree: inout FileTree) throws {
        try reader.open()
        while true {
            var entry: OpaquePointer?
            let code = archive_read_next_header(reader.handle, &entry)
            try reader.check(code)
            guard code != ARCHIVE_EOF, let entry else { return }
            try read(entry, into: &tree)
        }
    }

    /// Gives the entries one by one, as they stand: names that mean whiteouts in a layer are names like others here.
    func forEach(_ limits: ArchiveLimits, _ body: (ArchiveEntry) throws -> Void) throws {
        try reader.open()
        var count = 0
        while true {
            var handle: OpaquePointer?
            let code = archive_read_next_header(reader.handle, &handle)
            try reader.check(code)
            guard code != ARCHIVE_EOF, let handle else { return }
            count += 1
            guard count <= limits.entries else { throw StoreError.tooLarge("the number of files in the archive", limit: "\(limits.entries)") }
            if let entry = try entry(handle, limits) { try body(entry) }
        }
    }

    private func entry(_ handle: OpaquePointer, _ limits: ArchiveLimits) throws -> ArchiveEntry? {
        let path = try path(handle, limits)
        if let target = archive_entry_hardlink(handle) {
            return ArchiveEntry(path: path, content: .hardLink(try TreePath.inImage(name(target, "a hard link"))))
        }
        return try node(handle, path, limits, room: limits.bytes.bytes - contentLength).map { ArchiveEntry(path: path, content: .node($0)) }
    }

    private func path(_ entry: OpaquePointer, _ limits: ArchiveLimits) throws -> TreePath {
        let path = try TreePath.inImage(name(archive_entry_pathname(entry), "an entry"))
        guard path.components.count < limits.depth else { throw StoreError.tooLarge("the depth of \(path)", limit: "\(limits.depth) names") }
        return path
    }

    private func read(_ entry: OpaquePointer, into tree: inout FileTree) throws {
        let path = try path(entry, tree.limits)
        if try readMark(path, into: &tree) { return }
        if let target = archive_entry_hardlink(entry) {
            return try tree.link(TreePath.inImage(name(target, "a hard link")), at: path)
        }
        guard let node = try node(entry, path, tree.limits, room: tree.limits.bytes.bytes - tree.contentBytes) else { return }
        try tree.insert(keepingOpaque(node, at: path, in: tree), at: path)
    }

    /// An opaque mark may come before its folder's own entry.
    private func keepingOpaque(_ node: FileNode, at path: TreePath, in tree: FileTree) -> FileNode {
        guard node.isFolder, tree.node(at: path)?.isOpaque == true else { return node }
        return .folder(node.metadata, isOpaque: true)
    }

    /// Source: OCI Image Specification 1.1, Image Layer Filesystem Changeset, "Whiteouts".
    private func readMark(_ path: TreePath, into tree: inout FileTree) throws -> Bool {
        guard let name = path.name, name.bytes.starts(with: TarEntry.whiteoutPrefix) else { return false }
        if name.bytes == TarEntry.opaqueName {
            try tree.markOpaque(path.parent)
            return true
        }
        let rest = Array(name.bytes.dropFirst(TarEntry.whiteoutPrefix.count))
        // Other names of this form were AUFS's own files.
        if rest.starts(with: TarEntry.whiteoutPrefix) { return true }
        guard let removed = FileName(bytes: rest) else { throw StoreError.unsafePath("\(path)", "it is a whiteout of nothing") }
        let place = path.parent.appending(removed)
        // What the layer itself has stays: a whiteout only hides lower layers.
        if let existing = tree.find(place) {
            if tree[existing].isFolder { try tree.markOpaque(place) }
            return true
        }
        try tree.insert(.whiteout, at: place)
        return true
    }

    private func node(_ entry: OpaquePointer, _ path: TreePath, _ limits: ArchiveLimits, room: Int) throws -> FileNode? {
        let metadata = try metadata(entry, path, limits)
        switch mode_t(archive_entry_filetype(entry)) {
        case S_IFREG: return .regular(try content(of: entry, path, limits, room: room), metadata)
        case S_IFDIR: return .folder(metadata)
        case S_IFLNK: return FileNode(.symbolicLink(target: try linkTarget(entry, path)), metadata)
        case S_IFCHR: return FileNode(.characterDevice(device(entry)), metadata)
        case S_IFBLK: return FileNode(.blockDevice(device(entry)), metadata)
        case S_IFIFO: return FileNode(.fifo, metadata)
        case S_IFSOCK: return nil
        default: throw StoreError.archive("\(path) is of an unknown kind")
        }
    }

    private func linkTarget(_ entry: OpaquePointer, _ path: TreePath) throws -> [UInt8] {
        let target = try name(archive_entry_symlink(entry), "a symbolic link")
        guard (1..<TreePath.longest).contains(target.count) else { throw StoreError.unsafePath("\(path)", "its target is empty or too long") }
        return target
    }

    private func device(_ entry: OpaquePointer) -> DeviceNumber {
        DeviceNumber(
            major: UInt32(truncatingIfNeeded: archive_entry_rdevmajor(entry)) & 0xfff,
            minor: UInt32(truncatingIfNeeded: archive_entry_rdevminor(entry)) & 0xf_ffff)
    }

    private func metadata(_ entry: OpaquePointer, _ path: TreePath, _ limits: ArchiveLimits) throws -> FileMetadata {
        guard let user = UInt32(exactly: archive_entry_uid(entry)), let group = UInt32(exactly: archive_entry_gid(entry)) else {
            throw StoreError.archive("\(path) has an owner that is no number of 32 bits")
        }
        return FileMetadata(
            mode: UInt16(truncatingIfNeeded: archive_entry_perm(entry)), userID: user, groupID: group,
            modified: FileTime(seconds: Int64(archive_entry_mtime(entry)), nanoseconds: UInt32(clamping: archive_entry_mtime_nsec(entry))),
            attributes: try attributes(entry, path, limits))
    }

    private func attributes(_ entry: OpaquePointer, _ path: TreePath, _ limits: ArchiveLimits) throws -> [String: [UInt8]] {
        var attributes: [String: [UInt8]] = [:]
        var sum = 0
        archive_entry_xattr_reset(entry)
        var name: UnsafePointer<CChar>?
        var value: UnsafeRawPointer?
        var size = 0
        while archive_entry_xattr_next(entry, &name, &value, &size) == ARCHIVE_OK {
            guard let name else { continue }
            let text = String(cString: name)
            guard FileMetadata.belongsInImage(attribute: text) else { continue }
            sum += size
            guard sum <= limits.attributeBytes.bytes else {
                throw StoreError.tooLarge("the extended attributes of \(path)", limit: "\(limits.attributeBytes)")
            }
            attributes[text] = Array(UnsafeRawBufferPointer(start: value, count: size))
        }
        return attributes
    }

    /// The entry's content: where it stands in the archive, or a copy behind what is there already. Holes become zeros.
    private func content(of entry: OpaquePointer, _ path: TreePath, _ limits: ArchiveLimits, room: Int) throws -> FileContent {
        let size = Int(archive_entry_size(entry))
        guard size >= 0 else { throw StoreError.archive("\(path) has a negative length") }
        guard size <= room else { throw StoreError.tooLarge("the content of the archive", limit: "\(limits.bytes)") }
        guard size > 0 else { return .empty }
        try checkRatio(contentLength + size, limits)
        defer { contentLength += size }
        if let archive, archive_entry_sparse_count(entry) == 0 { return try inPlace(archive, path, size) }
        let start = contentLength
        var done = 0
        while done < size {
            let count = archive_read_data(reader.handle, chunk.bytes.baseAddress, min(chunk.bytes.count, size - done))
            guard count > 0 else {
                try reader.check(Int32(truncatingIfNeeded: count))
                throw StoreError.archive("\(path) ends too early")
            }
            try content.write(UnsafeRawBufferPointer(rebasing: chunk.bytes[..<count]), at: start + done)
            done += count
        }
        return FileContent(source: .open(content, offset: start), size: size)
    }

    /// A file without holes stands in one piece in a tar archive: nothing is copied where libarchive points into what we gave it.
    private func inPlace(_ archive: OpenFile, _ path: TreePath, _ size: Int) throws -> FileContent {
        let start = contentLength
        var done = 0
        while done < size {
            var block: UnsafeRawPointer?
            var count = 0
            var offset: la_int64_t = 0
            try reader.check(archive_read_data_block(reader.handle, &block, &count, &offset))
            guard let block, count > 0, Int(offset) == done, count <= size - done else { throw StoreError.archive("\(path) ends too early") }
            if done == 0, let place = reader.position(of: block), size <= archiveLength - place {
                return FileContent(source: .open(archive, offset: place), size: size)
            }
            try content.write(UnsafeRawBufferPointer(start: block, count: count), at: start + done)
            done += count
        }
        return FileContent(source: .open(content, offset: start), size: size)
    }

    /// A file with holes is longer than what the archive has of it; holes must not be a way to fill the disk.
    private func checkRatio(_ produced: Int, _ limits: ArchiveLimits) throws {
        guard produced > limits.decompressionFloor.bytes, produced / max(1, archiveLength) >= limits.decompressionRatio else { return }
        throw StoreError.tooLarge("the content of the archive", limit: "\(limits.decompressionRatio) times its size")
    }

    private func name(_ text: UnsafePointer<CChar>?, _ what: String) throws -> [UInt8] {
        guard let text else { throw StoreError.archive("the name of \(what) cannot be read") }
        return Array(UnsafeRawBufferPointer(start: text, count: strlen(text)))
    }
}
