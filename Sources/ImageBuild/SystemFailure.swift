import Glibc

/// The kernel's answer to a system call that failed.
struct SystemFailure: Error, CustomStringConvertible {
    var number: CInt
    var isFull: Bool { number == ENOSPC || number == EDQUOT }
    var description: String { "\(String(cString: strerror(number))) (errno \(number))" }

    static var current: SystemFailure { SystemFailure(number: errno) }
}
