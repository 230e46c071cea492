import ImageStore
import IngotModel

extension StageBuilder {
    func makeCopy(_ copy: CopyInstruction, _ instruction: Instruction, _ id: BuildStepID, _ state: inout StageState) throws -> Made {
        let expanded = try ExpandedCopy(copy, in: state, escape: session.dockerfile.escape, at: instruction.location)
        if copy.from != nil { return try copyFromStage(expanded, instruction, id, &state) }
        state.date = session.commitDate
        let matches = try session.context.matches(expanded.sources)
        var content = CacheKey.Builder("content")
        try session.context.append(matches, withModes: expanded.mode == nil, to: &content)
        let made = try self.copy(expanded, content: content.finish(), instruction, id, state) { layer, finish in
            let made = try finish(layer.tree(session.context.items(expanded.sources)))
            try session.context.check(matches)
            return made
        }
        return made
    }

    private func copyFromStage(_ copy: ExpandedCopy, _ instruction: Instruction, _ id: BuildStepID, _ state: inout StageState) throws -> Made {
        let source = try source(of: id)
        state.date = state.date.joined(source.date)
        var content = CacheKey.Builder("content-of-layers")
        content.append(source.diffIDs.map(\.hex))
        content.append(copy.sources.map(\.text))
        return try self.copy(copy, content: content.finish(), instruction, id, state) { layer, finish in
            try withTree(of: source.layers, id, "from") { tree in
                try finish(layer.tree(ImageSource(tree: tree, name: source.name).items(copy.sources)))
            }
        }
    }

    private func source(of id: BuildStepID) throws -> (layers: [Layer], diffIDs: [Digest], date: SourceDate, name: String) {
        guard case .copy(let copy) = stage.instructions[id.instruction].kind, let from = copy.from, let origin = node.sources[id.instruction] else {
            return ([], [], .init(second: 0, isOfCommit: false), "")
        }
        let state: StageState =
            switch origin {
            case .scratch: .scratch()
            case .context(let name): throw BuildError("not-supported", at: from.location, "files of the context '\(name)' can't be copied yet")
            case .image(let name): StageState(try image(name, at: from.location))
            case .stage(let index): finished[index] ?? .scratch()
            }
        return (state.layers, state.diffIDs, state.date, "'\(from.raw)'")
    }

    /// Looks up by parent and content first; then by content and what was looked up in the parent, so that a change
    /// below on which this COPY does not depend leaves its layer as it is: nothing is compressed again.
    ///
    /// - Parameter make: makes the tree and hands it to its second argument while what it reads from is mounted.
    private func copy(
        _ copy: ExpandedCopy, content: CacheKey, _ instruction: Instruction, _ id: BuildStepID, _ state: StageState,
        _ make: (CopyLayer, (FileTree) throws -> Made) throws -> Made
    ) throws -> Made {
        var key = parentKey("copy", state)
        copy.append(to: &key, date: state.date)
        key.append(content.digest)
        let wholeKey = key.finish()
        if let made = cached(wholeKey) { return made }
        return try withTree(of: state.layers, id, "parent") { parent in
            let layer = try CopyLayer(copy, owner: owner(copy, parent), date: state.date, parent: parent)
            let lookupKey = lookupKey(copy, layer, content: content, date: state.date)
            let made = try make(layer) { tree in try cached(lookupKey) ?? Made(layer: add(tree), isCached: false) }
            for key in [lookupKey, wholeKey] { try session.cache.record(key, layer: made.layer, text: instruction.text) }
            return made
        }
    }

    private func lookupKey(_ copy: ExpandedCopy, _ layer: CopyLayer, content: CacheKey, date: SourceDate) -> CacheKey {
        var key = CacheKey.Builder("copy-lookup")
        copy.append(to: &key, date: date)
        layer.append(to: &key)
        key.append(content.digest)
        return key.finish()
    }

    private func owner(_ copy: ExpandedCopy, _ parent: MountedTree?) throws(BuildError) -> FileOwner {
        guard let text = copy.owner else { return .root }
        guard let owner = try UserDatabase(parent).owner(text) else {
            throw BuildError(
                "owner-missing", at: copy.location, "the image has no user or group for '\(text)'", hint: "add it by RUN useradd, or give numbers")
        }
        return owner
    }
}
