import ImageStore
import IngotModel

extension StageBuilder {
    func makeCopy(_ copy: CopyInstruction, _ instruction: Instruction, _ id: BuildStepID, _ state: inout StageState) async throws -> Made {
        let expanded = try ExpandedCopy(copy, in: state, escape: session.dockerfile.escape, at: instruction.location)
        let (sources, date) = try await sources(of: expanded, copy, id, state)
        state.date = date
        defer { sources.forEach { $0.end() } }
        var content = CacheKey.Builder("content")
        for source in sources { try await source.append(to: &content) }
        return try await self.copy(expanded, sources, content: content.finish(), instruction, id, state)
    }

    /// Looks up by parent and content first; then by content and what was looked up in the parent, so that a change
    /// below on which this COPY does not depend leaves its layer as it is: nothing is compressed again.
    private func copy(
        _ copy: ExpandedCopy, _ sources: [any CopySource], content: CacheKey, _ instruction: Instruction, _ id: BuildStepID, _ state: StageState
    ) async throws -> Made {
        var key = parentKey("copy", state)
        copy.append(to: &key, date: state.date)
        key.append(content.digest)
        let wholeKey = key.finish()
        if let made = await cached(wholeKey) { return made }
        for source in sources { try await source.prepare() }
        return try await withTree(of: state.layers, id, "parent") { tree in
            let made = try await make(copy, sources, content: content, over: tree, instruction, state)
            try session.cache.record(wholeKey, layer: made.layer, text: instruction.text)
            return made
        }
    }

    private func make(
        _ copy: ExpandedCopy, _ sources: [any CopySource], content: CacheKey, over tree: MountedTree?, _ instruction: Instruction, _ state: StageState
    ) async throws -> Made {
        let owner = try owner(copy, tree)
        let parent = ParentFiles(copy.isLink ? nil : tree)
        let layer = try CopyLayer(copy, owner: owner, date: state.date, parent: parent, spool: session.folder.path)
        let files = try layer.tree(sources.flatMap { try $0.items() })
        // Only now, when all that depends on the parent was looked up.
        let key = lookupKey(copy, owner, parent, content: content, date: state.date)
        let made = try await cached(key) ?? Made(layer: add(files), isCached: false)
        for source in sources { try source.check() }
        try session.cache.record(key, layer: made.layer, text: instruction.text)
        return made
    }

    /// All that the layer depends on: with it, an unchanged COPY over another parent is the same layer.
    private func lookupKey(_ copy: ExpandedCopy, _ owner: FileOwner?, _ parent: ParentFiles, content: CacheKey, date: SourceDate) -> CacheKey {
        var key = CacheKey.Builder("copy-lookup")
        copy.append(to: &key, date: date)
        key.append(owner.map { [String($0.user), String($0.group)] } ?? [])
        key.append(parent.lookups.finish().digest)
        key.append(content.digest)
        return key.finish()
    }

    /// Names are looked up in the image that the files come into, for `--link` too: the layer has only the numbers.
    private func owner(_ copy: ExpandedCopy, _ parent: MountedTree?) throws(BuildError) -> FileOwner? {
        guard let text = copy.owner else { return nil }
        if let owner = try UserDatabase(parent).owner(text) { return owner }
        if let number = text.split(separator: ":").first(where: { part in part.allSatisfy(\.isNumber) && UInt32(part).map { $0 == .max } ?? true }) {
            throw BuildError(
                "owner-invalid", at: copy.location, "\(number.prefix(40)) is no number of a user or group: they end at \(UInt32.max - 1)")
        }
        throw BuildError(
            "owner-missing", at: copy.location, "the image has no user or group for '\(text)'", hint: "add it by RUN useradd, or give numbers")
    }
}
