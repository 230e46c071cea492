import ImageStore
import IngotModel

// What stands behind FROM.
extension DockerfileCheck {
    static let undefinedArgInFrom = DockerfileCheck("UndefinedArgInFrom") { file, facts in
        let known = GlobalArguments.ownNames.union(file.arguments.map(\.name))
        return readings(file, facts) { [$0.base, $0.platform].compactMap { $0 } }.flatMap { word, reading, _ in
            reading.missing.subtracting(known).sorted().map { name in
                let nearest = NearestWord.to(name, among: known.sorted())
                return Finding("FROM argument '\(name)' is not declared", at: word.location, hint: nearest.map { "did you mean \($0)?" })
            }
        }
    }

    /// Every base is looked at as if no build argument was given.
    static let invalidDefaultArgInFrom = DockerfileCheck("InvalidDefaultArgInFrom") { file, facts in
        var facts = facts
        facts.buildArguments = [:]
        return readings(file, facts) { $0.base.raw.contains("$") ? [$0.base] : [] }.filter { !ImageName.isValid($0.reading.text) }.map { word, _, _ in
            Finding("Default value for ARG \(word) results in empty or invalid base image name", at: word.location)
        }
    }

    static let redundantTargetPlatform = DockerfileCheck("RedundantTargetPlatform") { file, facts in
        readings(file, facts) { $0.platform.map { [$0] } ?? [] }.compactMap { word, reading, _ in
            guard reading.found == ["TARGETPLATFORM"], reading.missing.isEmpty, reading.text == "\(facts.platform)" else { return nil }
            return Finding("Setting platform to predefined \(word) in FROM is redundant as this is the default behavior", at: word.location)
        }
    }

    /// A name that says the platform makes the constant the stage's purpose.
    static let fromPlatformFlagConstDisallowed = DockerfileCheck("FromPlatformFlagConstDisallowed") { file, facts in
        readings(file, facts) { $0.platform.map { [$0] } ?? [] }.compactMap { word, reading, stage in
            guard reading.found.isEmpty, reading.missing.isEmpty, let platform = try? Platform(text: reading.text) else { return nil }
            guard stage.name?.contains(platform.os) != true, stage.name?.contains(platform.architecture) != true else { return nil }
            return Finding("FROM --platform flag should not use constant value \"\(reading.text)\"", at: word.location)
        }
    }

    /// Words of each stage with the global arguments in place. Those that can't be read are the build's to refuse.
    private static func readings(
        _ file: Dockerfile, _ facts: CheckFacts, _ words: (Stage) -> [Word]
    ) -> [(word: Word, reading: VariableExpansion.Reading, stage: Stage)] {
        guard let globals = try? GlobalArguments(file, given: facts.buildArguments, platform: facts.platform) else { return [] }
        let expansion = VariableExpansion(globals.declared, escape: file.escape)
        return file.stages.flatMap { stage in
            words(stage).compactMap { word in (try? expansion.read(word.raw)).map { (word, $0, stage) } }
        }
    }
}
