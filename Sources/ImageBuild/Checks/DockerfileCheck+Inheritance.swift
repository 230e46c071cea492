import IngotModel

// What depends on the stages and images below.
extension DockerfileCheck {
    static let jsonArgsRecommended = DockerfileCheck("JSONArgsRecommended") { file, facts in
        perStage(file, facts, of: { $0?.hasShell ?? false }) { stage, hasShell in
            var hasShell = hasShell
            let findings = stage.instructions.compactMap { instruction -> Finding? in
                switch instruction.kind {
                case .shell: hasShell = true
                case .command(.shell) where !hasShell: return jsonRecommended("CMD", at: instruction.location)
                case .entrypoint(.shell) where !hasShell: return jsonRecommended("ENTRYPOINT", at: instruction.location)
                default: break
                }
                return nil
            }
            return (findings, hasShell)
        }
    }

    private static func jsonRecommended(_ keyword: String, at location: SourceLocation) -> Finding {
        Finding(
            "JSON arguments recommended for \(keyword) to prevent unintended behavior related to OS signals", at: location,
            hint: "\(keyword) [\"program\", \"argument\"]")
    }

    /// The first WORKDIR of the file that a stage goes through has to be absolute: the base's own may change.
    static let workdirRelativePath = DockerfileCheck("WorkdirRelativePath") { file, facts in
        perStage(file, facts, of: { _ in false }) { stage, isSet in
            let folders = stage.instructions.compactMap { if case .workingFolder(let word) = $0.kind { word } else { nil } }
            guard !isSet, let first = folders.first else { return ([], isSet || !folders.isEmpty) }
            let isRelative = first.raw.first.map { !"/$\"'".contains($0) } ?? false
            let message = "Relative workdir \"\(first)\" can have unexpected results if the base image changes"
            return (isRelative ? [Finding(message, at: first.location)] : [], true)
        }
    }

    /// Of a base that is not known, no variable is called undefined.
    static let undefinedVar = DockerfileCheck("UndefinedVar") { file, facts in
        guard let globals = try? GlobalArguments(file, given: facts.buildArguments, platform: facts.platform) else { return [] }
        return perStage(file, facts, of: { $0.map(\.variables) }) { stage, inherited in
            guard let inherited else { return ([], nil) }
            var scope = VariableScope(known: inherited.union(["PATH"]), globals: globals, escape: file.escape)
            let findings = stage.instructions.flatMap { scope.findings($0) }
            return (findings, scope.known)
        }
    }

    /// Goes through the stages with what each takes over: of a stage above, or of an image.
    private static func perStage<Inherited>(
        _ file: Dockerfile, _ facts: CheckFacts, of base: (BaseFacts?) -> Inherited, _ find: (Stage, Inherited) -> ([Finding], Inherited)
    ) -> [Finding] {
        guard let globals = try? GlobalArguments(file, given: facts.buildArguments, platform: facts.platform) else { return [] }
        let expansion = VariableExpansion(globals.declared, escape: file.escape)
        var left: [String: Inherited] = [:]
        return file.stages.flatMap { stage in
            let name = (try? expansion.expand(stage.base.raw)) ?? stage.base.raw
            let inherited = left[name.lowercased()] ?? base(name == "scratch" ? BaseFacts(variables: []) : facts.base(name))
            let (findings, result) = find(stage, inherited)
            if let name = stage.name { left[name] = result }
            return findings
        }
    }
}
