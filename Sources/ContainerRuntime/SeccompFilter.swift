/// Which system calls a container may make, as an OCI runtime reads it.
///
/// Source: OCI Runtime Specification, `config-linux.md`, "Seccomp".
public struct SeccompFilter: Encodable, Equatable, Sendable {
    public var defaultAction: String
    public var defaultErrnoRet: Int?
    public var architectures: [String]
    public var syscalls: [Rule]

    public struct Rule: Encodable, Equatable, Sendable {
        public var names: [String]
        public var action: String
        public var errnoRet: Int?
        public var args: [Argument]?
    }

    /// A condition on one argument of the call.
    public struct Argument: Codable, Equatable, Sendable {
        public var index: Int
        public var value: UInt64
        public var valueTwo: UInt64?
        public var op: String
    }
}
