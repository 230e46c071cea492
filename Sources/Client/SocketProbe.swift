import Glibc
import IngotModel

/// Tries whether somebody listens on a Unix socket, because the reason of a refusal is what a user must know,
/// and it is not lost in a connection pool's retries when asked first.
enum SocketProbe {
    /// Source: unix(7), `sun_path` has 108 bytes with the closing zero.
    static let longestPath = 107

    /// - Throws: `ClientError` that says what to do.
    static func check(_ path: String) throws(ClientError) {
        guard path.utf8.count <= longestPath else { throw .pathTooLong(path) }
        switch connectOnce(path) {
        case 0, EAGAIN: return
        case let code where code == ENOENT || code == ECONNREFUSED || code == ENOTDIR:
            throw .daemonNotRunning(path, cause: SystemCallError(call: "connect", code: code))
        case let code where code == EACCES || code == EPERM:
            throw .permissionDenied(path, cause: SystemCallError(call: "connect", code: code))
        case let code:
            throw .unreachable(path, cause: SystemCallError(call: "connect", code: code))
        }
    }

    /// The number of the error, or 0.
    private static func connectOnce(_ path: String) -> CInt {
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue | UInt32(SOCK_CLOEXEC.rawValue) | UInt32(SOCK_NONBLOCK.rawValue)), 0)
        guard descriptor >= 0 else { return errno }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        return result == 0 ? 0 : errno
    }
}

/// An error that the kernel gave, in its own words.
struct SystemCallError: Error, CustomStringConvertible {
    let call: String
    let code: CInt
    var description: String { "\(call): \(String(cString: strerror(code)))" }
}
