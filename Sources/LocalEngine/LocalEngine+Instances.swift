import CLinux
import ContainerRuntime
import Dispatch
import Engine
import Glibc
import ImageStore
import IngotModel
import Logging
import Synchronization
import SystemPackage

extension LocalEngine {
    // MARK: Starting

    /// Starts one instance, from the decision to its container running.
    func start(_ launch: Launch) async {
        do {
            guard state.withLock({ $0.isWanted(launch.id) }) else { throw EngineError.closed() }
            try await startThrowing(launch)
        } catch {
            await undo(launch)
            let report = ErrorReport(error)
            logger.error("instance not started", metadata: ["instance": "\(launch.id)", "fleet": "\(launch.fleet)", "error": "\(report.message)"])
            tell(launch.fleet.environment) { $0.instanceDidNotStart(launch.id, because: Self.explanation(report), at: $1) }
        }
    }

    private func startThrowing(_ launch: Launch) async throws {
        let entry = try Self.firewallEntry(
            launch.id, launch.address, launch.specification.run.egress, peers: launch.specification.peers)
        // Beside the rest; the supervisor does not wait for it.
        DispatchQueue.global(qos: .userInitiated).async { ControlGroup.primeMoves() }
        async let admitted: Void = admit(launch.id, entry)
        async let permitted: Void = checkPermission(launch)
        let arguments: [String]
        do {
            arguments = try prepare(launch)
            try await permitted
        } catch {
            try? await admitted
            throw error
        }
        try await admitted
        let files = folder.instance(launch.id)
        // Under the lock: an engine that is being removed either sees this supervisor or does not get it.
        let ready = try isRemoved.withLock { isRemoved in
            guard !isRemoved else { throw EngineError.closed() }
            let (pid, ready) = try supervisorProgram.start(arguments, output: files.supervisorOutput)
            watch(launch.id, pid)
            return ready
        }
        let line = await ReadyPipe.line(from: ready, within: EngineLimits.start)
        guard line == "ready" else {
            // It says why in its exit record, and ends; unless it hangs.
            if line == nil { await endByForce(launch.id) }
            return
        }
        tell(launch.fleet.environment) { $0.instanceRuns(launch.id, at: $1) }
    }

    private func checkPermission(_ launch: Launch) async throws {
        guard let starts, !Throwaways.owns(launch.fleet) else { return }
        try await starts.check(launch.specification.image, of: launch.fleet)
    }

    private static func explanation(_ report: ErrorReport) -> String {
        report.message + (report.remedy.map { "; to do: \($0)" } ?? "")
    }

    private func watch(_ id: InstanceID, _ pid: Int32) {
        let supervisor = SupervisorProcess(pid: pid, startTime: nil) { [weak self] in self?.supervisorEnded(id) }
        // The identifier of a child that nobody has waited for can't be gone.
        guard let supervisor else { return supervisorEnded(id) }
        supervisors.withLock { $0[id] = supervisor }
    }

    /// Makes the instance's folder with everything in it that the supervisor and the runtime read.
    ///
    /// - Returns: the supervisor's arguments.
    private func prepare(_ launch: Launch) throws -> [String] {
        let image = try self.image(launch.specification.image)
        let layers = try store.mountLayers(of: image, folders: launch.specification.run.writable)
        let settings = ImageSettings(image.configuration)
        let user = try self.user(settings.user, of: launch.specification.image, layers: layers)
        let files = folder.instance(launch.id)
        let run = launch.specification.run
        let container = try InstanceContainer(
            launch, image: settings, user: user, folder: files, host: host, seccomp: seccomp.filter(capabilities: run.capabilities))
        try SystemFile.makeFolder(files.path)
        try SecretFolder.fill(
            files.secrets, with: launch.specification.secretVersions, from: secrets, uid: user.uid, gid: user.gid)
        try writeFiles(launch, files, RuntimeSpecification.instance(container).json())
        return Self.arguments(launch, files.path, runtime, layers, stopSignal: StopSignal.number(settings.stopSignal))
    }

