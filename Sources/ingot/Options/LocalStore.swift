import Glibc
import ImageStore
import IngotModel
import SystemPackage

extension GlobalOptions {
    /// The image store under the root, opened without the daemon.
    ///
    /// - Throws: `CommandError` when this user can't have it, before anything is made in a place that is not theirs.
    func store() throws -> ImageStore {
        try checkLocal()
        let folder = "\(rootFolder)/store"
        if access(folder, R_OK | W_OK | X_OK) != 0, [EACCES, EPERM].contains(errno) || (geteuid() != 0 && root == nil && errno == ENOENT) {
            throw CommandError(
                "store-not-permitted", "user \(geteuid()) may not use the image store \(folder)",
                remedy: "run it as root, with sudo, or choose another folder with --root")
        }
        return try ImageStore(root: FilePath(rootFolder))
    }
}

extension ImageStore {
    /// The digest that a reference names.
    ///
    /// - Throws: `CommandError` that says what is there instead.
    func digest(of reference: String) throws -> Digest {
        if let digest = try resolve(reference) ?? takeUp(reference) { return digest }
        let names = try tags().keys.sorted()
        let known = names.isEmpty ? "the store has no tags yet" : "tags here: \(names.prefix(12).joined(separator: ", "))"
        throw CommandError(
            "image-missing", "no image is called '\(reference)' in \(root)",
            remedy: "`ingot image list` shows what is there; \(known)")
    }
}
