public import IngotModel

/// What went wrong in running a container.
public struct RuntimeError: ExplainedError {
    public var code: String
    public var message: String
    public var remedy: String?
    public var fault: Fault
    public var cause: (any Error)?

    public init(code: String, message: String, remedy: String? = nil, fault: Fault = .world, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.remedy = remedy
        self.fault = fault
        self.cause = cause
    }

    static func systemCall(_ call: String, on object: String, errno number: Int32) -> RuntimeError {
        RuntimeError(code: "runtime.system-call", message: "\(call) failed on \(object): \(SystemErrorText.text(number))")
    }

    public static let startFailedCode = "runtime.start-failed"
    public static let deadlinePassedCode = "runtime.deadline-passed"

    /// The runtime could not start the container; `text` is what it said.
    static func startFailed(_ runtime: String, _ text: String) -> RuntimeError {
        let reason = text.isEmpty ? "it gave no reason" : text
        return RuntimeError(
            code: startFailedCode, message: "\(runtime) could not start the container: \(reason)",
            remedy: "check that the command and its interpreter exist in the image and may be executed")
    }

    static func deadlinePassed(_ deadline: Milliseconds) -> RuntimeError {
        RuntimeError(
            code: deadlinePassedCode, message: "the command did not end within \(deadline), so it was killed",
            remedy: "make it faster, or give it a longer deadline", fault: .user)
    }
}
