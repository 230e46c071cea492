import ContainerRuntime
import ImageStore
import IngotModel
import SystemPackage

extension StageBuilder {
    func run(_ run: RunInstruction, _ instruction: Instruction, _ id: BuildStepID, _ state: StageState) async throws -> Made {
        let arguments = state.arguments(of: run.command)
        var environment = state.variables
        environment["SOURCE_DATE_EPOCH"] = "\(state.date.second)"
        var key = parentKey("run", state)
        key.append(LayerNoise.version)
        key.append(arguments)
        key.append(environment)
        key.append([state.workingFolder, state.settings.user ?? "", state.architecture])
        key.append(state.date.second)
        let finishedKey = key.finish()
        if let made = cached(finishedKey) { return made }
        let turn = try await session.cache.turn(for: finishedKey)
        defer { withExtendedLifetime(turn) {} }
        if turn.hasWaited, let made = cached(finishedKey) { return made }
        let layer = try await self.run(arguments, environment, instruction, id, state)
        try session.cache.record(finishedKey, layer: layer, text: instruction.text)
        return Made(layer: layer, isCached: false)
    }

    private func run(
        _ arguments: [String], _ environment: [String: String], _ instruction: Instruction, _ id: BuildStepID, _ state: StageState
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
            name: session.folder.containerName(id), arguments: arguments,
            environment: environment.map { "\($0)=\($1)" }.sorted(), workingFolder: state.workingFolder, user: process.user,
            deadline: session.request.stepDeadline, location: instruction.location, text: instruction.text)
        let progress = session.progress
        let tree = try await step.run(over: view.lower, parent: view.tree, in: folder, host: host, date: state.date) {
            progress(.output(id, line: $0))
        }
        return try add(tree)
    }
}
