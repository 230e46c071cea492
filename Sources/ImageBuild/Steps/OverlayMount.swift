import CLinux
import Glibc
import IngotModel
import SystemPackage

/// An overlay over mounted layers. Whoever mounts it unmounts it; the folder of the build does so at its end in any case.
struct OverlayMount: Sendable {
    let path: FilePath

    /// `index` keeps hard links one file when they are written; the other two would leave marks that no layer can carry.
    /// `volatile` leaves out syncing: the layer is synced when it is written, and a build that is cut short is thrown away.
    private static let writableOptions = "index=on,redirect_dir=off,metacopy=off,volatile"

    /// - Parameters:
    ///   - lower: lowest first; two at least where there is no upper folder.
    ///   - upper: what is written goes there; `nil` for a view that is only read.
    ///   - work: an empty folder on the same file system as `upper`.
    init(_ lower: [FilePath], upper: (folder: FilePath, work: FilePath)?, at path: FilePath) throws(BuildError) {
        self.path = path
        let names = lower.reversed().map { $0.string + "\0" }.joined()
        let flags = UInt(bitPattern: Int(MS_NODEV.number)) | (upper == nil ? UInt(bitPattern: Int(MS_RDONLY.number | MS_NOSUID.number)) : 0)
        let code = clinux_mount_overlay(
            names, upper?.folder.string, upper?.work.string, upper == nil ? nil : Self.writableOptions, path.string, flags)
        guard code != 0 else { return }
        let failure = SystemFailure.current
        throw failure.number == E2BIG ? .tooManyLayers(lower.count) : .overlayFailed(path, failure)
    }

    func unmount() { umount2(path.string, MNT_DETACH.number) }
}

extension BuildError {
    static func tooManyLayers(_ count: Int) -> BuildError {
        BuildError(
            "too-many-layers", "the step would stand on \(count) layers, more than this kernel lays over each other",
            remedy: "join RUN and COPY instructions, or start a new stage; kernels from 6.7 on take \(CLINUX_OVERLAY_LAYERS)")
    }

    static func overlayFailed(_ path: FilePath, _ cause: SystemFailure) -> BuildError {
        BuildError(
            "overlay-failed", "can't mount an overlay at \(path)",
            remedy: "the build needs root and a kernel with overlayfs; its root folder can't be on an overlay itself", fault: .world, cause: cause)
    }
}
