import ContainerRuntime
import Glibc
import IngotModel
import Synchronization
import Testing

/// Swift Testing has a type of this name too.
typealias ExitStatus = ContainerRuntime.ExitStatus

/// Real containers, run by this machine's runtime.
@Suite("Running a container to its end")
struct RunTests {
    @Test("delivers both outputs and the exit code, and leaves nothing behind")
    func outputAndExitCode() async throws {
        let bench = try await Bench()
        defer { bench.remove() }
        let collected = Collector()
        let status = try await bench.run(["/bin/sh", "-c", "echo out; echo err >&2; exit 7"], collected)
        #expect(status == .code(7))
        #expect(Set(collected.text.split(separator: "\n")) == ["out", "err"])
        #expect(bench.traces().isEmpty)
    }

    @Test("takes an exit code above 128 for what it is")
    func highExitCode() async throws {
        let bench = try await Bench()
        defer { bench.remove() }
        let status = try await bench.run(["/bin/sh", "-c", "exit 139"], Collector())
        #expect(status == .code(139))
    }

    @Test("records that the kernel killed it for want of memory")
    func outOfMemory() async throws {
        let bench = try await Bench()
        defer { bench.remove() }
        let status = try await bench.run(["/bin/sh", "-c", "x=x; while :; do x=$x$x; done"], Collector(), limits: .init(memory: .mebibytes(16)))
        #expect(status == .outOfMemory)
        #expect(bench.traces().isEmpty)
    }

    @Test("says why a command could not be started")
    func missingCommand() async throws {
        let bench = try await Bench()
        defer { bench.remove() }
        let error = await #expect(throws: RuntimeError.self) { try await bench.run(["/bin/not-there"], Collector()) }
        #expect(error?.code == RuntimeError.startFailedCode)
        #expect(error?.message.contains("not-there") == true)
        #expect(bench.traces().isEmpty)
    }

    @Test("kills it when the deadline has passed, with what it started in the background")
    func deadline() async throws {
        let bench = try await Bench()
        defer { bench.remove() }
        let error = await #expect(throws: RuntimeError.self) {
            try await bench.run(["/bin/sh", "-c", "sleep 1000 & sleep 1000"], Collector(), deadline: 300)
        }
        #expect(error?.code == RuntimeError.deadlinePassedCode)
        #expect(bench.traces().isEmpty)
    }

    @Test("kills what a command left behind when it ended")
    func leftBehind() async throws {
        let bench = try await Bench()
        defer { bench.remove() }
        #expect(try await bench.run(["/bin/sh", "-c", "sleep 1000 & exit 0"], Collector()) == .code(0))
        #expect(bench.traces().isEmpty)
    }

    @Test("kills it when the task is cancelled, at whatever moment", arguments: [0, 1, 3, 6, 10, 20, 50])
    func cancellation(milliseconds: Int) async throws {
        let bench = try await Bench()
        defer { bench.remove() }
        let task = Task { try await bench.run(["/bin/sh", "-c", "sleep 1000"], Collector()) }
        // The moment is what is tested: from before the runtime's start to after the container's.
        poll(nil, 0, Int32(milliseconds))
        task.cancel()
        let result = await task.result
        #expect(throws: CancellationError.self) { try result.get() }
        #expect(bench.traces().isEmpty)
    }
}

final class Collector: Sendable {
    private let kept = Mutex<[UInt8]>([])
    func append(_ bytes: [UInt8]) { kept.withLock { $0 += bytes } }
    var text: String { String(decoding: kept.withLock(\.self), as: UTF8.self) }
}

/// A root made of this machine's program folders, and a bundle.
struct Bench {
    static let detected = Task { try await OCIRuntime.detect() }

    let runtime: OCIRuntime
    let cgroup: CgroupLayout
    let name: String
    let bundle: String

    init() async throws {
        runtime = try await Self.detected.value
        cgroup = try CgroupLayout.detect()
        name = "test-\(String(UInt64.random(in: 0...UInt64.max), radix: 16))"
        bundle = "/tmp/ingot-\(name)"
        for folder in [bundle, "\(bundle)/rootfs"] { mkdir(folder, 0o755) }
    }

    func run(
        _ arguments: [String], _ collector: Collector, limits: ResourceLimits = ResourceLimits(), deadline: Milliseconds? = 20_000
    ) async throws -> ExitStatus {
        let present = ["/bin", "/lib", "/lib64", "/usr"].filter { (path: String) in access(path, F_OK) == 0 }
        let seccomp = try SeccompProfile.load().filter(capabilities: Capabilities.dockerDefault)
        var specification = RuntimeSpecification.buildStep(
            BuildStepContainer(
                name: name, root: "\(bundle)/rootfs", arguments: arguments, environment: ["PATH=/usr/bin:/bin"],
                binds: present.map { BindMount(source: $0, destination: $0) }, limits: limits, seccomp: seccomp, cgroup: cgroup))
        for index in specification.mounts.indices { specification.mounts[index].options.removeAll { $0 == "noexec" } }
        return try await runtime.run(specification, named: name, bundle: bundle, deadline: deadline) { collector.append($0) }
    }

    /// What should not be there any more: state of the runtime, control groups, processes.
    func traces() -> [String] {
        var found: [String] = []
        let state = "\(OCIRuntime.stateFolder)/\(name)"
        if access(state, F_OK) == 0 { found.append(state) }
        if !ControlGroup.buildStep(name).processes().isEmpty { found.append("processes") }
        for hierarchy in ["", "/memory", "/cpu", "/pids", "/devices", "/unified"] {
            let folder = "/sys/fs/cgroup\(hierarchy)/ingot/\(name)"
            if access(folder, F_OK) == 0 { found.append(folder) }
        }
        return found
    }

    func remove() {
        for folder in ["bin", "lib", "lib64", "usr", "proc", "dev", "sys"] { rmdir("\(bundle)/rootfs/\(folder)") }
        for file in ["config.json", "pid", "runtime.log"] { unlink("\(bundle)/\(file)") }
        for folder in ["\(bundle)/rootfs", bundle] { rmdir(folder) }
    }
}
