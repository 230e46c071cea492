import Engine
import Glibc
import IngotModel
import Synchronization

/// A connection to HAProxy's Runtime API. Its calls block; they run on a thread of their own.
///
/// It is in prompt mode: each answer ends with `\n> `, so many commands go over one connection and every answer
/// is known to belong to its command.
///
/// Source: HAProxy 2.6 Management Guide, 9.3 "Unix Socket commands".
final class RuntimeSocket: Sendable {
    private let descriptor: Int32
    /// HAProxy takes a second `prompt` for the end of the first.
    private let isPrompting = Mutex(false)

    init(path: String, timeout: Duration = .seconds(5)) throws {
        descriptor = try Self.connect(to: path)
        var time = timeval(tv_sec: Int(timeout.components.seconds), tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { Glibc.close(descriptor) }

    /// Whether it is open at the other end, and nothing has come that was not asked for.
    var isSilent: Bool {
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) < 0 && errno == EAGAIN
    }

    /// A connected socket, which the caller closes.
    static func connect(to path: String) throws -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw EngineError.system("making a socket for", on: path, errno: errno) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            Glibc.close(descriptor)
            throw EngineError(
                code: "router.path-too-long", message: "\(path) is too long for a socket",
                remedy: "give Ingot a root with a shorter path", fault: .user)
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
        guard result == 0 else {
            let number = errno
            Glibc.close(descriptor)
            throw EngineError.routerUnreachable(errorMessage(number))
        }
        return descriptor
    }

    /// Sends commands and returns the answer of each, in order.
    func execute(_ commands: [RuntimeCommand]) throws -> [String] {
        var answers = AnswerReader()
        // The first commands go with it: an answer from a busy HAProxy takes milliseconds, and one is enough.
        let begins = isPrompting.withLock { isPrompting in
            defer { isPrompting = true }
            return !isPrompting
        }
        var opening = begins ? Array("prompt\n".utf8) : []
        var answered = begins ? 1 : 0
        for chunk in Self.chunks(of: commands) {
            try Self.send(opening + chunk.bytes, to: descriptor)
            opening = []
            answered += chunk.count
            try read(into: &answers, until: answered)
        }
        return Array(answers.answers.dropFirst(begins ? 1 : 0))
    }

    private static func chunks(of commands: [RuntimeCommand]) -> [(bytes: [UInt8], count: Int)] {
        commands.reduce(into: []) { chunks, command in
            let line = Array("\(command)\n".utf8)
            if let last = chunks.last, last.bytes.count + line.count <= RouterLimits.chunkBytes {
                chunks[chunks.count - 1].bytes += line
                chunks[chunks.count - 1].count += 1
            } else {
                chunks.append((line, 1))
            }
        }
    }

    static func send(_ bytes: [UInt8], to descriptor: Int32) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw EngineError.routerUnreachable(errorMessage(errno)) }
            sent += count
        }
    }

    private func read(into answers: inout AnswerReader, until count: Int) throws {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while answers.answers.count < count {
            let length = recv(descriptor, &buffer, buffer.count, 0)
            if length < 0, errno == EINTR { continue }
            guard length > 0 else { throw EngineError.routerUnreachable(length == 0 ? "it closed the connection" : errorMessage(errno)) }
            guard answers.add(buffer[..<length]) else {
                throw EngineError.routerUnreachable("its answer is longer than \(RouterLimits.answerBytes) bytes")
            }
        }
    }
}

/// Cuts what comes from the socket into answers, at the prompts.
struct AnswerReader {
    private(set) var answers: [String] = []
    private var rest: [UInt8] = []
    private var total = 0

    /// `false` when there is more than the limit allows.
    mutating func add(_ bytes: ArraySlice<UInt8>) -> Bool {
        total += bytes.count
        guard total <= RouterLimits.answerBytes else { return false }
        // A prompt may have come in two parts.
        var scanned = max(0, rest.count - 2)
        rest += bytes
        while let end = prompt(from: scanned) {
            answers.append(String(decoding: rest[..<end], as: UTF8.self))
            rest.removeFirst(end + 3)
            scanned = 0
        }
        return true
    }

    private func prompt(from start: Int) -> Int? {
        guard rest.count >= start + 3 else { return nil }
        return rest.withUnsafeBufferPointer { bytes in
            var index = start
            while index + 2 < bytes.count {
                if bytes[index] == UInt8(ascii: "\n"), bytes[index + 1] == UInt8(ascii: ">"), bytes[index + 2] == UInt8(ascii: " ") { return index }
                index += 1
            }
            return nil
        }
    }
}