    /// An image's documents, verified when they are first read; remembered, because an image never changes. Its layers are
    /// asked of the store each time.
    private func image(_ digest: Digest) throws -> Image {
        if let known = images.withLock({ $0[digest] }) { return known }
        do {
            let image = try store.image(digest)
            images.withLock { images in
                if images.count >= EngineLimits.rememberedImages { images = [:] }
                images[digest] = image
            }
            return image
        } catch {
            throw EngineError.imageMissing(digest, cause: error)
        }
    }

    /// The identity comes last: a folder without one is half made.
    private func writeFiles(_ launch: Launch, _ files: InstanceFolder, _ configuration: [UInt8]) throws {
        let hostname = InstanceContainer.hostname(of: launch)
        let texts = NetworkFiles(
            hostname: hostname, address: launch.address, egress: launch.specification.run.egress, peers: launch.specification.peers)
        try SystemFile.fill(files.hostname.string, with: Array("\(hostname)\n".utf8), mode: 0o644)
        try SystemFile.fill(files.hosts.string, with: Array(texts.hosts.utf8), mode: 0o644)
        try SystemFile.fill(
            files.resolver.string, with: Array(texts.resolver(HostNetwork.nameServers(), HostNetwork.resolverOptions()).utf8), mode: 0o644)
        try SystemFile.fill(files.configuration.string, with: configuration)
        let identity = InstanceIdentity(
            id: launch.id, engine: host.engine, address: "\(launch.address)", specification: launch.specification,
            generation: launch.generation, createdAt: launch.decidedAt)
        try SystemFile.write(try EngineJSON.encode(identity), to: files.identity, isDurable: false)
    }

    private static func arguments(
        _ launch: Launch, _ folder: FilePath, _ runtime: OCIRuntime, _ layers: [FilePath], stopSignal: Int
    ) -> [String] {
        var arguments = ["--instance", launch.id.text, "--folder", folder.string, "--runtime", runtime.path]
        if runtime.hidesUnifiedHierarchy { arguments.append("--hide-unified-cgroup") }
        for layer in layers { arguments += ["--layer", layer.string] }
        if launch.specification.root == .scratch {
            arguments += ["--scratch-bytes", String(InstanceContainer.memorySize(launch.specification.run).bytes)]
        }
        arguments += ["--address", launch.address.description, "--gateway", "169.254.1.1"]
        arguments += ["--stop-signal", String(stopSignal), "--grace-ms", String(launch.specification.run.stopGrace.count)]
        arguments += ["--log-bytes", String(EngineLimits.logFileSize.bytes), "--log-files", String(EngineLimits.logFiles)]
        return arguments + ["--ready-fd", "3"]
    }

    // MARK: The image's user

    /// Who an image runs as; remembered, because an image never changes.
    private func user(_ text: String, of image: Digest, layers: [FilePath]) throws -> ContainerUser {
        let key = UserKey(image: image, text: text)
        if let known = users.withLock({ $0[key] }) { return known }
        let mountPoint = folder.lookups.appending(String(UInt64.random(in: 0...UInt64.max), radix: 16))
        let files = try ImageFiles(layers: layers, mountPoint: mountPoint)
        let resolved = try UserFiles(
            passwd: Self.text(try files.read("/etc/passwd", limit: EngineLimits.userFile)),
            group: Self.text(try files.read("/etc/group", limit: EngineLimits.userFile))
        ).resolve(text, image: image)
        users.withLock { users in
            if users.count >= EngineLimits.rememberedImages { users = [:] }
            users[key] = resolved
        }
        return resolved
    }

    private static func text(_ bytes: [UInt8]?) -> String { String(decoding: bytes ?? [], as: UTF8.self) }

    // MARK: Ending

    /// Tells an instance's supervisor to end it. That it was told stands on disk before.
    func stop(_ id: InstanceID) {
        try? SystemFile.fill(folder.instance(id).ending.string, with: [])
        supervisors.withLock { $0[id] }?.send(SIGTERM)
    }

