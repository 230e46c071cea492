import Glibc

/// The instance's root: an overlay of its layers, which nothing can write to.
struct RootFileSystem {
    let mountPoint: String

    /// Mounts it in the namespace of this process.
    init(layers: [String], at mountPoint: String) throws(SupervisorError) {
        self.mountPoint = mountPoint
        let options = try OverlayOptions(layers: layers)
        if mkdir(mountPoint, 0o755) < 0, errno != EEXIST { throw .systemCall("mkdir", on: mountPoint) }
        guard chdir(options.folder) == 0 else { throw .systemCall("chdir", on: options.folder) }
        defer { chdir("/") }
        let flags = UInt(MS_RDONLY | MS_NODEV | MS_NOSUID)
        guard mount("overlay", mountPoint, "overlay", flags, options.data) == 0 else {
            throw .systemCall("mount", on: "\(mountPoint) (overlay of \(layers.count) layers)")
        }
    }

    func remove() {
        umount2(mountPoint, Int32(MNT_DETACH))
        rmdir(mountPoint)
    }
}

/// The data of an overlay's mount(2), which must fit into a page.
struct OverlayOptions: Equatable {
    /// Paths in the data start here.
    var folder: String
    var data: String

    static let longest = 4_095

    /// - Parameter layers: absolute, lowest first; overlayfs wants the highest first.
    init(layers: [String]) throws(SupervisorError) {
        let folders = Set(layers.map { $0[..<($0.lastIndex(of: "/") ?? $0.startIndex)] })
        // Layers of one folder are named from there: hundreds fit then.
        let shared = folders.count == 1 ? folders.first.map(String.init) ?? "" : ""
        folder = shared.isEmpty ? "/" : shared
        let names = layers.reversed().map { Self.escaped(shared.isEmpty ? $0[...] : $0.dropFirst(shared.utf8.count + 1)) }
        data = "lowerdir=" + names.joined(separator: ":")
        guard data.utf8.count <= Self.longest else {
            throw SupervisorError("the image has \(layers.count) layers, more than one overlay can take")
        }
    }

    /// A colon separates layers, a comma options (overlayfs(5); util-linux, mount(8)).
    private static func escaped(_ path: Substring) -> String {
        path.reduce(into: "") { text, character in
            if ":,\\".contains(character) { text.append("\\") }
            text.append(character)
        }
    }
}
