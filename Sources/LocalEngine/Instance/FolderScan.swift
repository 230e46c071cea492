import Glibc
import IngotModel

/// What stands below a folder of an instance's. It is walked descriptor by descriptor and no link is followed: whoever wrote it can't
/// lead the walk out of it.
struct FolderScan: Sendable {
    static let entryLimit = 20_000
    static let depthLimit = 64
    static let nameLength = 256

    struct Entry: Hashable, Sendable {
        var kind: WriteRecord.Path.Kind
        var bytes: Int
        var changedSeconds: Int
        var changedNanoseconds: Int
    }

    /// By absolute path, as the instance sees it. Folders stand here only where nothing is in them.
    private(set) var entries: [String: Entry] = [:]
    /// Whether there was more than the limits allow to look at.
    private(set) var isCut = false

    /// - Parameter folder: an open folder; it stays the caller's to close.
    mutating func read(_ folder: Int32, as path: String) { read(folder, path, depth: 0) }

    private mutating func read(_ folder: Int32, _ path: String, depth: Int) {
        for name in Self.names(in: folder) {
            guard entries.count < Self.entryLimit, depth < Self.depthLimit else {
                isCut = true
                return
            }
            var status = stat()
            guard name.withCString({ fstatat(folder, $0, &status, AT_SYMLINK_NOFOLLOW) }) == 0 else { continue }
            let place = "\(path)/\(name)"
            guard status.st_mode & S_IFMT == S_IFDIR else {
                note(status, at: place)
                continue
            }
            let child = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard child >= 0 else { continue }
            defer { close(child) }
            if Self.names(in: child).isEmpty { note(status, at: place) } else { read(child, place, depth: depth + 1) }
        }
    }

    /// Forgets empty folders at these paths.
    mutating func leaveOut(_ paths: Set<String>) {
        entries = entries.filter { !($0.value.kind == .folder && paths.contains($0.key)) }
    }

    private mutating func note(_ status: stat, at path: String) {
        entries[String(path.prefix(Self.nameLength))] = Entry(
            kind: Self.kind(status), bytes: status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : 0,
            changedSeconds: status.st_ctim.tv_sec, changedNanoseconds: status.st_ctim.tv_nsec)
    }

    /// Source: Linux, Documentation/filesystems/overlayfs.rst, "whiteouts and opaque directories".
    private static func kind(_ status: stat) -> WriteRecord.Path.Kind {
        switch status.st_mode & S_IFMT {
        case S_IFREG: .file
        case S_IFDIR: .folder
        case S_IFLNK: .link
        case S_IFCHR where status.st_rdev == 0: .removed
        default: .other
        }
    }

    private static func names(in folder: Int32) -> [String] {
        // A descriptor of its own: reading a folder moves the offset and closing the stream closes it.
        let copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0 else { return [] }
        guard let stream = fdopendir(copy) else {
            close(copy)
            return []
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream), names.count <= entryLimit {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}
