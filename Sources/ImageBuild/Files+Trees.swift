import CLinux
import Glibc
import ImageStore
import SystemPackage

extension Files {
    /// Makes a file that lives as long as a step: not synced, because nothing reads it after a crash.
    static func makeFile(_ path: FilePath, _ bytes: [UInt8] = []) throws(BuildError) {
        let file = open(path.string, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .system("make", path.string, number: errno) }
        defer { close(file) }
        guard writeAll(bytes, to: file) else { throw .system("write", path.string, number: errno) }
    }

    /// Gives a folder an owner and a mode; `nil` leaves it as it is.
    static func adopt(owner: FileOwner?, mode: UInt16?, on path: FilePath) throws(BuildError) {
        if let owner, lchown(path.string, owner.user, owner.group) != 0 { throw .system("set the owner of", path.string, number: errno) }
        if let mode, chmod(path.string, mode_t(mode)) != 0 { throw .system("set the mode of", path.string, number: errno) }
    }

    /// What is left for us on the disk of a folder.
    static func freeBytes(at path: FilePath) -> Int {
        var status = statvfs()
        guard statvfs(path.string, &status) == 0 else { return .max }
        return Int(clamping: status.f_bavail) * Int(clamping: status.f_frsize)
    }

    /// What a folder and all below it take on the disk, in bytes. No link is followed and no mount entered.
    static func size(of path: FilePath) -> Int {
        let descriptor = open(path.string, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { return 0 }
        return size(ofOpen: descriptor)
    }

    private static func size(ofOpen descriptor: CInt) -> Int {
        guard let stream = fdopendir(descriptor) else {
            close(descriptor)
            return 0
        }
        defer { closedir(stream) }
        var sum = 0
        while let entry = readdir(stream) {
            let name = entry.bytes
            if name == [46, 0] || name == [46, 46, 0] { continue }
            var status = stat()
            guard fstatat(dirfd(stream), name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { continue }
            sum += Int(status.st_blocks) * 512
            guard status.st_mode & S_IFMT == S_IFDIR else { continue }
            let child = ingot_build_open_own_folder(dirfd(stream), name)
            if child >= 0 { sum += size(ofOpen: child) }
        }
        return sum
    }

    /// Writes a tree into a new folder, with owners, modes, times and attributes. Devices are left out.
    static func write(_ tree: FileTree, toNewFolder path: FilePath) throws {
        try makeFolder(path)
        var folders: [(FilePath, FileMetadata)] = []
        for entry in tree.entries() {
            let place = FilePath(path.string + "\(entry.path)")
            if let first = entry.linkTarget {
                guard link(path.string + "\(first)", place.string) == 0 else { throw BuildError.system("link", place.string, number: errno) }
                continue
            }
            switch entry.node.kind {
            case .folder:
                if !entry.path.isRoot { try makeFolder(place) }
                folders.append((place, entry.node.metadata))
                continue
            case .regular(let content): try write(content, to: place)
            case .symbolicLink(let target):
                guard symlink(String(decoding: target, as: UTF8.self), place.string) == 0 else {
                    throw BuildError.system("link", place.string, number: errno)
                }
            case .fifo: guard mkfifo(place.string, 0o600) == 0 else { throw BuildError.system("make", place.string, number: errno) }
            case .characterDevice, .blockDevice, .whiteout: continue
            }
            try set(entry.node.metadata, on: place, isLink: entry.node.isSymbolicLink)
        }
        // Last, because what is put into a folder changes its time.
        for (place, metadata) in folders.reversed() { try set(metadata, on: place, isLink: false) }
    }

    private static func write(_ content: FileContent, to path: FilePath) throws {
        let file = open(path.string, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw BuildError.system("make", path.string, number: errno) }
        defer { close(file) }
        try content.forEachChunk { chunk in
            guard writeAll(Array(chunk), to: file) else { throw BuildError.system("write", path.string, number: errno) }
        }
    }

    private static func set(_ metadata: FileMetadata, on path: FilePath, isLink: Bool) throws(BuildError) {
        try adopt(owner: FileOwner(user: metadata.userID, group: metadata.groupID), mode: isLink ? nil : metadata.mode, on: path)
        for (name, value) in metadata.attributes where !isLink && setxattr(path.string, name, value, value.count, 0) != 0 {
            throw .system("set an attribute of", path.string, number: errno)
        }
        let time = timespec(tv_sec: Int(metadata.modified.seconds), tv_nsec: Int(metadata.modified.nanoseconds))
        guard utimensat(AT_FDCWD, path.string, [time, time], AT_SYMLINK_NOFOLLOW) == 0 else {
            throw .system("set the time of", path.string, number: errno)
        }
    }
}

extension UnsafeMutablePointer<dirent> {
    /// The name with its NUL. Bytes: a step may have made some that are no text. Read where it lies: an entry is as long as its name, and to copy
    /// a whole `dirent` reads beyond the folder's buffer (readdir(3)).
    var bytes: [CChar] {
        withUnsafePointer(to: &pointee.d_name) { pointer in
            pointer.withMemoryRebound(to: CChar.self, capacity: 256) { Array(UnsafeBufferPointer(start: $0, count: strlen($0) + 1)) }
        }
    }
}
