import ContainerRuntime
import Engine
import IngotModel
import SystemPackage

/// What the machine gives to every instance.
struct HostSettings: Sendable {
    var engine: EngineID
    var cgroup: CgroupLayout
}

extension InstanceContainer {
    /// The container of one instance: the release's run settings laid over the image's configuration.
    init(
        _ launch: Launch, image: ImageSettings, user: ContainerUser, folder: InstanceFolder, host: HostSettings,
        seccomp: SeccompFilter
    ) throws(EngineError) {
        let run = launch.specification.run
        guard (1...65_535).contains(run.port) else { throw .portImpossible(run.port) }
        guard user.uid != 0 || run.allowsRoot else { throw .rootRefused(launch.specification.image) }
        let arguments = run.command ?? (image.entrypoint + image.command)
        guard let program = arguments.first, !program.isEmpty else { throw .commandMissing(launch.specification.image) }
        self.init(
            instance: launch.id.text, hostname: Self.hostname(of: launch), arguments: arguments,
            environment: Self.environment(launch, image: image, user: user),
            workingDirectory: image.workingDirectory.hasPrefix("/") ? image.workingDirectory : "/\(image.workingDirectory)",
            user: user, capabilities: run.capabilities, writable: Self.writable(run), binds: Self.binds(launch, folder: folder),
            hasScratchRoot: launch.specification.root == .scratch, limits: ResourceLimits(run.resources),
            annotations: Self.annotations(launch, engine: host.engine), seccomp: seccomp, cgroup: host.cgroup)
    }

    /// `guestbook-0badcafe`: at most 49 bytes, so it is a DNS label (RFC 1123).
    static func hostname(of launch: Launch) -> String { "\(launch.fleet.environment.service)-\(launch.id)" }

    /// The image's, then the convention `PORT`, then the environment's configuration; the later wins.
    private static func environment(_ launch: Launch, image: ImageSettings, user: ContainerUser) -> [String] {
        var values = [
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOSTNAME": hostname(of: launch),
            "PORT": "\(launch.specification.run.port)",
        ]
        for entry in image.environment {
            guard let equals = entry.firstIndex(of: "=") else { continue }
            values[String(entry[..<equals])] = String(entry[entry.index(after: equals)...])
        }
        values.merge(launch.specification.configuration) { _, configured in configured }
        return values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    }

    /// Each may fill half of the instance's memory, of which it is part.
    private static func writable(_ run: RunSettings) -> [WritablePath] {
        run.writable.map { WritablePath(path: $0, size: memorySize(run)) }
    }

    /// The most that one place in memory may hold.
    static func memorySize(_ run: RunSettings) -> ByteSize { ByteSize(max(1 << 20, run.resources.memory.bytes / 2)) }

    private static func binds(_ launch: Launch, folder: InstanceFolder) -> [BindMount] {
        let files = [
            BindMount(source: folder.hosts.string, destination: "/etc/hosts"),
            BindMount(source: folder.hostname.string, destination: "/etc/hostname"),
            BindMount(source: folder.resolver.string, destination: "/etc/resolv.conf"),
        ]
        guard !launch.specification.secretVersions.isEmpty else { return files }
        return files + [BindMount(source: folder.secrets.string, destination: "/run/secrets")]
    }

    private static func annotations(_ launch: Launch, engine: EngineID) -> [String: String] {
        [
            "dev.ingot.engine": engine.text, "dev.ingot.fleet": launch.fleet.text,
            "dev.ingot.image": launch.specification.image.description,
        ]
    }
}
