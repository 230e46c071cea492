import CLinux
import Glibc

/// The instance's root: an overlay of its layers, which nothing can write to unless it is given a scratch layer.
struct RootFileSystem {
    let mountPoint: String
    private let scratch: Scratch?

    /// Mounts it in the namespace of this process.
    init(layers: [String], at mountPoint: String, scratch: Scratch?) throws(SupervisorError) {
        self.mountPoint = mountPoint
        self.scratch = scratch
        let lower = OverlayLayers(layers)
        if mkdir(mountPoint, 0o755) < 0, errno != EEXIST { throw .systemCall("mkdir", on: mountPoint) }
        try scratch?.mount()
        guard chdir(lower.folder) == 0 else { throw .systemCall("chdir", on: lower.folder) }
        defer { chdir("/") }
        let flags = UInt((scratch == nil ? MS_RDONLY : 0) | MS_NODEV | MS_NOSUID)
        guard clinux_mount_overlay(lower.names, scratch?.upper, scratch?.work, nil, mountPoint, flags) == 0 else {
            guard errno != E2BIG else { throw SupervisorError("the image has \(layers.count) layers, more than this kernel lays over each other") }
            throw .systemCall("mount", on: "\(mountPoint) (overlay of \(layers.count) layers)")
        }
    }

    func remove() {
        umount2(mountPoint, Int32(MNT_DETACH))
        rmdir(mountPoint)
        scratch?.remove()
    }
}

/// The lower layers of an overlay, named as shortly as can be: before Linux 6.7 all names must fit into a page.
struct OverlayLayers: Equatable {
    /// Names start here.
    var folder: String
    /// Highest first, each with NUL behind it.
    var names: String

    /// - Parameter layers: absolute, lowest first.
    init(_ layers: [String]) {
        let folders = Set(layers.map { $0[..<($0.lastIndex(of: "/") ?? $0.startIndex)] })
        // Layers of one folder are named from there: hundreds fit into a page then.
        let shared = folders.count == 1 ? folders.first.map(String.init) ?? "" : ""
        folder = shared.isEmpty ? "/" : shared
        names = layers.reversed().map { "\(shared.isEmpty ? $0[...] : $0.dropFirst(shared.utf8.count + 1))\0" }.joined()
    }
}
