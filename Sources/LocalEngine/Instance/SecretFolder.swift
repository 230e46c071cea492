import Engine
import Glibc
import IngotModel
import SystemPackage

/// Secrets as files in memory: a tmpfs of the engine's own, with a folder for each instance.
enum SecretFolder {
    /// Mounts the tmpfs unless it is there from before.
    static func prepare(_ path: FilePath) throws(EngineError) {
        try SystemFile.makeFolder(path)
        guard !isMountPoint(path) else { return }
        let flags = UInt(MS_NOSUID | MS_NODEV | MS_NOEXEC)
        let options = "mode=0700,size=\(EngineLimits.secrets.bytes)"
        guard mount("tmpfs", path.string, "tmpfs", flags, options) == 0 else {
            throw .system("mounting a tmpfs at", on: path.string, errno)
        }
    }

    static func remove(_ path: FilePath) {
        if isMountPoint(path) { umount2(path.string, Int32(MNT_DETACH)) }
        rmdir(path.string)
    }

    /// Writes the values of a release's secrets, each readable by the instance's user only. The folder is there with all of them, or not at all.
    static func fill(
        _ folder: FilePath, with versions: [String: Digest], from source: any SecretSource, uid: uid_t, gid: gid_t
    ) throws(EngineError) {
        guard !versions.isEmpty else { return }
        // No instance is called so: one that is left behind is removed as what nobody knows.
        let unfinished = FilePath(folder.string + unfinishedEnding)
        SystemFile.removeTree(unfinished)
        do throws(EngineError) {
            try write(versions, into: unfinished, from: source, uid: uid, gid: gid)
            SystemFile.removeTree(folder)
            guard rename(unfinished.string, folder.string) == 0 else { throw EngineError.system("renaming", on: unfinished.string, errno) }
        } catch {
            SystemFile.removeTree(unfinished)
            throw error
        }
    }

    private static let unfinishedEnding = ".new"

    /// Whose a folder is by its name, also while it is being filled.
    static func owner(of name: String) -> InstanceID? {
        InstanceID(text: name.hasSuffix(unfinishedEnding) ? String(name.dropLast(unfinishedEnding.count)) : name)
    }

    private static func write(
        _ versions: [String: Digest], into folder: FilePath, from source: any SecretSource, uid: uid_t, gid: gid_t
    ) throws(EngineError) {
        try SystemFile.makeFolder(folder, mode: 0o500)
        guard chown(folder.string, uid, gid) == 0 else { throw .system("giving away", on: folder.string, errno) }
        for (name, digest) in versions.sorted(by: { $0.key < $1.key }) {
            guard isFileName(name) else { throw .secretName(name) }
            let value: [UInt8]
            do { value = try source.value(of: digest) } catch { throw .secretMissing(name, digest, cause: error) }
            try SystemFile.fill(folder.appending(name).string, with: value, mode: 0o400, owner: (uid, gid))
        }
    }

    static func isFileName(_ name: String) -> Bool {
        (1...128).contains(name.utf8.count) && !name.hasPrefix(".")
            && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_-.".contains($0)) }
    }

    private static func isMountPoint(_ path: FilePath) -> Bool {
        var own = stat()
        var parent = stat()
        guard lstat(path.string, &own) == 0, lstat(path.removingLastComponent().string, &parent) == 0 else { return false }
        return own.st_dev != parent.st_dev
    }
}
