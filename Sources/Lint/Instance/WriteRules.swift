import IngotModel

/// What an instance wrote and ran.
enum WriteRules {
    static let launch = LintCheck<InstanceSubject>(
        LintRule(
            .instance, 1, .error, "The instance is put together while it runs",
            because: "What is installed or downloaded then is in no image: instances of one release differ, and what was tested is not what runs.",
            fix: "Do it in a RUN of the build. What differs between environments is configuration: `run.configuration` in ingot.yaml.")
    ) { subject in
        (subject.writes?.programs ?? []).filter { LaunchCommand($0.command).changesInstance }.map { program in
            subject.hit("'\(program.command.prefix(100))' ran \(program.moment == .start ? "before it was ready" : "while it served")")
        }
    }

    static let startFiles = LintCheck<InstanceSubject>(
        LintRule(
            .instance, 2, .warning, "Files are written at the start",
            because:
                "An instance of a release can't write to its root: what is written there at the start is refused, or missing. What is the same at every "
                + "start belongs into the image.",
            fix: "Make the files in a RUN of the build (`python3 -m compileall`, a configuration file), or name a folder under `run.writable`.")
    ) { subject in
        let files = subject.writtenFiles.filter { $0.place == .root && $0.moments.contains(.start) && !$0.isState && !$0.isLog }
        return files.first.map { [subject.hit(named(files), path: $0.path)] } ?? []
    }

    static let state = LintCheck<InstanceSubject>(
        LintRule(
            .instance, 3, .warning, "State on the local disk",
            because: "What an instance writes is gone with it, and each instance has its own: two users see two truths.",
            fix: "Keep state in a database, a queue or an object store.")
    ) { subject in
        let files = subject.writtenFiles.filter { $0.isState || ($0.place == .root && $0.moments == [.service] && !$0.isLog) }
        return files.first.map { [subject.hit(named(files), path: $0.path)] } ?? []
    }

    static let logs = LintCheck<InstanceSubject>(
        LintRule(
            .instance, 4, .warning, "Logs are written to files",
            because: "Nobody collects them: they are gone with the instance, and fill its memory meanwhile.",
            fix: "Write logs to standard output; `ingot logs` shows them.")
    ) { subject in
        let files = subject.writtenFiles.filter(\.isLog)
        return files.first.map { [subject.hit(named(files), path: $0.path)] } ?? []
    }

    static let incomplete = LintCheck<InstanceSubject>(
        LintRule(
            .instance, 5, .warning, "Not everything that was written was kept",
            because: "What was not looked at may be anything.",
            fix: "Write fewer files, or write them below a folder of `run.writable` that is looked at by a test of its own.")
    ) { subject in
        guard let omitted = subject.writes?.omittedPaths, omitted > 0 else { return [] }
        return [subject.hit("\(omitted) or more paths beyond the first \(WriteRecord.keptPaths) are not known")]
    }

    private static func named(_ files: [WriteRecord.Path]) -> String {
        let names = files.prefix(ImageLimits.names).map(\.path).joined(separator: ", ")
        return files.count > ImageLimits.names ? "\(names) and \(files.count - ImageLimits.names) more" : names
    }
}
