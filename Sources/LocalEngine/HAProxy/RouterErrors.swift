import Engine
import IngotModel

/// What can go wrong with HAProxy, each with what to do about it.
extension EngineError {
    static func system(_ what: String, on subject: String, errno number: Int32) -> EngineError {
        EngineError(code: "router.system", message: "\(what) \(subject) failed: \(errorMessage(number))")
    }

    static func routerUnreachable(_ why: String) -> EngineError {
        EngineError(
            code: "router.unreachable", message: "HAProxy does not answer on its control socket: \(why)",
            remedy:
                "nothing: what was asked is on disk, and the router starts HAProxy again by itself; see haproxy.log in the router's folder if it does not"
        )
    }

    static func programMissing(_ looked: [String]) -> EngineError {
        EngineError(
            code: "router.program-missing", message: "the program haproxy is not there; looked at \(looked.joined(separator: ", "))",
            remedy: "apt-get install haproxy")
    }

    static func portInUse(_ address: String, holder: String?) -> EngineError {
        EngineError(
            code: "router.port-in-use",
            message: "the router can't listen on \(address): it is in use\(holder.map { " by \($0)" } ?? "")",
            remedy: "end what holds it, or give the router another address (such as 127.0.0.1:8080)", fault: .user)
    }

    static func startFailed(_ output: String) -> EngineError {
        EngineError(
            code: "router.start-failed", message: "HAProxy did not start: \(output.isEmpty ? "it printed nothing" : output)",
            remedy: "read haproxy.log in the router's folder, and check with `haproxy -c -f` on haproxy.cfg beside it")
    }

    static func commandRefused(_ command: RuntimeCommand, _ answer: String) -> EngineError {
        EngineError(code: "router.command-refused", message: "HAProxy refused '\(command)': \(answer)")
    }

    static func stateUnreadable(_ path: String, cause: (any Error)?) -> EngineError {
        EngineError(
            code: "router.state-unreadable", message: "the router's state in \(path) can't be read",
            remedy: "restore it, or move it away: then every environment has to be deployed again", cause: cause)
    }
}
