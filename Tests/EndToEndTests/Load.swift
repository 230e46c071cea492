import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Synchronization

/// Real HTTP requests, one after the other on each of a few kept-alive connections, until it is told to end.
final class Load: Sendable {
    struct Count: Sendable {
        var answered = 0
        var failures: [String] = []
        /// How often each body was seen.
        var bodies: [String: Int] = [:]
    }

    private let count = Mutex(Count())
    private let isEnding = Mutex(false)
    private let task: Mutex<Task<Void, Never>?> = Mutex(nil)

    var soFar: Count { count.withLock { $0 } }

    init(port: Int, host: String, connections: Int = 4) {
        let running = Task {
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<connections { group.addTask { await self.send(port: port, host: host) } }
            }
        }
        task.withLock { $0 = running }
    }

    private func send(port: Int, host: String) async {
        while !isEnding.withLock({ $0 }) {
            do {
                var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)/")
                request.headers.replaceOrAdd(name: "Host", value: host)
                let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
                let body = String(buffer: try await response.body.collect(upTo: 65_536))
                count.withLock {
                    if response.status == .ok {
                        $0.answered += 1
                        $0.bodies[body, default: 0] += 1
                    } else {
                        $0.failures.append("\(response.status)")
                    }
                }
            } catch {
                count.withLock { $0.failures.append("\(error)") }
            }
        }
    }

    /// Lets the requests under way end, and gives the whole count.
    func end() async -> Count {
        isEnding.withLock { $0 = true }
        await task.withLock { $0 }?.value
        return soFar
    }
}
