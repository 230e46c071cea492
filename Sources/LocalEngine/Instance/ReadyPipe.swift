import Dispatch
import Glibc
import IngotModel
import Synchronization

/// The pipe on which a supervisor says one line: `ready`, or `error: …`.
enum ReadyPipe {
    /// The line; `nil` when the pipe was closed without one, or the time has passed. Closes the descriptor.
    static func line(from descriptor: Int32, within limit: Milliseconds) async -> String? {
        let reading = Reading(descriptor)
        return await withCheckedContinuation { continuation in reading.begin(within: limit, continuation) }
    }

    private final class Reading: Sendable {
        private static let queue = DispatchQueue(label: "ingot.ready", qos: .userInteractive)
        private struct State {
            var bytes: [UInt8] = []
            var continuation: CheckedContinuation<String?, Never>?
        }
        private let state = Mutex(State())
        private let descriptor: Int32
        // Dispatch objects may be used from any thread; their Swift types do not say so.
        private nonisolated(unsafe) let source: any DispatchSourceRead

        init(_ descriptor: Int32) {
            self.descriptor = descriptor
            source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: Self.queue)
            source.setCancelHandler { close(descriptor) }
        }

        func begin(within limit: Milliseconds, _ continuation: CheckedContinuation<String?, Never>) {
            state.withLock { $0.continuation = continuation }
            source.setEventHandler { self.read() }
            source.activate()
            Self.queue.asyncAfter(deadline: .now() + .milliseconds(limit.count)) { [weak self] in self?.finish(nil) }
        }

        private func read() {
            var chunk = [UInt8](repeating: 0, count: 4096)
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR || errno == EAGAIN { return }
            let bytes = state.withLock { state in
                state.bytes += chunk[..<max(0, count)]
                return state.bytes
            }
            if let end = bytes.firstIndex(of: UInt8(ascii: "\n")) {
                finish(String(decoding: bytes[..<end], as: UTF8.self))
            } else if count <= 0 || bytes.count > 65_536 {
                finish(nil)
            }
        }

        private func finish(_ line: String?) {
            let continuation = state.withLock { state in
                defer { state.continuation = nil }
                return state.continuation
            }
            guard let continuation else { return }
            // The handler holds this object until then.
            source.setEventHandler(handler: nil)
            source.cancel()
            continuation.resume(returning: line)
        }
    }
}
