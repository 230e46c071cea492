import Glibc
import Hummingbird
import Logging
import ServiceLifecycle

/// The API on its Unix socket.
struct APIServer: Service {
    let desk: Desk
    let socket: String
    let group: String
    let logger: Logger

    func run() async throws {
        var logger = logger
        // The library's own lines say little that the daemon's do not.
        logger.logLevel = max(logger.logLevel, .warning)
        let application = Application(
            router: APIRoutes(desk: desk).router(),
            configuration: ApplicationConfiguration(address: .unixDomainSocket(path: socket), serverName: "ingot"),
            onServerRunning: { _ in open() }, logger: logger)
        do {
            try await application.run()
        } catch {
            throw ControlError.system(
                "socket-failed", "the API can't listen on \(socket)",
                remedy: "check that its folder exists and that its path is not longer than 107 bytes",
                cause: error)
        }
        unlink(socket)
    }

    /// Lets the group in. Until here the socket has the mode of the umask, under which nobody else may write, and a
    /// socket that may not be written can't be connected to (unix(7)).
    private func open() {
        if let id = GroupID.of(group), chown(socket, geteuid(), id) != 0 {
            logger.warning(
                "the socket's group could not be set", metadata: ["group": "\(group)", "error": "\(SystemCallError(call: "chown", code: errno))"])
        }
        guard chmod(socket, 0o660) == 0 else {
            logger.error("the socket's mode could not be set", metadata: ["error": "\(SystemCallError(call: "chmod", code: errno))"])
            return
        }
        logger.info("the API listens", metadata: ["socket": "\(socket)"])
    }
}

enum GroupID {
    /// `nil` when the machine has no such group.
    static func of(_ name: String) -> gid_t? {
        var entry = Glibc.group()
        var found: UnsafeMutablePointer<Glibc.group>?
        var buffer = [CChar](repeating: 0, count: 65_536)
        guard getgrnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return nil }
        return entry.gr_gid
    }
}
