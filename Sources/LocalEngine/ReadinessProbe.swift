import Engine
import IngotModel
import NIOCore
import NIOPosix

/// Asks an instance whether it is ready, as the router would: by a TCP connection, or by an HTTP GET that answers 200 to 399.
struct ReadinessProbe: Sendable {
    let endpoint: Endpoint
    let readiness: Readiness

    /// - Returns: `nil` when it is ready, else what was answered instead.
    func ask() async -> String? {
        let timeout = TimeAmount.milliseconds(Int64(readiness.timeout.count))
        do {
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connectTimeout(timeout)
                .connect(host: endpoint.address, port: endpoint.port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                    }
                }
            guard let path = readiness.path else {
                try await channel.channel.close()
                return nil
            }
            let end = channel.channel.eventLoop.scheduleTask(in: timeout) { channel.channel.close(promise: nil) }
            defer { end.cancel() }
            return try await get(path, channel)
        } catch {
            return "no answer: \(error)"
        }
    }

    private func get(_ path: String, _ channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>) async throws -> String? {
        try await channel.executeThenClose { inbound, outbound in
            // Source: RFC 9112, sections 3.2 and 4.
            try await outbound.write(ByteBuffer(string: "GET \(path) HTTP/1.1\r\nHost: \(endpoint)\r\nConnection: close\r\n\r\n"))
            var head = ""
            for try await part in inbound {
                head += String(buffer: part)
                if head.contains("\r\n") || head.utf8.count > 1_024 { break }
            }
            return Self.verdict(on: head)
        }
    }

    /// What a status line says: `HTTP/1.1 200 OK`.
    static func verdict(on head: String) -> String? {
        let line = String(head.split(whereSeparator: \.isNewline).first ?? "")
        let words = line.split(separator: " ")
        guard words.count >= 2, words[0].hasPrefix("HTTP/"), let status = Int(words[1]) else { return "no HTTP answer" }
        return (200..<400).contains(status) ? nil : "status \(status)"
    }
}
