import Glibc
import IngotModel

extension OCIRuntime {
    /// In the order of preference: crun starts a container in a third of runc's time.
    static let candidates = ["crun", "runc"]
    static let probeDeadline = Milliseconds.seconds(10)

    /// The first that really runs a container with limits on this machine; takes about 20 ms, so keep the answer.
    ///
    /// - Throws: `runtime.missing` when none is installed, `runtime.none-works` with what each said.
    public static func detect() async throws -> OCIRuntime {
        try await detect(among: candidates, in: Program.systemFolders)
    }

    static func detect(among names: [String], in folders: [String]) async throws -> OCIRuntime {
        let layout = try CgroupLayout.detect()
        var failures: [String] = []
        for name in names {
            guard let path = Program.find(name, in: folders) else { continue }
            let hides = name == "crun" && layout == .hybrid
            var runtime = OCIRuntime(name: name, path: path, version: "", hidesUnifiedHierarchy: hides)
            do {
                runtime.version = try await runtime.readVersion()
                try await runtime.probe(layout: layout)
                return runtime
            } catch let error as RuntimeError {
                failures.append("\(name): \(error.message)")
            }
        }
        throw failures.isEmpty ? missing : noneWorks(failures)
    }

    private static var missing: RuntimeError {
        RuntimeError(
            code: "runtime.missing", message: "neither crun nor runc is installed", remedy: "apt-get install crun")
    }

    private static func noneWorks(_ failures: [String]) -> RuntimeError {
        RuntimeError(
            code: "runtime.none-works", message: "no container runtime works here: \(failures.joined(separator: "; "))",
            remedy: "run as root, with control groups mounted; apt-get install crun")
    }

    /// The third word of the first line: `crun version 1.8.1`.
    private func readVersion() async throws -> String {
        let result = try await ReapedCommand(path: path, arguments: [name, "--version"]).runToEnd(deadline: Self.probeDeadline)
        let line = String(decoding: result.output, as: UTF8.self).split(separator: "\n").first ?? ""
        let words = line.split(separator: " ")
        return words.count >= 3 ? String(words[2]) : "unknown"
    }

    /// Runs `/bin/true` in a root made of this machine's own program folders.
    private func probe(layout: CgroupLayout) async throws {
        let name = "probe-\(String(UInt64.random(in: 0...UInt64.max), radix: 16))"
        let bundle = try TemporaryFolder(prefix: "ingot-")
        defer { bundle.remove() }
        try bundle.makeFolder("rootfs")
        let status = try await run(
            Self.probeSpecification(name: name, root: "\(bundle.path)/rootfs", layout: layout), named: name,
            bundle: bundle.path, deadline: Self.probeDeadline, output: { _ in })
        guard status.isSuccess else {
            throw RuntimeError(code: "runtime.probe-failed", message: "/bin/true in a container: \(status)")
        }
    }

    static func probeSpecification(name: String, root: String, layout: CgroupLayout) -> RuntimeSpecification {
        let present = ["/bin", "/lib", "/lib64", "/usr"].filter { (folder: String) in access(folder, F_OK) == 0 }
        var specification = RuntimeSpecification.buildStep(
            BuildStepContainer(
                name: name, root: root, arguments: ["/bin/true"], binds: present.map { BindMount(source: $0, destination: $0) },
                limits: ResourceLimits(memory: .mebibytes(64), milliCPU: 1_000, processes: 64), seccomp: nil, cgroup: layout))
        specification.root.readonly = true
        specification.process.noNewPrivileges = true
        specification.process.capabilities = .forRoot([])
        // The binds of programs have to be executable, unlike those of secrets.
        specification.mounts = specification.mounts.map { mount in
            var mount = mount
            if mount.type == "bind" { mount.options.removeAll { $0 == "noexec" } }
            return mount
        }
        return specification
    }
}
