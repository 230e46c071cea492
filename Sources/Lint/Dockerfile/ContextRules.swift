import ImageBuild
import IngotModel

/// What gets into the image, and how often.
enum ContextRules {
    static let ignoreFile = LintCheck<DockerfileSubject>(
        LintRule(
            .dockerfile, 24, .warning, "Everything is copied, and nothing left out",
            because: "Without `.dockerignore`, COPY of the whole folder takes `.git`, local settings and secrets along, and any change there makes "
                + "another image.",
            fix: "Write a `.dockerignore`, or copy what is needed by name.")
    ) { subject in
        guard subject.hasIgnoreFile == false else { return [] }
        return subject.copies.filter { $0.copy.from == nil }.flatMap { copy, _ in
            copy.sources.filter { [".", "./", "*", "/"].contains($0.raw) && copy.excludes.isEmpty }.map {
                LintHit("the whole context is copied, and there is no .dockerignore", at: .source($0.location))
            }
        }
    }

    static let copiedTwice = LintCheck<DockerfileSubject>(
        LintRule(
            .dockerfile, 25, .warning, "Files are in the image twice",
            because: "Changing owner or mode of a file in another layer copies all of it: the image holds both.",
            fix: "Set them where the files come from: `COPY --chown=10001:10001 --chmod=0755 …`.")
    ) { subject in
        subject.imageStages.flatMap { stage in
            var copied: [String] = []
            var folder = "/"
            return stage.instructions.compactMap { instruction -> LintHit? in
                switch instruction.kind {
                case .workingFolder(let word): folder = DockerfileSubject.joined(folder, word.raw)
                case .copy(let copy): copied.append(DockerfileSubject.joined(folder, copy.destination.raw))
                case .run: return subject.scripts[instruction.location].flatMap { rewrite($0, of: copied, in: folder) }
                default: break
                }
                return nil
            }
        }
    }

    private static func rewrite(_ run: RunScript, of copied: [String], in folder: String) -> LintHit? {
        for command in run.commands where ["chown", "chmod", "chgrp"].contains(command.name) {
            let isDeep = command.arguments.contains { $0 == "--recursive" || ($0.hasPrefix("-") && !$0.hasPrefix("--") && $0.contains("R")) }
            for path in command.operands.dropFirst() where isDeep {
                let target = DockerfileSubject.joined(folder, path)
                guard copied.contains(where: { $0 == target || $0.hasPrefix(target + "/") || target.hasPrefix($0 + "/") }) else { continue }
                return run.finding("`\(command.name) -R \(path)` writes again what COPY put there")
            }
        }
        return nil
    }

    static let compilers = LintCheck<DockerfileSubject>(
        LintRule(
            .dockerfile, 26, .warning, "Compilers stay in the image",
            because: "The service does not need them; they are most of many an image, and the best tool an intruder can find.",
            fix: "Build in a stage of its own, and copy only what it made: `COPY --from=build /app /app`.")
    ) { subject in
        let base = subject.imageStages.first
        let fromBase = base.flatMap { stage in
            subject.baseImage.flatMap { name in
                BuildTools.isToolImage(name) ? LintHit("the image stands on '\(name)'", at: .source(stage.base.location)) : nil
            }
        }
        return [fromBase].compactMap { $0 }
            + subject.imageRuns.compactMap { run in
                let commands = run.packageCommands.filter(\.isOfSystem)
                let removed = Set(commands.filter { ["purge", "remove", "autoremove", "del", "erase"].contains($0.verb) }.flatMap(\.packages))
                let isVirtual = commands.contains { $0.manager == .apk && $0.has("-t", "--virtual") } && !removed.isEmpty
                let tools = commands.filter(\.installs).flatMap(\.packages).filter { BuildTools.packages.contains($0) && !removed.contains($0) }
                guard !tools.isEmpty, !isVirtual else { return nil }
                return run.finding("\(tools.joined(separator: ", ")) installed in the image itself")
            }
    }

    static let volume = LintCheck<DockerfileSubject>(
        LintRule(
            .dockerfile, 27, .warning, "State on the local disk",
            because:
                "Instances are replaced at every release, and what one has written is gone with it. A volume in the image says that it was "
                + "counted on.",
            fix: "Keep state in a database, a queue or an object store; for scratch files use `run.writable`.")
    ) { subject in
        subject.imageInstructions.flatMap { instruction -> [LintHit] in
            guard case .volume(let words) = instruction.kind else { return [] }
            return words.map { LintHit("VOLUME \($0) is expected to last", at: .source($0.location)) }
        }
    }
}

/// What builds software, by the names that packages and images have.
enum BuildTools {
    static let packages: Set<String> = [
        "build-essential", "gcc", "g++", "cpp", "clang", "make", "cmake", "build-base", "automake", "autoconf", "golang", "golang-go", "go", "rustc",
        "cargo",
        "gcc-c++", "default-jdk", "default-jdk-headless", "maven", "gradle", "musl-dev", "libc6-dev", "python3-dev", "ghc", "fpc", "nasm", "dpkg-dev",
    ]

    private static let images: Set<String> = ["golang", "rust", "gcc", "maven", "gradle", "haskell", "buildpack-deps"]

    /// By the last part of the name; `-slim` and its like of such an image still has the compiler.
    static func isToolImage(_ name: String) -> Bool {
        let repository = name.prefix { $0 != "@" }.split(separator: "/").last?.prefix { $0 != ":" } ?? ""
        return images.contains(String(repository)) || (repository == "sdk" && name.contains("dotnet/"))
    }
}
