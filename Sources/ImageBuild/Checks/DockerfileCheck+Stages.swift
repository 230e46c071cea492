// How stages are named.
extension DockerfileCheck {
    static let stageNameCasing = DockerfileCheck("StageNameCasing") { file, _ in
        file.stages.compactMap(\.writtenName).filter { $0.raw != $0.raw.lowercased() }
            .map { Finding("Stage name '\($0)' should be lowercase", at: $0.location) }
    }

    static let fromAsCasing = DockerfileCheck("FromAsCasing") { file, _ in
        file.stages.compactMap { stage in
            guard let word = stage.asKeyword, let from = KeywordCase(stage.keyword), from.applied(to: word.raw) != word.raw else { return nil }
            return Finding("'\(word)' and '\(stage.keyword)' keywords' casing do not match", at: word.location)
        }
    }

    static let duplicateStageName = DockerfileCheck("DuplicateStageName") { file, _ in
        var seen: Set<String> = []
        return file.stages.compactMap { stage in
            guard let name = stage.name, !seen.insert(name).inserted else { return nil }
            return Finding("Duplicate stage name \"\(name)\", stage names should be unique", at: stage.writtenName?.location ?? stage.location)
        }
    }

    static let reservedStageName = DockerfileCheck("ReservedStageName") { file, _ in
        file.stages.compactMap { stage in
            guard let name = stage.name, ["context", "scratch"].contains(name) else { return nil }
            return Finding("Stage name should not use the same name as reserved stage \"\(name)\"", at: stage.writtenName?.location ?? stage.location)
        }
    }
}

/// Whether a keyword is written in capitals or in small letters.
enum KeywordCase: Hashable {
    case upper, lower

    /// `nil` for `From`.
    init?(_ keyword: String) {
        switch keyword {
        case keyword.lowercased(): self = .lower
        case keyword.uppercased(): self = .upper
        default: return nil
        }
    }

    func applied(to keyword: String) -> String { self == .lower ? keyword.lowercased() : keyword.uppercased() }
}
