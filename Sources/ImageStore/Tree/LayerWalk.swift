internal import CLinux
internal import Glibc
internal import SystemPackage

/// One name of a layer, as a walk over it comes by.
public struct LayerEntry {
    public enum Kind: Hashable, Sendable {
        case folder(isOpaque: Bool)
        case regular, symbolicLink, whiteout, other
    }

    /// From the root of the image, without a leading slash.
    public var path: [UInt8]
    /// The last part of the path.
    public var name: FileName
    public var kind: Kind
    /// Of a regular file, in bytes.
    public var size: Int
    public var isExecutable: Bool
    /// The permission bits with setuid, setgid and sticky.
    public var permissions: Int
    let folder: OpenFile

    public var pathText: String { "/" + String(decoding: path, as: UTF8.self) }

    /// Opens a regular file. Nothing is followed: what became a link is an error.
    public func open() throws -> ContentReader {
        let file = try folder.open(below: PlatformPath(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
        return try ContentReader(FileContent(source: .open(file, offset: 0), size: size))
    }
}

extension ImageStore {
    /// Comes by every name of a layer, in canonical order. The layer's mount is walked descriptor by descriptor; no link is followed.
    ///
    /// Much cheaper than a tree: no metadata is kept. Throws `tooLarge` at a limit.
    public func walk(_ layer: Layer, limits: ArchiveLimits = .standard, _ body: (LayerEntry) throws -> Void) throws {
        try withSharedLock {
            var walk = LayerWalk(limits: limits)
            try walk.walk(OpenFile(mount(layer), O_RDONLY | O_DIRECTORY | O_NOFOLLOW), path: [], depth: 1, body)
        }
    }
}

private struct LayerWalk {
    let limits: ArchiveLimits
    private var count = 0

    init(limits: ArchiveLimits) { self.limits = limits }

    mutating func walk(_ folder: OpenFile, path: [UInt8], depth: Int, _ body: (LayerEntry) throws -> Void) throws {
        guard depth <= limits.depth else { throw StoreError.tooLarge("the depth of a path", limit: "\(limits.depth) names") }
        for name in try Self.names(in: folder) {
            count += 1
            guard count <= limits.entries else { throw StoreError.tooLarge("the number of files in a layer", limit: "\(limits.entries)") }
            let entry = try Self.entry(name, path: path.isEmpty ? name.bytes : path + [UInt8(ascii: "/")] + name.bytes, folder)
            try body(entry)
            guard case .folder = entry.kind else { continue }
            try walk(folder.open(below: PlatformPath(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW), path: entry.path, depth: depth + 1, body)
        }
    }

    private static func entry(_ name: FileName, path: [UInt8], _ folder: OpenFile) throws -> LayerEntry {
        var status = stat()
        let code = PlatformPath(name).withBytes { fstatat(folder.descriptor, $0, &status, AT_SYMLINK_NOFOLLOW) }
        guard code == 0 else { throw StoreError.system("stat", folder.path.appending("\(name)"), .last) }
        let kind: LayerEntry.Kind
        switch status.st_mode & S_IFMT {
        case S_IFDIR: kind = .folder(isOpaque: try isOpaque(name, folder))
        case S_IFREG: kind = .regular
        case S_IFLNK: kind = .symbolicLink
        case S_IFCHR: kind = status.st_rdev == 0 ? .whiteout : .other
        default: kind = .other
        }
        return LayerEntry(
            path: path, name: name, kind: kind, size: kind == .regular ? Int(status.st_size) : 0, isExecutable: status.st_mode & 0o111 != 0,
            permissions: Int(status.st_mode & 0o7777), folder: folder)
    }

    private static func isOpaque(_ name: FileName, _ folder: OpenFile) throws -> Bool {
        let path = PlatformPath(Array("/proc/self/fd/\(folder.descriptor)/".utf8) + name.bytes)
        var value: UInt8 = 0
        let count = path.withBytes { lgetxattr($0, ExtendedAttributes.opaque, &value, 1) }
        return count == 1 && value == UInt8(ascii: "y")
    }

    private static func names(in folder: OpenFile) throws -> [FileName] {
        // A descriptor of its own: closing the stream closes it.
        let copy = openat(folder.descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0, let stream = fdopendir(copy) else { throw StoreError.system("opendir", folder.path, .last) }
        defer { closedir(stream) }
        var names: [FileName] = []
        while let entry = readdir(stream) {
            if let name = FileName(bytes: entry.nameBytes) { names.append(name) }
        }
        return names.sorted()
    }
}
