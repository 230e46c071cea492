import Synchronization

/// Cuts a program's output into lines, and keeps the last of them for the error.
final class OutputLines: Sendable {
    /// A line that is longer is told in parts.
    static let longestLine = 16_384
    static let keptLines = 20

    private struct State {
        var rest: [UInt8] = []
        var tail: [String] = []
        var mask: SecretMask
    }

    private let state: Mutex<State>
    private let report: @Sendable (String) -> Void

    /// - Parameter secrets: values that are told as `***`.
    init(masking secrets: [[UInt8]] = [], report: @escaping @Sendable (String) -> Void) {
        state = Mutex(State(mask: SecretMask(secrets)))
        self.report = report
    }

    func append(_ bytes: [UInt8]) {
        let lines = state.withLock { state in
            state.rest += state.mask.append(bytes)
            return Self.takeLines(&state)
        }
        lines.forEach(report)
    }

    /// Tells what stands behind the last line end.
    func finish() {
        let lines = state.withLock { state -> [String] in
            state.rest += state.mask.finish()
            var lines = Self.takeLines(&state)
            guard !state.rest.isEmpty else { return lines }
            let last = Self.text(state.rest[...])
            state.rest = []
            Self.keep([last], &state)
            lines.append(last)
            return lines
        }
        lines.forEach(report)
    }

    var tail: [String] { state.withLock(\.tail) }

    private static func takeLines(_ state: inout State) -> [String] {
        var lines: [String] = []
        var rest = state.rest[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            lines.append(text(rest[..<end]))
            rest = rest[(end + 1)...]
        }
        while rest.count > longestLine {
            lines.append(text(rest.prefix(longestLine)))
            rest = rest.dropFirst(longestLine)
        }
        state.rest = Array(rest)
        keep(lines, &state)
        return lines
    }

    private static func keep(_ lines: [String], _ state: inout State) {
        state.tail = Array((state.tail + lines.suffix(keptLines)).suffix(keptLines))
    }

    /// A progress bar that goes back to the start of its line is told by its last state.
    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        let line = bytes.last == UInt8(ascii: "\r") ? bytes.dropLast() : bytes
        return String(decoding: line.split(separator: UInt8(ascii: "\r")).last ?? [], as: UTF8.self)
    }
}
