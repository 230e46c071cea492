import ImageStore
import IngotModel
import SystemPackage

extension StageBuilder {
    /// Where the files of a COPY or ADD come from, in the order in which it names them, and the date that its layer gets.
    ///
    /// What comes from the context is of the commit; a document, a download or another repository is not.
    func sources(
        of expanded: ExpandedCopy, _ copy: CopyInstruction, _ id: BuildStepID, _ state: StageState
    ) async throws -> (sources: [any CopySource], date: SourceDate) {
        if let from = copy.from { return try await sources(from: from, expanded, id, state) }
        var sources: [any CopySource] = []
        var date = state.date
        for (place, source) in expanded.sources.enumerated() {
            if let remote = try remote(source, expanded, id, place: place) {
                sources.append(remote)
            } else {
                try checkNoChecksum(expanded, source)
                let files = try ContextFiles([source], of: session.context, expanded, spool: session.folder.path)
                if files.isEmpty { warnOfNothing(source) }
                sources.append(files)
                date = session.commitDate
            }
        }
        if !expanded.documents.isEmpty { sources.append(DocumentFiles(documents: expanded.documents)) }
        return (sources, date)
    }

    /// A download or a repository, which ADD alone takes.
    private func remote(_ source: ExpandedCopy.Source, _ copy: ExpandedCopy, _ id: BuildStepID, place: Int) throws -> (any CopySource)? {
        if let reference = try GitReference(source) {
            try refuseRemote(source, copy, "a Git repository")
            let folder = session.folder.path.appending("step-\(id)-git-\(place)")
            return GitFiles(reference, copy, fetch: GitFetch(folder: folder, protocols: session.request.gitProtocols), location: source.location)
        }
        guard let url = DownloadAddress(source.text) else { return nil }
        try refuseRemote(source, copy, "an address")
        return DownloadedFile(url, copy, downloads: session.downloads, spool: session.folder.path, location: source.location)
    }

    private func refuseRemote(_ source: ExpandedCopy.Source, _ copy: ExpandedCopy, _ what: String) throws(BuildError) {
        guard copy.keyword == .copy else { return }
        throw BuildError("source-unsuitable", at: source.location, "COPY does not take \(what), such as '\(source.text.prefix(80))'", hint: "use ADD")
    }

    private func checkNoChecksum(_ copy: ExpandedCopy, _ source: ExpandedCopy.Source) throws(BuildError) {
        guard copy.checksum != nil else { return }
        throw BuildError("checksum-unsuitable", at: source.location, "--checksum is for addresses and Git repositories, not for '\(source.text)'")
    }

    private func warnOfNothing(_ source: ExpandedCopy.Source) {
        let hint = "BuildKit lets it pass too; check the pattern and .dockerignore"
        session.progress(.warning(Diagnostic(.warning, at: source.location, "nothing fits '\(source.text)', so nothing is copied", hint: hint)))
    }

    // MARK: --from

    private func sources(
        from: Word, _ copy: ExpandedCopy, _ id: BuildStepID, _ state: StageState
    ) async throws -> (sources: [any CopySource], date: SourceDate) {
        let origin = try await origin(of: from, node.sources[id.instruction])
        let folder = session.folder.path.appending("step-\(id)-from")
        switch origin {
        case .files(let context):
            return ([try ContextFiles(copy.sources, of: context, copy, spool: session.folder.path)], session.commitDate)
        case .layers(let layers, let date):
            let files = StageFiles(layers, name: "'\(from.raw)'", copy, store: session.store, folder: folder)
            return ([files], state.date.joined(date))
        }
    }

    /// Where `--from`, of COPY and of mounts, leads.
    enum FilesOrigin {
        case layers([Layer], SourceDate)
        /// A named context that is a folder.
        case files(ContextSource)
    }

    func origin(of word: Word, _ origin: BuildGraph.Origin?) async throws -> FilesOrigin {
        switch origin {
        case nil, .scratch: return .layers([], SourceDate(second: 0, isOfCommit: false))
        case .stage(let index):
            let state = finished[index] ?? .scratch()
            return .layers(state.layers, state.date)
        case .image(let name):
            if let context = try await session.contexts.source(name) { return .files(context) }
            let state = StageState(try await image(name, for: session.request.platforms.first, at: word.location))
            return .layers(state.layers, state.date)
        }
    }
}