    /// Ends an instance whose supervisor does not.
    func endByForce(_ id: InstanceID) async {
        supervisors.withLock { $0[id] }?.send(SIGKILL)
        await Self.onOwnThread { _ = Self.endContainer(id) }
    }

    /// The supervisor's process has ended, and so, normally, has the container.
    func supervisorEnded(_ id: InstanceID) {
        Task { await self.finish(id) }
    }

    private func finish(_ id: InstanceID) async {
        supervisors.withLock { _ = $0.removeValue(forKey: id) }
        beginnings.withLock { $0[id] = nil }
        guard let launch = state.withLock({ $0.instances[id]?.launch }) else { return }
        let files = folder.instance(id)
        let exit = await exitRecord(id, files)
        await dismiss(id)
        SystemFile.removeTree(files.secrets)
        let startedAt = InstanceReading.state(files)?.startedAt ?? launch.decidedAt
        let how = exit.failure(startedAt: startedAt, lastLines: lastLines(of: id))
        if let identity = InstanceReading.identity(files) { remember(identity, exit) }
        removeForgotten()
        logger.info("instance ended", metadata: ["instance": "\(id)", "fleet": "\(launch.fleet)", "how": "\(how)"])
        tell(launch.fleet.environment) { $0.instanceEnded(id, how: how, at: $1) }
    }

    /// How it ended. If the supervisor could not say it, the container may still run: it is ended, and put on record.
    private func exitRecord(_ id: InstanceID, _ files: InstanceFolder) async -> ExitRecord {
        if let record = InstanceReading.exit(files) { return record }
        await Self.onOwnThread { _ = Self.endContainer(id) }
        let record = ExitRecord.lost(at: clock.timestamp())
        if let bytes = try? EngineJSON.encode(record) { try? SystemFile.write(bytes, to: files.exit, isDurable: false) }
        return record
    }

    /// Takes back what was made for an instance that could not be started.
    private func undo(_ launch: Launch) async {
        await dismiss(launch.id)
        let files = folder.instance(launch.id)
        SystemFile.removeTree(files.secrets)
        SystemFile.removeTree(files.path)
    }

    func remember(_ identity: InstanceIdentity, _ exit: ExitRecord) {
        let surplus = ended.withLock { $0.add(identity, exit) }
        for id in surplus { SystemFile.removeTree(folder.instance(id).path) }
    }

    /// Removes the folders of secrets that no instance has.
    func removeForgotten() {
        let known = state.withLock { Set($0.instances.keys) }
        for name in SystemFile.names(in: folder.secrets) where SecretFolder.owner(of: name).map({ !known.contains($0) }) ?? true {
            SystemFile.removeTree(folder.secrets.appending(name))
        }
    }

    // MARK: The firewall

    private func admit(_ id: InstanceID, _ entry: FirewallEntry) async throws {
        firewallEntries.withLock { $0[id] = entry }
        do {
            try await netfilter.run(firewall.admit([entry]))
        } catch {
            // Somebody may have flushed the rules: put all of them up anew.
            try await installAnew()
        }
    }

    private func dismiss(_ id: InstanceID) async {
        guard let entry = firewallEntries.withLock({ $0.removeValue(forKey: id) }) else { return }
        do {
            try await netfilter.run(firewall.dismiss([entry]))
        } catch {
            do { try await installAnew() } catch {
                logger.error("firewall not updated", metadata: ["instance": "\(id)", "error": "\(error)"])
            }
        }
    }

    private func installAnew() async throws {
        guard !isRemoved.withLock({ $0 }) else { return }
        try await netfilter.run(firewall.install(firewallEntries.withLock { Array($0.values) }))
    }

    /// For calls that may block longer than a cooperative thread should.
    static func onOwnThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            DispatchQueue.global(qos: .userInitiated).async {
                continuation.resume(returning: body())
            }
        }
    }
}

/// Under what a resolved user is remembered.
struct UserKey: Hashable, Sendable {
    var image: Digest
    var text: String
}
