public import IngotModel

/// What went wrong in asking the daemon.
public struct ClientError: ExplainedError {
    public var code: String
    public var message: String
    public var remedy: String?
    public var fault: Fault
    public var cause: (any Error)?
    /// What lay beneath an error that the daemon reported; the daemon sends its causes as text.
    public var remoteCauses: [String]

    public init(
        code: String, message: String, remedy: String? = nil, fault: Fault = .world, cause: (any Error)? = nil,
        remoteCauses: [String] = []
    ) {
        self.code = code
        self.message = message
        self.remedy = remedy
        self.fault = fault
        self.cause = cause ?? RemoteCause(remoteCauses[...])
        self.remoteCauses = remoteCauses
    }

    /// The error as the daemon reported it, word for word.
    public init(_ report: ErrorReport) {
        self.init(
            code: report.code, message: report.message, remedy: report.remedy, fault: report.fault, remoteCauses: report.causes)
    }

    static func daemonNotRunning(_ socket: String, cause: any Error) -> ClientError {
        ClientError(
            code: "client.daemon-not-running", message: "no daemon answers on \(socket)",
            remedy: "start it with 'systemctl start ingot', or in the foreground with 'ingot serve'", cause: cause)
    }

    static func permissionDenied(_ socket: String, cause: any Error) -> ClientError {
        ClientError(
            code: "client.permission-denied", message: "no permission to ask the daemon on \(socket)",
            remedy: "run as root, or let root make the folders above it searchable: 'chmod o+x'",
            fault: .user, cause: cause)
    }

    static func pathTooLong(_ socket: String) -> ClientError {
        ClientError(
            code: "client.socket-path-too-long",
            message: "the path of the socket, \(socket), is longer than the \(SocketProbe.longestPath) bytes that Linux allows",
            remedy: "choose a shorter root with --root", fault: .user)
    }

    static func unreachable(_ place: DaemonPlace, cause: any Error) -> ClientError {
        switch place {
        case .socket(let socket): unreachable(socket, cause: cause)
        case .remote(let daemon):
            ClientError(
                code: "client.unreachable", message: "the daemon at \(daemon.origin) could not be asked",
                remedy: "check the address, that it runs with --listen, and that its certificate is for that name and comes from the system's "
                    + "authorities or those of --tls-ca", cause: cause)
        }
    }

    static func unreachable(_ socket: String, cause: any Error) -> ClientError {
        ClientError(
            code: "client.unreachable", message: "the daemon on \(socket) could not be asked",
            remedy: "look at its log: 'journalctl -u ingot'", cause: cause)
    }

    static func noAuthorities(_ file: String) -> ClientError {
        ClientError(
            code: "client.no-authorities", message: "\(file) holds no certificate", remedy: "give a file in PEM with --tls-ca or INGOT_TLS_CA",
            fault: .user)
    }

    static func notUnderstood(_ path: String, _ what: String, cause: (any Error)? = nil) -> ClientError {
        ClientError(
            code: "client.answer-not-understood", message: "the daemon's answer to \(path) was not understood: \(what)",
            remedy: "use the same version of 'ingot' for the daemon and the command", cause: cause)
    }

    static func tooLarge(_ path: String, limit: ByteSize) -> ClientError {
        ClientError(
            code: "client.answer-too-large", message: "the daemon's answer to \(path) is larger than \(limit)",
            remedy: "ask for less at once")
    }

    static func streamBroken(_ path: String, cause: (any Error)? = nil) -> ClientError {
        ClientError(
            code: "client.stream-broken", message: "the daemon ended the live answer to \(path)",
            remedy: "ask again; if the daemon was stopped, start it with 'systemctl start ingot'", cause: cause)
    }
}

/// A chain of causes that came as text.
struct RemoteCause: ExplainedError {
    let message: String
    let next: ArraySlice<String>

    init?(_ causes: ArraySlice<String>) {
        guard let first = causes.first else { return nil }
        message = first
        next = causes.dropFirst()
    }

    var code: String { "remote" }
    var remedy: String? { nil }
    var fault: Fault { .world }
    var cause: (any Error)? { RemoteCause(next) }
}
