import Glibc
import IngotModel
import SystemPackage

/// An overlay over mounted layers. Whoever mounts it unmounts it; the folder of the build does so at its end in any case.
struct OverlayMount: Sendable {
    let path: FilePath

    /// The kernel takes one page of options. Source: mount(2).
    static let longestOptions = 4_095

    /// - Parameters:
    ///   - lower: lowest first; two at least where there is no upper folder.
    ///   - upper: what is written goes there; `nil` for a view that is only read.
    ///   - work: an empty folder on the same file system as `upper`.
    init(_ lower: [FilePath], upper: (folder: FilePath, work: FilePath)?, at path: FilePath) throws(BuildError) {
        let options = Self.options(lower, upper: upper)
        guard options.utf8.count <= Self.longestOptions else { throw .tooManyLayers(lower.count) }
        self.path = path
        let flags = UInt(bitPattern: Int(MS_NODEV.number)) | (upper == nil ? UInt(bitPattern: Int(MS_RDONLY.number | MS_NOSUID.number)) : 0)
        let failed = options.withCString { mount("overlay", path.string, "overlay", flags, $0) != 0 }
        if failed { throw .overlayFailed(path, SystemFailure.current) }
    }

    /// `index` keeps hard links one file when they are written; the other two would leave marks that no layer can carry.
    /// `volatile` leaves out syncing: the layer is synced when it is written, and a build that is cut short is thrown away.
    static func options(_ lower: [FilePath], upper: (folder: FilePath, work: FilePath)?) -> String {
        let lowers = "lowerdir=" + lower.reversed().map { escaped($0.string, colons: true) }.joined(separator: ":")
        guard let upper else { return lowers }
        let folders = "upperdir=\(escaped(upper.folder.string)),workdir=\(escaped(upper.work.string))"
        return "\(lowers),\(folders),index=on,redirect_dir=off,metacopy=off,volatile"
    }

    /// Source: Linux, Documentation/filesystems/overlayfs.rst.
    private static func escaped(_ path: String, colons: Bool = false) -> String {
        String(path.flatMap { $0 == "\\" || $0 == "," || (colons && $0 == ":") ? ["\\", $0] : [$0] })
    }

    func unmount() { umount2(path.string, MNT_DETACH.number) }
}

extension BuildError {
    static func tooManyLayers(_ count: Int) -> BuildError {
        BuildError(
            "too-many-layers", "the step would stand on \(count) layers, more than one mount can name",
            remedy: "join RUN and COPY instructions, or start a new stage")
    }

    static func overlayFailed(_ path: FilePath, _ cause: SystemFailure) -> BuildError {
        BuildError(
            "overlay-failed", "can't mount an overlay at \(path)",
            remedy: "the build needs root and a kernel with overlayfs; its root folder can't be on an overlay itself", fault: .world, cause: cause)
    }
}
