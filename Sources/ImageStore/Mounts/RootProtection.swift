internal import CLinux
internal import Glibc
public import SystemPackage

/// What keeps the root of an instance from being changed under it, strongest last.
public enum RootProtection: String, Sendable, Codable, CaseIterable, Comparable {
    /// A plain EROFS file that is hashed again on a schedule, past the page cache.
    case rehashedFile = "rehashed-file"
    /// A memory file with seals behind a read-only loop device.
    case sealedMemory = "sealed-memory"
    /// The kernel checks each page it reads against a hash of the file.
    case fsVerity = "fs-verity"
    /// The kernel checks each block it reads against a hash of the device.
    case dmVerity = "dm-verity"

    public static func < (left: Self, right: Self) -> Bool { rank(left) < rank(right) }
    private static func rank(_ value: Self) -> Int { allCases.firstIndex(of: value) ?? 0 }

    /// Turns fs-verity on for a layer's file where the file system has it. That it has not is no error: what is
    /// really in force is read back and reported.
    static func protect(_ path: FilePath) {
        guard let file = try? OpenFile(path, O_RDONLY | O_NOFOLLOW) else { return }
        _ = ingot_verity_enable(file.descriptor)
    }

    /// What is in force for a file, asked of the kernel.
    static func inForce(for path: FilePath) throws -> RootProtection {
        ingot_verity_enabled(try OpenFile(path, O_RDONLY | O_NOFOLLOW).descriptor) == 1 ? .fsVerity : .rehashedFile
    }
}

extension ImageStore {
    /// The strongest protection that the store uses on this host, found by trying it on a file.
    ///
    /// dm-verity and sealed memory are not used yet, so they are never reported.
    public static func rootProtection(root: FilePath) throws -> RootProtection {
        let store = root.appending("store")
        let folder = store.appending("tmp")
        let lock = Files.exists(store) ? try StoreLock.shared(store.appending("lock")) : nil
        defer { withExtendedLifetime(lock) {} }
        let name = "verity-\(getpid())-\(String(UInt64.random(in: .min ... .max), radix: 16))"
        let path = (Files.exists(folder) ? folder : root).appending(name)
        defer { try? Files.remove(path) }
        // Written and closed: fs-verity refuses a file that is open for writing.
        try writeProbe(path)
        RootProtection.protect(path)
        return try RootProtection.inForce(for: path)
    }

    private static func writeProbe(_ path: FilePath) throws {
        let file = try OpenFile(path, O_RDWR | O_CREAT | O_EXCL, mode: 0o600)
        try [UInt8](repeating: 0, count: 4096).withUnsafeBytes { try file.write($0, at: 0) }
    }

    /// What is in force for one layer.
    public func protection(of layer: Layer) throws -> RootProtection { try .inForce(for: erofsPath(of: layer.diffID)) }
}
