import ImageStore
public import IngotModel
import SystemPackage

extension ImageBuilder {
    /// Finds what has to be built, with what the images below ask for by ONBUILD.
    func plan(
        _ request: BuildRequest, _ dockerfile: Dockerfile, _ globals: GlobalArguments, _ contexts: NamedContexts, _ bases: BaseImages
    ) async throws -> BuildPlan {
        let names = Set(request.namedContexts.keys)
        return try await BuildPlan(dockerfile, globals: globals, target: request.target, contexts: names) { name, platform, location in
            // Files bring nothing with them; that they are no base is told where they are used as one.
            if names.contains(name), try await contexts.source(name) != nil { return [] }
            if let image = try await contexts.image(name, at: location) { return image.configuration.config.onBuild ?? [] }
            return try await bases.image(name, for: platform ?? request.platforms.first, at: location).configuration.config.onBuild ?? []
        }
    }

    /// What is doubtful in the Dockerfile and in the request.
    ///
    /// - Parameter dockerfile: as it was written, without what bases ask for.
    /// - Throws: `BuildError.checksFailed` when the file says that a finding of a check is an error.
    func warnings(_ session: BuildSession, _ dockerfile: Dockerfile) throws(BuildError) -> [Diagnostic] {
        let findings = DockerfileChecks.run(dockerfile, facts: facts(session.request, session.context.rules))
        if findings.contains(where: { $0.severity == .error }) { throw .checksFailed(findings) }
        let file = dockerfile.stages.first?.location.file ?? "Dockerfile"
        return (dockerfile.warnings + findings).inOrder
            + session.globals.unused(in: dockerfile).map { name in
                Diagnostic(.warning, at: SourceLocation(file: file, line: 1, column: 1), "no ARG asks for the build argument '\(name)'")
            }
    }

    /// Looks at the Dockerfile of a request and builds nothing: `--check`.
    ///
    /// - Throws: `BuildError` for mistakes; findings are returned, whatever the file says of their severity.
    public func check(_ request: BuildRequest) async throws -> [Diagnostic] {
        let folder = try BuildFolder(in: self.folder.appending("tmp"))
        defer { folder.remove() }
        let context = try await PreparedContext(request, store: store, folder: folder.path)
        let dockerfile = try BuildInput.dockerfile(of: context)
        let rules = try BuildInput.rules(of: context)
        return (dockerfile.warnings + DockerfileChecks.run(dockerfile, facts: facts(context.request, rules))).inOrder
    }

    private func facts(_ request: BuildRequest, _ rules: IgnoreRules) -> CheckFacts {
        var facts = CheckFacts()
        facts.buildArguments = request.buildArguments
        facts.platform = request.platforms.first ?? .host
        facts.base = baseFacts
        if !rules.isEmpty, !rules.takesBack { facts.isIgnored = { rules.isIgnored($0) } }
        return facts
    }

    /// What an image of the store brings into a stage; `nil` when it is not there.
    @Sendable private func baseFacts(_ name: String) -> BaseFacts? {
        let names = [name, remote?.storeName(of: name)].compactMap { $0 }
        guard let digest = names.lazy.compactMap({ (try? store.resolve($0)) ?? nil }).first,
            let settings = try? store.configuration(of: digest).config
        else { return nil }
        let variables = (settings.environment ?? []).map { String($0.prefix { $0 != "=" }) }
        return BaseFacts(variables: Set(variables), hasShell: settings.shell?.isEmpty == false)
    }
}
