import ImageStore
import IngotModel

extension StageBuilder {
    func changeFolder(_ word: Word, _ instruction: Instruction, _ id: BuildStepID, _ state: inout StageState) async throws -> Made {
        let text = try VariableExpansion(state.variables, escape: session.dockerfile.escape).expand(word)
        guard !text.isEmpty else { throw BuildError("value-empty", at: word.location, "WORKDIR is empty after its variables are filled in") }
        let parts = RelativePath.parts(ExpandedCopy.parts(text, below: state.workingFolder).joined(separator: "/"))
        let folder = "/" + parts.joined(separator: "/")
        state.settings.workingFolder = folder
        var key = parentKey("workdir", state)
        key.append(folder)
        key.append(state.settings.user ?? "")
        key.append(state.date.second)
        let finishedKey = key.finish()
        if let made = await cached(finishedKey) { return made }
        let current = state
        let layer = try await withTree(of: state.layers, id, "parent") { parent in
            try add(FolderLayer.tree(parts, user: current.settings.user, date: current.date, parent: parent, at: word.location))
        }
        try session.cache.record(finishedKey, layer: layer, text: instruction.text)
        return Made(layer: layer, isCached: false)
    }
}
