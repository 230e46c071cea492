import CLinux
import Glibc

/// The supervisor's own view of mounts and its instance's network.
enum Namespaces {
    static let unifiedCgroup = "/sys/fs/cgroup/unified"

    /// Leaves the host's mount and network namespace.
    ///
    /// The host's mounts become this namespace's masters: what the host unmounts goes here too, and
    /// what is mounted here is not seen outside and disappears with the last process.
    static func enter(hidingUnifiedCgroup hides: Bool) throws(SupervisorError) {
        guard clinux_leave_mount_and_network_namespace() == 0 else { throw .systemCall("unshare", on: "mounts and network") }
        guard mount(nil, "/", nil, UInt(MS_REC | MS_SLAVE), nil) == 0 else { throw .systemCall("mount", on: "/ (as slave)") }
        guard hides else { return }
        // crun refuses to run beside it. EINVAL: it is no mount point here, so it is in nobody's way.
        if umount2(unifiedCgroup, Int32(MNT_DETACH)) < 0, errno != EINVAL, errno != ENOENT {
            throw .systemCall("umount", on: unifiedCgroup)
        }
    }

    /// Lets go of the copies of other images' and builds' mounts that this namespace was born with,
    /// so that the host can remove what is below them while this instance runs.
    static func releaseForeignMounts(needing paths: [String]) {
        guard let text = try? SmallFile.text(at: "/proc/self/mountinfo", limit: 8 << 20) else { return }
        for mountPoint in MountTable.releasable(mountinfo: text, needing: paths).reversed() {
            umount2(mountPoint, Int32(MNT_DETACH))
        }
    }
}
