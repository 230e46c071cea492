import IngotModel

// How the file is written down.
extension DockerfileCheck {
    static let noEmptyContinuation = DockerfileCheck("NoEmptyContinuation") { file, _ in
        file.emptyContinuations.map { Finding("Empty continuation line", at: $0, hint: "take the line away, or make it a comment") }
    }

    /// The case of most instructions counts; capitals when there are as many of both. ARG before FROM is left aside.
    static let consistentInstructionCasing = DockerfileCheck("ConsistentInstructionCasing") { file, _ in
        guard let first = file.stages.first?.location.line else { return [] }
        let keywords = file.keywords.filter { $0.location.line >= first }
        let cases = keywords.compactMap { KeywordCase($0.raw) }
        let majority: KeywordCase = cases.count { $0 == .lower } > cases.count { $0 == .upper } ? .lower : .upper
        return keywords.filter { majority.applied(to: $0.raw) != $0.raw }.map {
            let name = majority == .lower ? "lowercase" : "uppercase"
            return Finding("Command '\($0)' should match the case of the command majority (\(name))", at: $0.location)
        }
    }

    /// A comment right before a stage or an argument is its description, and begins with its name.
    static let invalidDefinitionDescription = DockerfileCheck("InvalidDefinitionDescription", isExperimental: true) { file, _ in
        let stages = file.stages.compactMap { stage in
            stage.name.flatMap { description("FROM", of: [$0], comment: stage.comment, at: stage.location) }
        }
        let declarations =
            [file.arguments]
            + file.stages.flatMap(\.instructions).compactMap { if case .argument(let list) = $0.kind { list } else { nil } }
        return stages + declarations.flatMap(descriptions)
    }

    /// Declarations of one ARG share their comment.
    private static func descriptions(_ declarations: [ArgumentDeclaration]) -> [Finding] {
        var seen: Set<String> = []
        return declarations.compactMap { declaration in
            guard let comment = declaration.comment, seen.insert(comment).inserted else { return nil }
            let names = declarations.filter { $0.comment == comment }.map(\.name)
            return description("ARG", of: names, comment: comment, at: declaration.location)
        }
    }

    private static func description(_ keyword: String, of names: [String], comment: String?, at location: SourceLocation) -> Finding? {
        guard let first = comment?.split(separator: " ").first, !names.contains(String(first)) else { return nil }
        let example = names.count == 1 ? names[0] : "<arg_key>"
        return Finding(
            "Comment for \(keyword) should follow the format: `# \(example) <description>`", at: location,
            hint: "add an empty line below the comment if it is no description")
    }
}
