import Dispatch
import Glibc
import SystemPackage

/// Says when something in a folder may have changed. Changes that nobody has taken yet are merged.
///
/// Source: inotify(7).
final class FolderWatch: Sendable {
    let changes: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation
    // Dispatch objects may be used from any thread; their Swift types do not say so.
    private nonisolated(unsafe) let source: any DispatchSourceRead
    private let descriptor: Int32

    private static let queue = DispatchQueue(label: "ingot.folders")

    /// - Returns: `nil` when the system has no more watches to give.
    init?() {
        let descriptor = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
        guard descriptor >= 0 else { return nil }
        self.descriptor = descriptor
        (changes, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: Self.queue)
        source.setEventHandler { [continuation] in
            var buffer = [UInt8](repeating: 0, count: 16 << 10)
            while read(descriptor, &buffer, buffer.count) > 0 {}
            continuation.yield()
        }
        source.setCancelHandler { close(descriptor) }
        source.activate()
    }

    deinit {
        continuation.finish()
        source.cancel()
    }

    func add(_ path: FilePath) {
        inotify_add_watch(descriptor, path.string, UInt32(IN_MODIFY | IN_CREATE | IN_MOVED_TO))
    }

    /// Wakes whoever waits.
    func poke() { continuation.yield() }
}
