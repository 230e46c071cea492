import Engine
import FoundationEssentials
import Glibc
import IngotModel
import Logging
import SystemPackage

/// Starting HAProxy, taking up one that runs, ending it.
extension RouterCore {
    /// How long HAProxy may take until its control socket answers. With 1,024 slots it reads its file for 6 s, on an idle machine.
    private static let startPatience = Duration.seconds(90)
    private static let endPatience = Duration.seconds(2)

    /// How `takeUpOrStart` came by a process.
    enum Arrival: Sendable { case adopted, reloaded, started }

    /// Takes up a HAProxy that runs with this configuration; reloads one with another; starts one where there is none.
    @discardableResult
    mutating func takeUpOrStart() throws -> Arrival {
        try configuration.validate()
        if let (running, version) = runningProcess() {
            process = running
            maps = [:]
            guard version == file.version(of: state) else {
                try reload()
                return .reloaded
            }
            try recordProcess()
            try renderIfNeeded()
            return .adopted
        }
        endUnresponsive()
        try start(arguments: [])
        return .started
    }

    /// The process that answers on the control socket, and the version of its configuration.
    private func runningProcess() -> (HAProxyProcess, version: String)? {
        // Over a connection of its own: who answers on the control socket is the question.
        guard let text = try? RuntimeSocket(path: file.socketPath).execute([.showInformation]).first else { return nil }
        let lines = text.split(separator: "\n").map { $0.split(separator: ":", maxSplits: 1) }.filter { $0.count == 2 }
        let information = Dictionary(lines.map { ($0[0].trimmed, $0[1].trimmed) }, uniquingKeysWith: { first, _ in first })
        guard let pid = information["Pid"].flatMap({ Int32($0) }), let process = HAProxyProcess(pid: pid) else { return nil }
        return (process, information["description"] ?? "")
    }

    /// Ends a process of ours that runs and does not answer: it holds the ports.
    private func endUnresponsive() {
        guard let recorded = try? folder.readJSON(HAProxyProcess.self, from: "process.json"), recorded.isRunning else { return }
        logger.warning("HAProxy runs and does not answer: it is ended", metadata: ["pid": "\(recorded.pid)"])
        recorded.end(patience: Self.endPatience)
    }

    mutating func start(arguments: [String]) throws {
        // Whatever may have become of the files since.
        isRendered = false
        rendered = [:]
        try renderIfNeeded()
        let program = try findProgram()
        let version = file.version(of: state)
        let log = folder.file("haproxy.log")
        guard let child = try HAProxyProcess.spawn(program: program, arguments: ["-db", "-f", folder.file("haproxy.cfg")] + arguments, output: log)
        else { throw startFailure() }
        let answering = HAProxyProcess.poll(for: Self.startPatience) { () -> Bool? in
            if let (running, found) = runningProcess(), running == child, found == version { return true }
            return child.isRunning ? nil : false
        }
        guard answering == true else {
            child.end(patience: .zero)
            throw startFailure()
        }
        // Of one that was replaced: it would wait for the connection's end.
        socket.close()
        process = child
        maps = [:]
        digests = [:]
        try recordProcess()
    }

    /// Replaces the running process by a new one that takes over its listening sockets. The old one ends with its last request.
    mutating func reload() throws {
        guard let old = process, old.isRunning else { return try start(arguments: []) }
        let former = try? ReplacedProxy(old, slots: slotsInForce, socketPath: file.socketPath)
        try start(arguments: ["-x", file.socketPath, "-sf", "\(old.pid)"])
        if let former { replaced.append(former) }
        for environment in state.environments { try bringInForce(environment) }
    }

    /// How many backends of each kind the running process has.
    private var slotsInForce: Int { runningProcess().flatMap { ConfigurationFile.slots(inVersion: $0.version) } ?? state.slots }

    private func recordProcess() throws {
        guard let process else { return }
        try folder.writeJSON(process, to: "process.json")
    }

    private func findProgram() throws -> String {
        let path = getenv("PATH").map { String(cString: $0) } ?? ""
        let candidates =
            configuration.program.map { [$0] }
            ?? (path.split(separator: ":").map(String.init) + ["/usr/sbin", "/usr/local/sbin"]).map { "\($0)/haproxy" }
        guard let found = candidates.first(where: { access($0, X_OK) == 0 }) else { throw EngineError.programMissing(candidates) }
        return found
    }

    private func startFailure() -> EngineError {
        let output = (try? folder.read("haproxy.log", limit: RouterLimits.startOutputBytes)) ?? nil
        return StartFailure.error(from: String(decoding: output ?? [], as: UTF8.self), holder: PortHolder.description(of:))
    }

    /// Starts HAProxy again if it is gone; why it was gone, or `nil` if it was not.
    mutating func restartIfGone() throws -> String? {
        letGoOfIdle()
        if let process, process.isRunning { return nil }
        let pid = process.map { "process \($0.pid)" } ?? "it"
        process = nil
        let arrival = try takeUpOrStart()
        // Those that were never healthy came up in maintenance, those that drain with a weight of 0.
        for environment in state.environments { try bringInForce(environment) }
        return arrival == .adopted ? nil : "HAProxy (\(pid)) had ended and was started again"
    }

    mutating func end() {
        replaced.forEach { $0.process.end(patience: Self.endPatience) }
        socket.close()
        process?.end(patience: Self.endPatience)
        process = nil
    }
}

/// Makes an error of what HAProxy printed when it did not start. Pure but for who holds a port.
enum StartFailure {
    static func error(from output: String, holder: (Int) -> String?) -> EngineError {
        let lines = output.split(separator: "\n")
        if let line = lines.first(where: { $0.contains("Address already in use") || $0.contains("cannot bind socket") }) {
            let address = line.split(separator: "[").last?.split(separator: "]").first.map(String.init) ?? "its port"
            let port = address.split(separator: ":").last.flatMap { Int($0) }
            if line.contains("already in use") { return .portInUse(address, holder: port.flatMap(holder)) }
        }
        let alerts = lines.filter { $0.contains("[ALERT]") }.prefix(3).map { $0.trimmed }
        return .startFailed(alerts.isEmpty ? lines.prefix(3).joined(separator: "; ") : alerts.joined(separator: "; "))
    }
}
