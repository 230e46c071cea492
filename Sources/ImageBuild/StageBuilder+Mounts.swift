import Glibc
import ImageStore
import IngotModel
import SystemPackage

extension Timestamp {
    fileprivate static var current: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(millisecondsSince1970: time.tv_sec * 1_000 + time.tv_nsec / 1_000_000)
    }
}

extension BuildSession {
    /// `ROOT/build/mounts`.
    var cacheMounts: CacheMounts { CacheMounts(folder: cache.folder.removingLastComponent().appending("mounts")) }
}

extension StageBuilder {
    /// The declaration, and the content of what is bound: not that of a cache, a secret or a socket.
    ///
    /// Files of the context that are bound do not give the step the commit's date: the step depends on their content,
    /// which is in the key, and another commit with the same content finds the step made.
    func append(_ mount: RunMount, _ number: Int, _ id: BuildStepID, to key: inout CacheKey.Builder) async throws {
        mount.append(to: &key)
        guard let source = mount.source else { return }
        switch try await origin(number, id, mount) {
        case .layers(let layers, _): key.append(layers.map(\.diffID.hex))
        case .files(let context): try contextFiles(source, of: context, mount).append(to: &key)
        case nil: break
        }
    }

    /// Where a mount's files come from; `nil` for a cache that begins empty.
    private func origin(_ number: Int, _ id: BuildStepID, _ mount: RunMount) async throws -> FilesOrigin? {
        if mount.hasOrigin { return try await origin(of: Word("", at: mount.location), node.mountSources[id.instruction]?[number]) }
        if case .bind = mount.kind { return .files(session.context) }
        return nil
    }

    /// Makes everything ready that is mounted into a step, for the length of the body.
    func withMounts<Result>(
        _ mounts: [RunMount], _ script: HereDocument?, _ id: BuildStepID, _ state: StageState, at location: SourceLocation,
        in folder: FilePath, _ body: (StepMounts) async throws -> Result
    ) async throws -> Result {
        var ready = try StepMounts(in: folder)
        var views: [LayerView] = []
        do {
            let resolver = try Files.read("/etc/resolv.conf", limit: 65_536) ?? []
            for (path, content) in StepFiles.all(added: session.request.addedHosts, resolver: resolver) {
                try ready.file(content, at: path, mode: 0o644, location: location)
            }
            for (number, mount) in mounts.enumerated() { try await prepare(mount, number, id, state, in: folder, &ready, &views) }
            if let script {
                try ready.file(Array(script.content.utf8), at: "\(RunCommand.scriptFolder)/\(script.name)", mode: 0o755, location: location)
            }
            let result = try await body(ready)
            end(&ready, views)
            return result
        } catch {
            end(&ready, views)
            throw error
        }
    }

    private func end(_ ready: inout StepMounts, _ views: [LayerView]) {
        ready.release()
        for view in views { view.unmount() }
    }

    private func prepare(
        _ mount: RunMount, _ number: Int, _ id: BuildStepID, _ state: StageState, in folder: FilePath, _ ready: inout StepMounts,
        _ views: inout [LayerView]
    ) async throws {
        switch mount.kind {
        case .memory(let size): ready.memory(mount, size: size)
        case .secret(let secret): try prepare(mount, secret, &ready)
        case .agent(let agent): try await prepare(mount, agent, in: folder, &ready)
        case .bind(let source, let isReadOnly):
            let place = try makeFolder("source", number, in: folder)
            guard let origin = try await origin(number, id, mount) else { return }
            let view = try sourceView(origin, mount, source, date: state.date, in: place)
            views.append(view)
            guard let tree = view.tree else {
                throw BuildError("source-missing", at: mount.location, "there is no '\(source)': the source has no files")
            }
            if isReadOnly { return try ready.bind(mount, source: source, of: tree) }
            try ready.bindWritable(mount, source: source, over: Array(view.lower.dropFirst()), top: tree.find([])?.metadata ?? .implicitFolder)
        case .cache(let cache):
            let use = try await use(cache, mount, number, id, date: state.date, in: folder)
            try ready.cache(mount, use, isReadOnly: cache.isReadOnly)
        }
    }

    private func makeFolder(_ kind: String, _ number: Int, in folder: FilePath) throws -> FilePath {
        let place = folder.appending("\(kind)-\(number)")
        try Files.makeFolder(place)
        return place
    }

    // MARK: Files

