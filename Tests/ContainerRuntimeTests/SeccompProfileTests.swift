import ContainerRuntime
import Testing

@Suite("A seccomp profile")
struct SeccompProfileTests {
    static let profile = """
        {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38, "defaultErrno": "ENOSYS",
         "archMap": [{"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86", "SCMP_ARCH_X32"]}],
         "syscalls": [
           {"names": ["always"], "action": "SCMP_ACT_ALLOW", "args": [], "comment": "", "includes": {}, "excludes": {}},
           {"names": ["with-admin"], "action": "SCMP_ACT_ALLOW", "args": null, "includes": {"caps": ["CAP_SYS_ADMIN"]}, "excludes": {}},
           {"names": ["without-admin"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1, "excludes": {"caps": ["CAP_SYS_ADMIN"]}},
           {"names": ["on-arm"], "action": "SCMP_ACT_ALLOW", "includes": {"arches": ["arm", "arm64"]}},
           {"names": ["not-on-arm"], "action": "SCMP_ACT_ALLOW", "excludes": {"arches": ["arm64"]}},
           {"names": ["new-kernel"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "4.8"}},
           {"names": ["old-kernel"], "action": "SCMP_ACT_ALLOW", "excludes": {"minKernel": "4.8"}},
           {"name": "old-form", "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 4294967295, "op": "SCMP_CMP_EQ"}]}]}
        """

    struct Case: Sendable, CustomTestStringConvertible {
        var capabilities: [String] = []
        var architecture = "amd64"
        var kernel = KernelVersion(major: 6, minor: 1)
        var names: [String]
        var testDescription: String { "\(capabilities) \(architecture) \(kernel.major).\(kernel.minor)" }
    }

    @Test(
        "keeps the rules that hold for capabilities, architecture and kernel",
        arguments: [
            Case(names: ["always", "without-admin", "not-on-arm", "new-kernel", "old-form"]),
            Case(capabilities: ["CAP_SYS_ADMIN"], names: ["always", "with-admin", "not-on-arm", "new-kernel", "old-form"]),
            Case(architecture: "arm64", names: ["always", "without-admin", "on-arm", "new-kernel", "old-form"]),
            Case(kernel: KernelVersion(major: 4, minor: 7), names: ["always", "without-admin", "not-on-arm", "old-kernel", "old-form"]),
        ])
    func rules(_ example: Case) throws {
        let profile = try SeccompProfile(json: Array(Self.profile.utf8), name: "test")
        let filter = profile.filter(
            capabilities: example.capabilities, architecture: example.architecture, kernel: example.kernel)
        #expect(filter.syscalls.flatMap(\.names) == example.names)
        #expect(filter.defaultErrnoRet == 38)
    }

    @Test("names the architecture, and its relatives if they are asked for")
    func architectures() throws {
        let profile = try SeccompProfile(json: Array(Self.profile.utf8), name: "test")
        #expect(profile.filter(capabilities: [], architecture: "amd64").architectures == ["SCMP_ARCH_X86_64"])
        #expect(
            profile.filter(capabilities: [], allowsForeignPrograms: true, architecture: "amd64").architectures
                == ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"])
    }

    @Test("says what to install when there is none, and what is wrong with a broken one")
    func errors() throws {
        let missing = #expect(throws: RuntimeError.self) { try SeccompProfile.load(from: "/nowhere/seccomp.json") }
        #expect(missing?.code == "runtime.seccomp-missing")
        #expect(missing?.remedy?.contains("golang-github-containers-common") == true)
        let broken = #expect(throws: RuntimeError.self) { try SeccompProfile(json: Array("{".utf8), name: "seccomp.json") }
        #expect(broken?.code == "runtime.seccomp-invalid")
    }

    static let needsAdministrator = ["mount", "umount2", "unshare", "setns", "pivot_root", "move_mount", "fsopen", "clone", "clone3"]

    @Test(
        "of Debian is read, and forbids what Docker's default forbids, with what Docker's containers hold too",
        arguments: [[], Capabilities.dockerDefault])
    func debian(capabilities: [String]) throws {
        let filter = try SeccompProfile.load().filter(capabilities: capabilities)
        let allowed = Set(filter.syscalls.filter { $0.action == "SCMP_ACT_ALLOW" && $0.args == nil }.flatMap(\.names))
        #expect(allowed.isSuperset(of: ["read", "execve", "epoll_wait", "futex"]))
        #expect(allowed.isDisjoint(with: Self.needsAdministrator))
        #expect(allowed.isDisjoint(with: ["bpf", "kexec_load", "init_module", "open_by_handle_at", "reboot", "swapon", "keyctl", "syslog", "mbind"]))
        #expect(filter.defaultAction == "SCMP_ACT_ERRNO")
        let names = filter.syscalls.filter { $0.action == "SCMP_ACT_ALLOW" }.flatMap(\.names)
        #expect(names.filter { $0 == "clone" }.count == 1 && names.filter { $0 == "socket" }.count == 1)
    }

    @Test("allows an administrator what Docker allows one")
    func administrator() throws {
        let filter = try SeccompProfile.load().filter(capabilities: ["CAP_SYS_ADMIN"])
        let allowed = Set(filter.syscalls.filter { $0.action == "SCMP_ACT_ALLOW" && $0.args == nil }.flatMap(\.names))
        #expect(allowed.isSuperset(of: Self.needsAdministrator))
        #expect(!allowed.contains("keyctl"))
    }
}
