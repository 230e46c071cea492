import Foundation
import IngotModel
import Testing

@testable import ContainerRuntime

@Suite("A runtime specification")
struct RuntimeSpecificationTests {
    static func instance(cgroup: CgroupLayout = .v1, limits: ResourceLimits = ResourceLimits()) -> RuntimeSpecification {
        .instance(
            InstanceContainer(
                instance: "0badcafe", hostname: "shop", arguments: ["/app"], environment: ["A=b"], workingDirectory: "/srv",
                user: ContainerUser(uid: 1_000, gid: 1_001, additionalGids: [5]), capabilities: ["CAP_NET_BIND_SERVICE"],
                writable: [WritablePath(path: "/tmp", size: .mebibytes(64))],
                binds: [BindMount(source: "/s", destination: "/run/secrets")], limits: limits, seccomp: nil, cgroup: cgroup))
    }

    @Test("of an instance has a read-only root, no new privileges and no network namespace of its own")
    func instanceIsConfined() {
        let specification = Self.instance()
        #expect(specification.root == .init(path: "rootfs", readonly: true))
        #expect(specification.process.noNewPrivileges)
        #expect(specification.process.capabilities == .kept(["CAP_NET_BIND_SERVICE"]))
        #expect(specification.linux.namespaces.map(\.type) == ["pid", "ipc", "uts", "mount"])
        #expect(Self.instance(cgroup: .v2).linux.namespaces.map(\.type).contains("cgroup"))
        #expect(specification.linux.cgroupsPath == "/ingot/0badcafe")
    }

    @Test("gives writable paths and secrets no more than they need")
    func mounts() throws {
        let mounts = Self.instance().mounts
        let writable = try #require(mounts.first { $0.destination == "/tmp" })
        #expect(writable.type == "tmpfs")
        #expect(Set(writable.options).isSuperset(of: ["nosuid", "nodev", "noexec", "size=67108864"]))
        let secrets = try #require(mounts.first { $0.destination == "/run/secrets" })
        #expect(Set(secrets.options).isSuperset(of: ["ro", "nosuid", "nodev", "noexec"]))
    }

    @Test("states limits as the kernel counts them", arguments: [(500, 50_000), (1, 1_000), (2_000, 200_000), (-1, 1_000), (Int.max, 100_000_000)])
    func limits(milliCPU: Int, quota: Int) {
        let limits = ResourceLimits(memory: .mebibytes(1), milliCPU: milliCPU, processes: 7)
        let resources = Self.instance(limits: limits).linux.resources
        #expect(resources.cpu == .init(quota: quota, period: 100_000))
        #expect(resources.memory == .init(limit: 1 << 20, swap: 1 << 20))
        #expect(resources.pids == .init(limit: 7))
        #expect(resources.devices == [.init(allow: false, access: "rwm")])
    }

    @Test("is written with the specification's names, without what is not set, the same each time")
    func json() throws {
        let text = String(decoding: try Self.instance().json(), as: UTF8.self)
        #expect(text.contains(#""ociVersion":"1.0.2""#))
        #expect(text.contains(#""user":{"additionalGids":[5],"gid":1001,"uid":1000}"#))
        #expect(text.contains(#""cwd":"/srv""#))
        #expect(!text.contains("null") && !text.contains("seccomp"))
        #expect(text.contains(#""rlimits":[{"hard":0,"soft":0,"type":"RLIMIT_CORE"}]"#))
        #expect(try Self.instance().json() == Self.instance().json())
    }

    @Test("of a build step has a writable root and Docker's capabilities")
    func buildStep() {
        let specification = RuntimeSpecification.buildStep(
            BuildStepContainer(name: "step-1", root: "/merged", arguments: ["/bin/sh"], seccomp: nil, cgroup: .v2))
        #expect(specification.root == .init(path: "/merged", readonly: false))
        #expect(specification.process.capabilities.bounding == Capabilities.dockerDefault)
        #expect(specification.process.capabilities.ambient.isEmpty && specification.process.rlimits == nil)
        #expect(specification.linux.cgroupsPath == "/ingot/step-1")
    }
}
