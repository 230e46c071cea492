internal import CLinux
internal import Glibc
internal import IngotModel
internal import SystemPackage

/// Mounting EROFS files: straight from the file, or through a loop device where the kernel is older than 6.12 or
/// the store lies on an overlay.
///
/// Several processes may ask for the same mount at once; one lock, which dies with its holder, keeps them in order.
struct LayerMounts: Sendable {
    let folder: FilePath
    private let lockPath: FilePath
    private let needsLoop: Bool

    private static let overlayMagic = 0x794c_7630
    private static let erofsMagic = 0xE0F5_E1E2

    init(folder store: FilePath) throws {
        folder = store.appending("mounts")
        lockPath = store.appending("mounts.lock")
        needsLoop = try Self.magic(of: store) == Self.overlayMagic
        guard !needsLoop || Files.exists("/dev/loop-control") else {
            throw StoreError(
                .rootUnsuitable, "\(store) is on an overlay file system, on which layers cannot be mounted, and there are no loop devices",
                remedy: "choose a folder on a real disk with --root, or load the kernel's module 'loop'")
        }
    }

    /// Where something of that name is mounted; `nil` when nothing is.
    func mounted(_ name: String) -> FilePath? {
        let point = folder.appending(name)
        return isMounted(point) ? point : nil
    }

    /// Mounts the file at `mounts/<name>` and returns that path. Nothing changes when it is mounted already.
    func mount(_ file: FilePath, as name: String) throws -> FilePath {
        let point = folder.appending(name)
        // Without the lock first: a start must not wait for somebody else's.
        if isMounted(point) { return point }
        let lock = try StoreLock.exclusive(lockPath)
        defer { withExtendedLifetime(lock) {} }
        if isMounted(point) { return point }
        try Files.makeFolder(point, mode: 0o700)
        if needsLoop { try mountByLoop(file, at: point) } else { try mountFile(file, at: point) }
        return point
    }

    /// Unmounts. `false` when something still uses it.
    func unmount(_ name: String) throws -> Bool {
        let point = folder.appending(name)
        let lock = try StoreLock.exclusive(lockPath)
        defer { withExtendedLifetime(lock) {} }
        while isMounted(point) {
            guard point.withPlatformString({ umount2($0, Int32(UMOUNT_NOFOLLOW)) }) != 0 else { continue }
            if Errno.last == .resourceBusy { return false }
            throw StoreError.system("umount", point, .last)
        }
        _ = point.withPlatformString { rmdir($0) }
        return true
    }

    func names() throws -> [String] { try Files.names(in: folder) }

    private func isMounted(_ point: FilePath) -> Bool { (try? Self.magic(of: point)) == Self.erofsMagic }

    private static let flags = UInt(MS_RDONLY | MS_NODEV | MS_NOSUID | MS_NOATIME)

    func mountFile(_ file: FilePath, at point: FilePath) throws {
        switch Self.mount(file, at: point) {
        case nil: return
        // ENOTBLK: the kernel wants a block device. EINVAL: so does one that was built without this.
        case Errno(rawValue: ENOTBLK), Errno.invalidArgument: try mountByLoop(file, at: point)
        case let errno?: throw Self.failure(errno, file, point)
        }
    }

    private func mountByLoop(_ file: FilePath, at point: FilePath) throws {
        let backing = try OpenFile(file, O_RDONLY | O_NOFOLLOW)
        var path = [CChar](repeating: 0, count: 64)
        let descriptor = ingot_loop_attach(backing.descriptor, &path, path.count)
        guard descriptor >= 0 else {
            throw StoreError(
                .mountFailed, "there is no loop device for \(file)",
                remedy: "load the kernel's module 'loop', or use a kernel of 6.12 or later, which needs none", cause: Errno.last)
        }
        // Held until the mount holds the device; then it detaches itself with the last mount.
        let device = OpenFile(adopting: descriptor, path: FilePath(platformString: path))
        defer { withExtendedLifetime(device) {} }
        if let errno = Self.mount(device.path, at: point) { throw Self.failure(errno, file, point) }
    }

    private static func mount(_ source: FilePath, at point: FilePath) -> Errno? {
        let code = source.withPlatformString { source in
            point.withPlatformString { Glibc.mount(source, $0, "erofs", flags, nil) }
        }
        return code == 0 ? nil : .last
    }

    /// What a person is told when mounting failed.
    static func failure(_ errno: Errno, _ file: FilePath, _ point: FilePath) -> StoreError {
        if errno == Errno(rawValue: ENODEV) {
            return StoreError(
                .erofsMissing, "this kernel has no EROFS, the file system that images are mounted as",
                remedy: "load it with 'modprobe erofs', or use a kernel built with CONFIG_EROFS_FS (Debian's are)", cause: errno)
        }
        if errno == .notPermitted || errno == .permissionDenied {
            return StoreError(.mountFailed, "\(file) cannot be mounted", remedy: "run as root: mounting needs CAP_SYS_ADMIN", cause: errno)
        }
        return StoreError(
            .mountFailed, "\(file) cannot be mounted at \(point)", remedy: "look at the last lines of 'dmesg' for the kernel's reason", cause: errno)
    }

    private static func magic(of path: FilePath) throws -> Int {
        let magic = path.withPlatformString { ingot_file_system_magic($0) }
        guard magic >= 0 else { throw StoreError.system("statfs", path, .last) }
        return magic
    }
}
