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
    private let limit: Int
    /// Everything that was looked at, folders too: those that stand nowhere take their time as well.
    private var seen = 0

    init(limit: Int = FolderScan.entryLimit) { self.limit = limit }

    /// - Parameter folder: an open folder; it stays the caller's to close.
    mutating func read(_ folder: Int32, as path: String) {
        let names = self.names(in: folder)
        read(names, of: folder, path, depth: 0)
    }

    /// Says that there is something that was not looked at.
    mutating func noteOmission() { isCut = true }

    private mutating func read(_ names: [[CChar]], of folder: Int32, _ path: String, depth: Int) {
        for name in names {
            seen += 1
            guard seen <= limit, depth < Self.depthLimit else { return noteOmission() }
            var status = stat()
            guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
                callFailed(errno)
                continue
            }
            let place = "\(path)/\(Self.text(name))"
            guard status.st_mode & S_IFMT == S_IFDIR else {
                note(status, at: place)
                continue
            }
            let child = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard child >= 0 else {
                callFailed(errno)
                continue
            }
            defer { close(child) }
            let inside = self.names(in: child)
            if inside.isEmpty { note(status, at: place) } else { read(inside, of: child, place, depth: depth + 1) }
        }
    }

    /// What was removed since its name was read is nothing that is left out.
    private mutating func callFailed(_ code: Int32) {
        if code != ENOENT { noteOmission() }
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

    /// A name that is no text is shown byte by byte, so that no two become one.
    private static func text(_ name: [CChar]) -> String {
        let bytes = name.dropLast().map { UInt8(truncatingIfNeeded: $0) }
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        let parts: [String] = bytes.map { byte in
            (0x20..<0x7F).contains(byte) ? String(UnicodeScalar(byte)) : "\\x" + String(byte, radix: 16)
        }
        return parts.joined()
    }

    /// `.` and `..`
    private static let ownNames: [[CChar]] = [[46, 0], [46, 46, 0]]

    /// As the system calls take them, with the zero at the end: a name need not be UTF-8.
    private mutating func names(in folder: Int32) -> [[CChar]] {
        // A descriptor of its own: reading a folder moves the offset and closing the stream closes it.
        let copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0 else {
            callFailed(errno)
            return []
        }
        guard let stream = fdopendir(copy) else {
            noteOmission()
            close(copy)
            return []
        }
        defer { closedir(stream) }
        var names: [[CChar]] = []
        while names.count <= limit {
            // Its end and a failure differ by nothing else: readdir(3).
            errno = 0
            guard let entry = readdir(stream) else {
                if errno != 0 { callFailed(errno) }
                break
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { Array(UnsafeBufferPointer(start: $0, count: Int(strlen($0)) + 1)) }
            }
            if !Self.ownNames.contains(name) { names.append(name) }
        }
        return names.sorted { $0.lexicographicallyPrecedes($1) }
    }
}
