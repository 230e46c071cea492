import Glibc
import Hummingbird
import Logging
import ServiceLifecycle

/// The API on its Unix socket.
struct APIServer: Service {
    let desk: Desk
    let socket: String
    let logger: Logger

    func run() async throws {
        let application = Application(
            router: APIRoutes(desk: desk).router(PeerAuthentication(access: desk.access)), server: GuardedChannel.builder(),
            configuration: ApplicationConfiguration(address: .unixDomainSocket(path: socket), serverName: "ingot"),
            onServerRunning: { _ in open() }, logger: logger.quieted)
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

    /// Lets everybody connect: who may do what is decided for each request, by who the kernel says that it is. Until here the socket has
    /// the mode of the umask, under which nobody else may write, and a socket that may not be written can't be connected to (unix(7)).
    private func open() {
        guard chmod(socket, 0o666) == 0 else {
            logger.error("the socket's mode could not be set", metadata: ["error": "\(SystemCallError(call: "chmod", code: errno))"])
            return
        }
        logger.info("the API listens", metadata: ["socket": "\(socket)"])
    }
}

extension Logger {
    /// The library's own lines say little that the daemon's do not.
    var quieted: Logger {
        var logger = self
        logger.logLevel = max(logger.logLevel, .warning)
        return logger
    }
}
