import Glibc
import Testing

@testable import ContainerRuntime

@Suite("What the host tells")
struct HostTests {
    static let root = "27 1 254:0 / / rw - ext4 /dev/vda rw\n"
    static let version1 = "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:9 master:3 - cgroup cgroup rw,memory\n"
    static let version2 = "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n"

    @Test(
        "is read as a layout of control groups",
        arguments: [
            (root + version1, CgroupLayout.v1), (root + version1 + version2, .hybrid), (root + version2, .v2), (root, nil), ("", nil),
            ("a - b", nil), ("-", nil),
        ])
    func layout(mountinfo: String, expected: CgroupLayout?) {
        #expect(CgroupLayout(mountinfo: mountinfo) == expected)
    }

    @Test(
        "is read as an end of a process",
        arguments: [(0, ExitStatus.code(0)), (7 << 8, .code(7)), (9, .signal(9)), (0x80 | 11, .signal(11)), (0x137f, nil)])
    func exitStatus(status: Int, expected: ExitStatus?) {
        #expect(ExitStatus(waitStatus: Int32(status)) == expected)
    }

    @Test("is read as a kernel's version", arguments: [("6.1.0-18-amd64", 6, 1), ("6.18.44-fc", 6, 18), ("4.8", 4, 8)])
    func kernel(text: String, major: Int, minor: Int) {
        #expect(KernelVersion(text: text) == KernelVersion(major: major, minor: minor))
        #expect(KernelVersion(text: "six") == nil)
    }

    @Test(
        "is read as kills for want of memory",
        arguments: [("oom_kill_disable 0\nunder_oom 0\noom_kill 2\n", 2), ("low 0\noom 1\noom_kill 0\n", 0), ("", 0), ("oom_kill x", 0)])
    func outOfMemory(text: String, kills: Int) {
        #expect(ControlGroup.outOfMemoryKills(text) == kills)
    }

    @Test(
        "is what a runtime says of its failure",
        arguments: [
            ("executable file `/x` not found\n", "executable file `/x` not found"),
            (#"time="2026-11-23T16:44:13Z" level=error msg="exec: \"/x\": no such file""#, #"exec: "/x": no such file"#), ("", ""),
        ])
    func runtimeLog(text: String, message: String) {
        #expect(RuntimeLog.lastMessage(text) == message)
    }

    @Test("with no runtime says what to install")
    func missingRuntime() async {
        let error = await #expect(throws: RuntimeError.self) { try await OCIRuntime.detect(among: ["crun", "runc"], in: ["/nowhere"]) }
        #expect(error?.code == "runtime.missing")
        #expect(error?.remedy == "apt-get install crun")
    }

    @Test("with a runtime that does not work says what each said")
    func brokenRuntime() async {
        let error = await #expect(throws: RuntimeError.self) { try await OCIRuntime.detect(among: ["false"], in: ["/bin"]) }
        #expect(error?.code == "runtime.none-works")
    }

    @Test("also finds runc working", .enabled(if: access("/usr/sbin/runc", X_OK) == 0))
    func runc() async throws {
        let runtime = try await OCIRuntime.detect(among: ["runc"], in: Program.systemFolders)
        #expect(runtime.name == "runc")
        #expect(!runtime.hidesUnifiedHierarchy)
    }
}
