import Glibc

/// A layer in memory over a root, for an instance that may write to it. It is in this process's mount namespace only, and gone with it.
struct Scratch {
    let folder: String
    let bytes: Int

    /// What was written is here. The daemon reads it through `/proc`.
    var upper: String { "\(folder)/upper" }
    var work: String { "\(folder)/work" }

    func mount() throws(SupervisorError) {
        if mkdir(folder, 0o700) < 0, errno != EEXIST { throw .systemCall("mkdir", on: folder) }
        guard Glibc.mount("tmpfs", folder, "tmpfs", UInt(MS_NODEV | MS_NOSUID), "mode=0700,size=\(bytes)") == 0 else {
            throw .systemCall("mount", on: "\(folder) (tmpfs)")
        }
        // The upper folder's mode is that of the root which the instance sees.
        for (path, mode) in [(upper, mode_t(0o755)), (work, mode_t(0o700))] {
            guard mkdir(path, mode) == 0, chmod(path, mode) == 0 else { throw .systemCall("mkdir", on: path) }
        }
    }

    func remove() {
        umount2(folder, Int32(MNT_DETACH))
        rmdir(folder)
    }
}
