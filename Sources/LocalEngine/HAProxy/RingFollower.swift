import Dispatch
import Engine
import Glibc
import IngotModel
import Synchronization

/// Reads one of HAProxy's rings as it fills, on a thread of its own, until HAProxy ends or it is stopped.
///
/// The end of the connection is also how the end of HAProxy is noticed: at once, without asking.
final class RingFollower: Sendable {
    /// -1 once it is closed.
    private let descriptor: Mutex<Int32>

    /// - Parameters:
    ///   - fromOldest: whether to begin with what the ring still holds.
    ///   - gathering: how long lines may gather before they are read. Under load there is one every few microseconds, and to be woken for
    ///     each takes the processor from those who make them.
    ///   - onLines: called with whole lines, without their ends, as they come.
    ///   - onEnd: called once, when no more will come.
    init(
        ring: String, socketPath: String, fromOldest: Bool, gathering: Milliseconds? = nil,
        onLines: @escaping @Sendable ([ArraySlice<UInt8>]) -> Void, onEnd: @escaping @Sendable () -> Void
    ) throws {
        let socket = try RuntimeSocket.connect(to: socketPath)
        descriptor = Mutex(socket)
        do {
            try RuntimeSocket.send(Array("show events \(ring) -w\(fromOldest ? "" : " -n")\n".utf8), to: socket)
        } catch {
            Glibc.close(socket)
            throw error
        }
        DispatchQueue(label: "ingot.router.\(ring)").async { [self] in
            Self.readLines(from: socket, gathering: gathering, onLines)
            descriptor.withLock { $0 = -1 }
            Glibc.close(socket)
            onEnd()
        }
    }

    /// Ends the connection; the thread then ends by itself.
    func stop() {
        descriptor.withLock { descriptor in
            if descriptor >= 0 { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
    }

    private static func readLines(from socket: Int32, gathering: Milliseconds?, _ onLines: ([ArraySlice<UInt8>]) -> Void) {
        var buffer = [UInt8](repeating: 0, count: 262_144)
        var rest: [UInt8] = []
        while true {
            let count = recv(socket, &buffer, buffer.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest += buffer[..<count]
            guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else {
                // A record has a limited length: what has none is not one.
                if rest.count > buffer.count { rest.removeAll() }
                continue
            }
            onLines(rest[..<end].split(separator: UInt8(ascii: "\n")))
            rest.removeFirst(end + 1)
            if let gathering { usleep(UInt32(gathering.count) * 1_000) }
        }
    }
}
