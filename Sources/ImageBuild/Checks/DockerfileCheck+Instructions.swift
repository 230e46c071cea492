import IngotModel

// What instructions of a stage say, each by itself.
extension DockerfileCheck {
    static let maintainerDeprecated = DockerfileCheck("MaintainerDeprecated") { file, _ in
        file.stages.flatMap(\.instructions).compactMap { instruction in
            guard case .maintainer = instruction.kind else { return nil }
            return Finding(
                "Maintainer instruction is deprecated in favor of using label", at: instruction.location,
                hint: "LABEL org.opencontainers.image.authors=\"…\"")
        }
    }

    static let legacyKeyValueFormat = DockerfileCheck("LegacyKeyValueFormat") { file, _ in
        file.stages.flatMap(\.instructions).flatMap { instruction -> [Finding] in
            let (keyword, pairs): (String, [NamedWord]) =
                switch instruction.kind {
                case .environment(let pairs): ("ENV", pairs)
                case .label(let pairs): ("LABEL", pairs)
                default: ("", [])
                }
            return pairs.filter(\.isOldForm).map {
                Finding("\"\(keyword) key=value\" should be used instead of legacy \"\(keyword) key value\" format", at: $0.name.location)
            }
        }
    }

    static let secretsUsedInArgOrEnv = DockerfileCheck("SecretsUsedInArgOrEnv") { file, _ in
        file.stages.flatMap(\.instructions).flatMap { instruction -> [Finding] in
            let names: [(keyword: String, name: String, location: SourceLocation)] =
                switch instruction.kind {
                case .argument(let declarations): declarations.map { ("ARG", $0.name, $0.location) }
                case .environment(let pairs): pairs.map { ("ENV", $0.name.raw, $0.name.location) }
                default: []
                }
            return names.filter { isSecret($0.name) }.map {
                Finding(
                    "Do not use ARG or ENV instructions for sensitive data (\($0.keyword) \"\($0.name)\")", at: $0.location,
                    hint: "RUN --mount=type=secret,id=… leaves nothing in the image")
            }
        }
    }

    /// By the words between underscores.
    static func isSecret(_ name: String) -> Bool {
        let words = Set(name.lowercased().split(separator: "_").map(String.init))
        let secret: Set<String> = ["apikey", "auth", "credential", "credentials", "key", "password", "pword", "passwd", "secret", "token"]
        return !words.isDisjoint(with: secret) && words.isDisjoint(with: ["public", "file", "version"])
    }

    /// The one before is told: it is what has no effect.
    static let multipleInstructionsDisallowed = DockerfileCheck("MultipleInstructionsDisallowed") { file, _ in
        file.stages.flatMap { stage in
            ["CMD", "ENTRYPOINT", "HEALTHCHECK"].flatMap { (keyword: String) -> [Finding] in
                stage.instructions.filter { $0.kind.singleKeyword == keyword }.dropLast().map {
                    Finding(
                        "Multiple \(keyword) instructions should not be used in the same stage because only the last one will be used",
                        at: $0.location)
                }
            }
        }
    }

    static let exposeProtoCasing = DockerfileCheck("ExposeProtoCasing") { file, _ in
        ports(file).filter { $0.ports.writtenTransport != $0.ports.writtenTransport.lowercased() }.map { word, _ in
            Finding("Defined protocol '\(word)' in EXPOSE instruction should be lowercase", at: word.location)
        }
    }

    static let exposeInvalidFormat = DockerfileCheck("ExposeInvalidFormat") { file, _ in
        ports(file).filter(\.ports.hasHostPart).map { word, _ in
            Finding("EXPOSE instruction should not define an IP address or host-port mapping, found '\(word)'", at: word.location)
        }
    }

    /// Those without variables.
    private static func ports(_ file: Dockerfile) -> [(word: Word, ports: ExposedPorts)] {
        file.stages.flatMap(\.instructions).flatMap { instruction -> [(Word, ExposedPorts)] in
            guard case .expose(let words) = instruction.kind else { return [] }
            return words.compactMap { word in ExposedPorts(word.raw).map { (word, $0) } }
        }
    }

    static let copyIgnoredFile = DockerfileCheck("CopyIgnoredFile", isExperimental: true) { file, facts in
        guard let isIgnored = facts.isIgnored else { return [] }
        return file.stages.flatMap(\.instructions).flatMap { instruction -> [Finding] in
            guard case .copy(let copy) = instruction.kind, copy.from == nil else { return [] }
            let verb = copy.keyword == .copy ? "Copy" : "Add"
            return copy.sources.filter { !$0.raw.contains("$") && !$0.raw.contains("://") && isIgnored(RelativePath.clean($0.raw)) }.map {
                Finding("Attempting to \(verb) file \"\($0)\" that is excluded by .dockerignore", at: $0.location)
            }
        }
    }
}

extension Instruction.Kind {
    /// The keyword of an instruction of which the last one of a stage counts.
    fileprivate var singleKeyword: String? {
        switch self {
        case .command: "CMD"
        case .entrypoint: "ENTRYPOINT"
        case .healthCheck: "HEALTHCHECK"
        default: nil
        }
    }
}
