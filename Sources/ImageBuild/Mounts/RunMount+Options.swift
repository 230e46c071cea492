import IngotModel

extension RunMount {
    /// - Parameter folder: the working folder, below which a relative target is.
    init(_ flag: MountFlag, _ expansion: VariableExpansion, workingFolder folder: String) throws(BuildError) {
        let options = MountOptions(flag: flag, expansion: expansion)
        location = flag.location
        hasOrigin = flag.options["from"] != nil
        let target = try Self.target(options, below: folder)
        switch flag.kind {
        case .bind:
            kind = .bind(source: try options.text("source") ?? "/", isReadOnly: try !Self.isWritable(options, otherwise: false))
            self.target = try Self.required(target, options)
        case .cache:
            self.target = try Self.required(target, options)
            kind = .cache(try Self.cache(options, target: self.target))
        case .tmpfs:
            self.target = try Self.required(target, options)
            kind = .memory(size: try options.size())
        case .secret:
            let secret = try Self.secret(options, target: target)
            kind = .secret(secret)
            self.target = target ?? "/run/secrets/\(Self.name(secret.id))"
        case .ssh:
            let agent = try Self.agent(options)
            kind = .agent(agent)
            self.target = target ?? "/run/buildkit/ssh_agent.\(Self.name(agent.id))"
        }
    }

    private static func target(_ options: MountOptions, below folder: String) throws(BuildError) -> String? {
        guard let text = try options.text("target"), !text.isEmpty else { return nil }
        let parts = ExpandedCopy.parts(text, below: folder)
        guard !RelativePath.parts(parts.joined(separator: "/")).isEmpty else { throw options.invalid("target", "it is the root of the image") }
        return "/" + parts.joined(separator: "/")
    }

    private static func required(_ target: String?, _ options: MountOptions) throws(BuildError) -> String {
        guard let target else { throw options.missing("target") }
        return target
    }

    /// `readonly`, or its opposite `readwrite`.
    private static func isWritable(_ options: MountOptions, otherwise: Bool) throws(BuildError) -> Bool {
        let readOnly = try options.boolean("readonly")
        let writable = try options.boolean("readwrite")
        if let readOnly, let writable, readOnly == writable { throw options.invalid("readonly", "it says the opposite of readwrite") }
        return writable ?? readOnly.map { !$0 } ?? otherwise
    }

    private static func cache(_ options: MountOptions, target: String) throws(BuildError) -> Cache {
        let id = try options.text("id") ?? ""
        let user = try options.identifier("uid")
        let group = try options.identifier("gid")
        return Cache(
            id: id.isEmpty ? target : id, sharing: try options.word("sharing") ?? .shared, source: try options.text("source") ?? "/",
            isReadOnly: try !isWritable(options, otherwise: true), mode: try options.mode(),
            owner: user == nil && group == nil ? nil : FileOwner(user: user ?? 0, group: group ?? 0))
    }

    private static func secret(_ options: MountOptions, target: String?) throws(BuildError) -> Secret {
        let source = try options.text("source")
        let given = try options.text("id") ?? source ?? ""
        let id = given.isEmpty ? target.map { name($0) } ?? "" : given
        guard !id.isEmpty else { throw options.missing("id") }
        let variable = try options.text("env")
        if let variable, variable.isEmpty || variable.contains("=") {
            throw options.invalid("env", "'\(variable.prefix(40))' is no name of a variable")
        }
        return Secret(
            id: id, isFile: variable == nil || target != nil, variable: variable, isRequired: try options.boolean("required") ?? false,
            mode: try options.mode() ?? 0o400, owner: try owner(options))
    }

    private static func agent(_ options: MountOptions) throws(BuildError) -> Agent {
        let id = try options.text("id") ?? ""
        return Agent(
            id: id.isEmpty ? "default" : id, isRequired: try options.boolean("required") ?? false, mode: try options.mode() ?? 0o600,
            owner: try owner(options))
    }

    private static func owner(_ options: MountOptions) throws(BuildError) -> FileOwner {
        FileOwner(user: try options.identifier("uid") ?? 0, group: try options.identifier("gid") ?? 0)
    }

    /// The last name of a path.
    private static func name(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? "" }
}
