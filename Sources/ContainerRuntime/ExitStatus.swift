import Glibc

/// How a container's first process ended.
public enum ExitStatus: Hashable, Sendable, Codable, CustomStringConvertible {
    /// It ended by itself, with 0 to 255.
    case code(Int)
    /// A signal ended it; the number as in signal(7).
    case signal(Int)
    /// The kernel killed it because its control group was out of memory.
    case outOfMemory

    public var isSuccess: Bool { self == .code(0) }

    /// Reads a status of waitpid(2); `nil` when the process was stopped or continued, not ended.
    public init?(waitStatus status: Int32) {
        let signal = status & 0x7f
        switch signal {
        case 0: self = .code(Int((status >> 8) & 0xff))
        case 0x7f: return nil
        default: self = .signal(Int(signal))
        }
    }

    public var description: String {
        switch self {
        case .code(let code) where code > 128 && code <= 128 + 64: "exit code \(code) (128 + signal \(code - 128))"
        case .code(let code): "exit code \(code)"
        case .signal(let number): "ended by signal \(number)"
        case .outOfMemory: "killed for want of memory"
        }
    }
}