    private func sourceView(_ origin: FilesOrigin, _ mount: RunMount, _ source: String, date: SourceDate, in folder: FilePath) throws -> LayerView {
        switch origin {
        case .layers(let layers, _): try LayerView(layers, store: session.store, in: folder)
        case .files(let context):
            try LayerView(of: contextTree(source, contextFiles(source, of: context, mount), date: date), store: session.store, in: folder)
        }
    }

    /// What COPY would take for the source, which is a path here and no pattern.
    private func contextFiles(_ source: String, of context: ContextSource, _ mount: RunMount) throws -> ContextFiles {
        let escape = session.dockerfile.escape
        let literal = source.map { "*?[\\".contains($0) ? "\\\($0)" : String($0) }.joined()
        let word = Word(literal.map { "\(escape)\($0)" }.joined(), at: mount.location)
        let copy = CopyInstruction(sources: [word], destination: Word("/", at: mount.location))
        let expanded = try ExpandedCopy(copy, in: .scratch(), escape: escape, at: mount.location)
        return try ContextFiles(expanded.sources, of: context, expanded, spool: session.folder.path)
    }

    /// The files as COPY would put them into an empty image: of root, with the step's date, without what `.dockerignore`
    /// leaves out. A copy, so what happens to the context meanwhile changes nothing.
    private func contextTree(_ source: String, _ files: ContextFiles, date: SourceDate) throws -> FileTree {
        var tree = FileTree(root: FileMetadata(mode: 0o755, modified: FileTime(seconds: Int64(date.second))))
        let place = try TreePath(RelativePath.parts(source).joined(separator: "/"))
        for item in try files.items() {
            switch item.stamped(owner: .root, mode: nil, date: date) {
            case .file(_, let node): try tree.insert(node, at: place, parents: tree[.root].metadata)
            case .folder(let content):
                if !place.isRoot { try tree.insert(.folder(content[.root].metadata), at: place, parents: tree[.root].metadata) }
                try tree.insert(contentsOf: content, at: place, parents: tree[.root].metadata)
            case .archive: continue
            }
        }
        try files.check()
        return tree
    }

    // MARK: Caches, secrets, agents

    private func use(
        _ cache: RunMount.Cache, _ mount: RunMount, _ number: Int, _ id: BuildStepID, date: SourceDate, in folder: FilePath
    ) async throws -> CacheMounts.Use {
        guard let origin = try await origin(number, id, mount) else {
            return try await session.cacheMounts.use(cache, beginning: nil, now: .current)
        }
        let place = try makeFolder("source", number, in: folder)
        var key = CacheKey.Builder("beginning")
        try await append(mount, number, id, to: &key)
        let make = { (new: FilePath) in
            let view = try sourceView(origin, mount, cache.source, date: date, in: place)
            defer { view.unmount() }
            let parts = try view.tree?.resolve(cache.source.split(separator: "/").map(String.init))
            guard let tree = view.tree, let parts, parts.last?.isFolder == true else {
                throw BuildError("source-missing", at: mount.location, "'\(cache.source)' is no folder there")
            }
            try Files.write(FileTree(upperFolder: parts.parts.reduce(tree.path) { $0.appending($1) }), toNewFolder: new)
        }
        return try await session.cacheMounts.use(cache, beginning: (key.finish().digest.hex, make), now: .current)
    }

    private func prepare(_ mount: RunMount, _ secret: RunMount.Secret, _ ready: inout StepMounts) throws {
        guard let source = session.request.secrets[secret.id] else {
            guard secret.isRequired else { return }
            throw BuildError(
                "secret-missing", at: mount.location, "the step needs the secret '\(secret.id)'", hint: "give it: --secret id=\(secret.id),src=PATH")
        }
        try ready.secret(mount, secret, value: source.value(id: secret.id))
    }

    private func prepare(_ mount: RunMount, _ agent: RunMount.Agent, in folder: FilePath, _ ready: inout StepMounts) async throws {
        guard let source = session.request.sshAgents[agent.id] else {
            guard agent.isRequired else { return }
            throw BuildError(
                "ssh-agent-missing", at: mount.location, "the step needs the SSH agent '\(agent.id)'", hint: "give it: --ssh \(agent.id)")
        }
        let name = "ssh-\(ready.ready.count)"
        let place = folder.appending(name)
        try Files.makeFolder(place)
        let (socket, program) = try await source.agent(in: place)
        ready.agent(mount, try SSHAgent("socket", in: place, to: socket, program: program, mode: agent.mode, owner: agent.owner))
    }
}
