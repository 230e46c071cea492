import Glibc

/// Why an instance could not be started, in one line for the daemon.
struct SupervisorError: Error, Equatable {
    var message: String

    init(_ message: String) { self.message = message }

    /// A system call that has just failed.
    static func systemCall(_ call: String, on object: String, errno number: Int32 = errno) -> SupervisorError {
        SupervisorError("\(call) failed on \(object): \(String(cString: strerror(number)))")
    }
}
