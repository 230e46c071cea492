import CLinux
import Glibc
import ImageStore
import IngotModel
import SystemPackage

/// A file or folder found below a tree and mounted by its descriptor: what its path leads to afterwards does not matter.
enum MountSource {
    /// Mounts it at `place`, which is made as what it is. Links are followed inside the tree and never out of it.
    ///
    /// - Throws: `BuildError` at the mount's place in the Dockerfile when nothing is there.
    /// - Returns: whether it is a folder.
    static func mount(_ source: String, of tree: MountedTree, at place: FilePath, isReadOnly: Bool, for mount: RunMount) throws -> Bool {
        let parts = try mount.placed { () throws(BuildError) in try tree.resolve(source.split(separator: "/").map(String.init)).parts }
        guard let found = try mount.placed({ () throws(BuildError) in try tree.find(parts) }), let file = try tree.open(parts, O_PATH | O_NOFOLLOW)
        else {
            throw BuildError("source-missing", at: mount.location, "there is no '\(source)' to mount at \(mount.target)")
        }
        defer { close(file) }
        switch found.kind {
        case .folder: try Files.makeFolder(place)
        case .regular: try Files.makeFile(place)
        case .link, .other:
            throw BuildError("source-unsuitable", at: mount.location, "'\(source)' is neither a file nor a folder, so it can't be mounted")
        }
        try bind(file, at: place, isReadOnly: isReadOnly)
        return found.isFolder
    }

    static func bind(_ descriptor: CInt, at place: FilePath, isReadOnly: Bool) throws(BuildError) {
        guard ingot_build_bind(descriptor, place.string, isReadOnly ? 1 : 0) == 0 else { throw .system("mount", place.string, number: errno) }
    }
}

extension RunMount {
    /// Gives mistakes without a place the mount's.
    func placed<Result>(_ body: () throws(BuildError) -> Result) throws(BuildError) -> Result {
        do {
            return try body()
        } catch {
            guard error.diagnostics.isEmpty, error.fault == .user else { throw error }
            throw BuildError(String(error.code.dropFirst("build.".count)), at: location, error.message)
        }
    }
}
