import Glibc
import IngotModel

/// The daemon's description of its sources, which tells who is shown its credentials: nobody but its user may write it.
enum SecretSourcesFile {
    static let limit = ByteSize(65_536)

    /// `nil` when there is none.
    static func read(_ path: String) throws -> String? {
        guard let bytes = try PrivateFile.read(path, limit: limit) else { return nil }
        var status = stat()
        guard stat(path, &status) == 0 else { throw PrivateFile.failed("look at", path, "stat") }
        guard status.st_uid == geteuid(), status.st_mode & 0o077 == 0 else {
            throw ControlError(
                "sources-not-private", "\(path) is not the daemon's alone", remedy: "chown it to the daemon's user, and chmod 600 \(path)")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw ControlError.invalid("\(path) is not UTF-8") }
        return text
    }
}
