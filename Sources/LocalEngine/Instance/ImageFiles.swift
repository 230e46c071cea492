import CLinux
import Engine
import Glibc
import IngotModel
import SystemPackage

/// Reads small files of an image as an instance would see them.
///
/// The layers are laid over each other by the kernel, so that whiteouts and links mean what they will mean to the
/// instance. The mount is detached at once and lives only as long as the open descriptor: a crash leaves nothing.
final class ImageFiles {
    private let root: Int32

    /// - Parameters:
    ///   - layers: mounted folders, lowest first; at least two.
    ///   - folder: an existing folder in which a mount point can be made for a moment.
    init(layers: [FilePath], mountPoint: FilePath) throws(EngineError) {
        try SystemFile.makeFolder(mountPoint)
        defer { rmdir(mountPoint.string) }
        let lower = layers.reversed().map { $0.string + "\0" }.joined()
        let flags = UInt(MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC)
        guard clinux_mount_overlay(lower, nil, nil, nil, mountPoint.string, flags) == 0 else {
            let reason = errno
            guard reason != E2BIG else { throw .tooManyLayers(layers.count) }
            throw .system("mounting the image's layers at", on: mountPoint.string, reason)
        }
        let descriptor = open(mountPoint.string, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        let reason = errno
        umount2(mountPoint.string, Int32(MNT_DETACH))
        guard descriptor >= 0 else { throw .system("opening", on: mountPoint.string, reason) }
        root = descriptor
    }

    deinit { close(root) }

    /// - Returns: `nil` when it is not there or is not a regular file.
    func read(_ path: String, limit: ByteSize) throws(EngineError) -> [UInt8]? {
        let descriptor = ingot_engine_open_in_root(root, path)
        guard descriptor >= 0 else {
            if [-ENOENT, -ENOTDIR, -ELOOP].contains(descriptor) { return nil }
            throw .system("opening the image's", on: path, -descriptor)
        }
        defer { close(descriptor) }
        var information = stat()
        guard fstat(descriptor, &information) == 0, information.st_mode & S_IFMT == S_IFREG else { return nil }
        return try SystemFile.read(descriptor, name: "the image's \(path)", limit: limit)
    }
}

extension EngineError {
    static func tooManyLayers(_ count: Int) -> EngineError {
        EngineError(
            code: "engine.too-many-layers", message: "the image has \(count) layers, more than this kernel lays over each other",
            remedy: "build it with fewer layers; kernels from 6.7 on take \(CLINUX_OVERLAY_LAYERS)", fault: .user)
    }
}
