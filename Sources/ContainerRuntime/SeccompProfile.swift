import FoundationEssentials

/// A profile in Docker's format: rules that hold only with some capabilities, architectures or kernels.
///
/// Source: moby, `profiles/seccomp/seccomp.go`; containers/common, `pkg/seccomp/types.go`.
public struct SeccompProfile: Equatable, Sendable {
    /// Where Debian's package golang-github-containers-common puts it.
    public static let path = "/usr/share/containers/seccomp.json"
    static let largestSize = 1 << 20

    var document: Document

    /// Reads the text of a profile. `name` stands in the error message.
    public init(json: [UInt8], name: String) throws(RuntimeError) {
        do {
            document = try JSONDecoder().decode(Document.self, from: Data(json))
        } catch {
            throw RuntimeError(
                code: "runtime.seccomp-invalid", message: "\(name) is not a seccomp profile in Docker's format",
                remedy: "reinstall it: apt-get install --reinstall golang-github-containers-common", cause: error)
        }
    }

    /// Reads this machine's.
    public static func load(from path: String = SeccompProfile.path) throws(RuntimeError) -> SeccompProfile {
        do {
            return try SeccompProfile(json: try SmallFile.bytes(at: path, limit: largestSize), name: path)
        } catch  where error.code == "runtime.system-call" {
            throw RuntimeError(
                code: "runtime.seccomp-missing", message: "the seccomp profile \(path) could not be read",
                remedy: "apt-get install golang-github-containers-common", cause: error)
        }
    }

    /// The rules that hold for a container with these capabilities (of its bounding set), on this
    /// architecture (Go's name for it, such as `amd64`) and kernel.
    ///
    /// Where the profile is weaker than Docker's own, Docker's holds.
    ///
    /// - Parameter allowsForeignPrograms: whether programs for the architecture's relatives (on amd64:
    ///   x86 and x32) may run. Without it they are killed at their first system call, and a container
    ///   starts three times as fast (10 instead of 33 ms), because the runtime compiles one filter, not three.
    public func filter(
        capabilities: [String], allowsForeignPrograms: Bool = false, architecture: String = Self.architecture,
        kernel: KernelVersion = .running
    ) -> SeccompFilter {
        let held = Set(capabilities)
        let rules = document.syscalls.filter { $0.holds(capabilities: held, architecture: architecture, kernel: kernel) }
        let filter = SeccompFilter(
            defaultAction: document.defaultAction, defaultErrnoRet: document.defaultErrnoRet,
            architectures: architectures(architecture, withRelatives: allowsForeignPrograms), syscalls: rules.map(\.rule))
        return filter.asStrictAsDocker(capabilities: held, architecture: architecture)
    }

    private func architectures(_ name: String, withRelatives: Bool) -> [String] {
        guard let native = Self.seccompNames[name] else { return [] }
        guard withRelatives else { return [native] }
        let map = document.archMap?.first { $0.architecture == native }
        return [native] + (map?.subArchitectures ?? [])
    }

    /// Go's names for architectures and libseccomp's.
    static let seccompNames = [
        "386": "SCMP_ARCH_X86", "amd64": "SCMP_ARCH_X86_64", "arm": "SCMP_ARCH_ARM", "arm64": "SCMP_ARCH_AARCH64",
        "ppc64le": "SCMP_ARCH_PPC64LE", "riscv64": "SCMP_ARCH_RISCV64", "s390x": "SCMP_ARCH_S390X",
    ]

    #if arch(x86_64)
        public static let architecture = "amd64"
    #elseif arch(arm64)
        public static let architecture = "arm64"
    #else
        #error("name this architecture as Go does")
    #endif
}
