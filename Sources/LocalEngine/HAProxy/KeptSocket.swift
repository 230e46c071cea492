import Synchronization

/// The connection to HAProxy that is kept from one question to the next: a busy HAProxy takes a few turns of its loop, a millisecond each, to
/// take a new one.
final class KeptSocket: Sendable {
    private struct Line {
        var socket: RuntimeSocket
        var process: HAProxyProcess
    }
    private let line = Mutex<Line?>(nil)

    /// - Parameter process: the one that is to answer. A connection to another is closed: it would keep that from ending.
    func execute(_ commands: [RuntimeCommand], of process: HAProxyProcess, socketPath: String) throws -> [String] {
        let socket = try socket(to: process, socketPath)
        do {
            return try socket.execute(commands)
        } catch {
            // What it still answers belongs to these commands.
            close()
            throw error
        }
    }

    func close() { line.withLock { $0 = nil } }

    private func socket(to process: HAProxyProcess, _ path: String) throws -> RuntimeSocket {
        try line.withLock { line in
            if let line, line.process == process, line.socket.isSilent { return line.socket }
            line = nil
            let socket = try RuntimeSocket(path: path)
            line = Line(socket: socket, process: process)
            return socket
        }
    }
}
