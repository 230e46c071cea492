import Testing

@testable import ContainerRuntime

@Suite("Control groups of this process")
struct OwnControlGroupTests {
    @Test(
        "are found in every layout",
        arguments: [
            ("0::/system.slice/ingot.service\n", ["/sys/fs/cgroup/system.slice/ingot.service", "/sys/fs/cgroup/unified/system.slice/ingot.service"]),
            ("4:memory:/\n1:name=systemd:/a\n", ["/sys/fs/cgroup/memory", "/sys/fs/cgroup/systemd/a"]),
            ("3:cpu,cpuacct:/a:b\n", ["/sys/fs/cgroup/cpu,cpuacct/a:b"]),
            ("garbage\n", []),
        ])
    func ownFolders(text: String, folders: [String]) {
        #expect(ControlGroup.ownFolders(text) == folders)
    }
}
