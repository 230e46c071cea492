import CLinux
import Glibc
import ImageStore
import SystemPackage

/// What package managers leave behind that differs from run to run and that no image needs: it is left out of layers.
///
/// Found by building `apt-get install` twice and comparing. The list is versioned: a change of it changes digests.
enum LayerNoise {
    static let version = 2

    /// Files that are left out. A `*` stands for a part of a name.
    static let files = [
        "var/cache/apt/*.bin",
        "var/cache/apt/archives/*.deb",
        "var/cache/apt/archives/lock",
        "var/cache/apt/archives/partial/*",
        "var/cache/debconf/*-old",
        "var/cache/ldconfig/aux-cache",
        "var/lib/apt/lists/lock",
        "var/lib/apt/extended_states.*",
        "var/lib/dpkg/*-old",
        "var/lib/dpkg/lock",
        "var/lib/dpkg/lock-frontend",
        "var/lib/dpkg/triggers/Lock",
        "var/lib/dbus/machine-id",
        "var/lib/systemd/random-seed",
        "var/log/alternatives.log",
        "var/log/apt/eipp.log.xz",
        "var/log/apt/history.log",
        "var/log/apt/term.log",
        "var/log/bootstrap.log",
        "var/log/dpkg.log",
        "etc/.pwd.lock",
    ]

    /// Files that stay, but empty. A machine gets its own id at its first start (machine-id(5)); who logged in last is
    /// not known of an image, and by the highest user's number those files become as long as a disk (lastlog(8)).
    static let emptied = ["etc/machine-id", "var/log/lastlog", "var/log/faillog"]

    private static let patterns = files.compactMap { PathPattern($0, crossesFolders: false) }

    static func isNoise(_ path: String) -> Bool { patterns.contains { $0.matches(path) } }

    /// Empties in an upper folder what is emptied in any case: it may be longer than a tree takes.
    static func empty(in upper: FilePath) {
        let folder = open(upper.string, O_PATH | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return }
        defer { close(folder) }
        for path in emptied {
            let file = ingot_open_beneath(folder, path, O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC)
            guard file >= 0 else { continue }
            var status = stat()
            if fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_nlink == 1 { ftruncate(file, 0) }
            close(file)
        }
    }

    /// Takes the noise out of a tree. A base's own file of that name stays as it is below.
    static func remove(from tree: inout FileTree) throws {
        for entry in tree.entries() where !entry.node.isFolder && !entry.node.isWhiteout {
            let path = String(decoding: entry.path.bytes, as: UTF8.self)
            if isNoise(path) {
                tree.remove(entry.path)
            } else if emptied.contains(path), entry.node.size > 0 {
                try tree.insert(.regular(.empty, entry.node.metadata), at: entry.path)
            }
        }
    }
}
