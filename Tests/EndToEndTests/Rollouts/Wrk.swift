import Foundation
import Testing

/// `wrk` at full speed, until it is told to end.
final class Wrk {
    static let connections = 16

    /// What it says at its end.
    struct Count: Sendable {
        /// Whole answers, whatever their status; and those of them that were neither 2xx nor 3xx.
        var answers: Int
        var refused = 0
        var connectErrors = 0
        var readErrors = 0
        var writeErrors = 0
        var timeouts = 0
        var seconds: Double

        /// Source: wrk's `main`, which prints the lines of errors only where there are some.
        init?(_ text: String) {
            func numbers(_ pattern: Regex<AnyRegexOutput>) -> [Double]? {
                text.firstMatch(of: pattern).map { $0.output.dropFirst().compactMap { $0.substring.flatMap { Double($0) } } }
            }
            guard let pattern = try? Regex(#"(\d+) requests in ([\d.]+)(?:ms|s|m)"#), let head = numbers(pattern), head.count == 2,
                let errors = try? Regex(#"connect (\d+), read (\d+), write (\d+), timeout (\d+)"#),
                let refusals = try? Regex(#"Non-2xx or 3xx responses: (\d+)"#)
            else { return nil }
            answers = Int(head[0])
            seconds = head[1]
            refused = numbers(refusals)?.first.map { Int($0) } ?? 0
            guard let found = numbers(errors), found.count == 4 else { return }
            (connectErrors, readErrors, writeErrors, timeouts) = (Int(found[0]), Int(found[1]), Int(found[2]), Int(found[3]))
        }
    }

    private let process = Process()
    private let output: URL

    init(port: Int, host: String, output: URL) throws {
        self.output = output
        FileManager.default.createFile(atPath: output.path, contents: nil)
        process.executableURL = URL(fileURLWithPath: "/usr/bin/wrk")
        process.arguments = [
            "--threads", "1", "--connections", "\(Self.connections)", "--duration", "10m", "--timeout", "30s", "--header", "Host: \(host)",
            "http://127.0.0.1:\(port)/",
        ]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = process.standardOutput
        try Self.withoutBlockedSignals { try process.run() }
    }

    /// A task's thread blocks most signals, a process inherits that, and `wrk` ends by one.
    private static func withoutBlockedSignals(_ body: () throws -> Void) rethrows {
        var (none, before) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try body()
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    func end() async throws -> Count {
        process.interrupt()
        try await eventually("wrk to end") { !self.process.isRunning }
        let text = try String(contentsOf: output, encoding: .utf8)
        return try #require(Count(text), "wrk says: \(text)")
    }
}
