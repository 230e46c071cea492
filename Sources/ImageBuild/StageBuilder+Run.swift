import ContainerRuntime
import ImageStore
import IngotModel
import SystemPackage

extension StageBuilder {
    func run(_ run: RunInstruction, _ instruction: Instruction, _ id: BuildStepID, _ state: StageState) async throws -> Made {
        let expansion = VariableExpansion(state.variables, escape: session.dockerfile.escape)
        let command = RunCommand(run, shell: state.shellCommand)
        let settings = try settings(run, expansion)
        let mounts = try run.mounts.map { try RunMount($0, expansion, workingFolder: state.workingFolder) }
        var environment = state.variables
        environment["SOURCE_DATE_EPOCH"] = "\(state.date.second)"
        var key = parentKey("run", state)
        key.append(LayerNoise.version)
        key.append(command.arguments)
        key.append(command.script.map { [$0.name, $0.content] } ?? [])
        key.append(environment)
        key.append([state.workingFolder, state.settings.user ?? "", state.architecture])
        key.append([settings.network == .none ? "none" : "host", settings.security.rawValue])
        key.append(session.request.addedHosts)
        key.append(state.date.second)
        for (number, mount) in mounts.enumerated() { try await append(mount, number, id, to: &key) }
        let finishedKey = key.finish()
        if let made = await cached(finishedKey) { return made }
        let turn = try await session.cache.turn(for: finishedKey)
        defer { withExtendedLifetime(turn) {} }
        if turn.hasWaited, let made = await cached(finishedKey) { return made }
        let layer = try await carryOut(command, mounts, environment, settings, instruction, id, state)
        try session.cache.record(finishedKey, layer: layer, text: instruction.text)
        return Made(layer: layer, isCached: false)
    }

    private func settings(_ run: RunInstruction, _ expansion: VariableExpansion) throws(BuildError) -> RunSettings {
        let request = session.request
        let limits = ResourceLimits(
            memory: request.memoryLimit, milliCPU: request.processorLimit.map { Int(min(max($0, 0), 1_000_000) * 1_000) },
            processes: request.processLimit)
        return RunSettings(
            network: try run.network(request, expansion), security: try run.security(request, expansion), deadline: request.stepDeadline,
            limits: limits, interactive: interactive)
    }

    private var interactive: (@Sendable (InteractiveStep) async throws -> Void)? {
        guard let show = session.request.interactiveOnError else { return nil }
        return { [turn = session.interactiveTurn] step in if turn.take() { try await show(step) } }
    }

    private func carryOut(
        _ command: RunCommand, _ mounts: [RunMount], _ environment: [String: String], _ settings: RunSettings, _ instruction: Instruction,
        _ id: BuildStepID, _ state: StageState
    ) async throws -> Layer? {
        let host = try await session.runtime.host()
        let folder = try session.folder.makeStepFolder("\(id)")
        defer { Files.removeTree(folder) }
        let view = try LayerView(state.layers, store: session.store, in: folder)
        defer { view.unmount() }
        guard let process = try UserDatabase(view.tree).process(state.settings.user) else {
            throw BuildError(
                "user-missing", at: instruction.location, "the image has no user or group for '\(state.settings.user ?? "")'",
                hint: "add it by RUN useradd before USER")
        }
        var environment = environment.merging(session.globals.proxies) { own, _ in own }
        environment["HOME"] = environment["HOME"] ?? process.home
        environment["PATH"] = environment["PATH"] ?? String(StageState.path.dropFirst("PATH=".count))
        let step = RunStep(
            id: id, name: session.folder.containerName(id), arguments: command.arguments, environment: environment.map { "\($0)=\($1)" }.sorted(),
            workingFolder: state.workingFolder, user: process.user, settings: settings, location: instruction.location, text: instruction.text)
        return try await withMounts(mounts, command.script, id, state, at: instruction.location, in: folder) { ready in
            let place = RunStep.Place(lower: view.lower, image: view.tree, folder: folder, host: host, mounts: ready)
            let progress = session.progress
            do {
                return try await add(step.run(at: place, date: state.date) { progress(.output(id, line: $0)) })
            } catch let error as StoreError where error.fault == .user {
                throw BuildError("layer-refused", at: step.location, "what the step wrote can't be a layer: \(error.message)", cause: error)
            }
        }
    }
}
