import Engine
import IngotModel
import Synchronization

/// A HAProxy that a reload has replaced: it takes no new connection and serves those it had to their end. It is asked like the other, over a
/// connection to it that was opened before.
///
/// So a server has in flight what both have, and streams of the old one are closed evenly and cut too. Its weights stay as they were, because
/// it checks no server any more: a connection that is kept alive there has its next request handed out by them, and then ends, which
/// HAProxy's `timeout http-keep-alive` bounds. It ends once it is let go of. A daemon that comes after knows nothing of it: the connection
/// was its predecessor's own.
final class ReplacedProxy: Sendable {
    let process: HAProxyProcess
    /// How many backends of each kind it has.
    let slots: Int
    private struct Line {
        var socket: RuntimeSocket?
        var wasIdle = false
    }
    private let line: Mutex<Line>

    /// Opens the connection, while the process still has the control socket.
    init(_ process: HAProxyProcess, slots: Int, socketPath: String) throws {
        self.process = process
        self.slots = slots
        let socket = try RuntimeSocket(path: socketPath)
        // An answer shows that this process, and not its successor, has taken the connection.
        _ = try socket.execute([.showInformation])
        line = Mutex(Line(socket: socket))
    }

    /// Whether it can still be asked.
    var isFollowed: Bool { line.withLock { $0.socket != nil } }

    /// Nothing once it was let go of: then nobody was connected to it.
    func execute(_ commands: [RuntimeCommand]) throws -> [String] {
        guard !commands.isEmpty, let socket = line.withLock({ $0.socket }) else { return [] }
        return try socket.execute(commands)
    }

    /// Lets it end when no user has been connected to it for two looks: between them its last records are read.
    func letGoIfIdle() {
        guard isFollowed else { return }
        let isIdle = (try? execute([.showInformation]).first?.split(separator: "\n").contains("CurrConns: 0")) ?? true
        line.withLock { line in
            if isIdle, line.wasIdle { line.socket = nil }
            line.wasIdle = isIdle
        }
    }
}
