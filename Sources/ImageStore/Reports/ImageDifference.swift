public import IngotModel

/// What another image has, lacks and has otherwise.
public struct ImageDifference: Hashable, Sendable, Codable {
    public struct File: Hashable, Sendable, Codable {
        public var path: String
        /// In bytes; `nil` when the first image has no such file.
        public var sizeBefore: Int?
        public var sizeAfter: Int?
        public var changes: [FileDifference.Change]
    }

    /// A value by name in both: of a package its version, of a setting what it is. `nil` where it is missing.
    public struct Value: Hashable, Sendable, Codable {
        public var name: String
        public var before: String?
        public var after: String?
    }

    /// Added, removed and changed, in canonical order. Times alone are no change: another commit sets them all.
    public var files: [File]
    public var packages: [Value]
    public var configuration: [Value]
    /// The sum of all files' lengths.
    public var sizeBefore: ByteSize
    public var sizeAfter: ByteSize

    public var isEmpty: Bool { files.isEmpty && packages.isEmpty && configuration.isEmpty }

    /// Compares the files and configurations of two images. Reads files, writes nothing.
    public init(
        _ first: FileTree, _ firstConfiguration: ImageConfiguration, _ second: FileTree, _ secondConfiguration: ImageConfiguration
    ) throws {
        files = try FileTree.differences(first, second, comparesTimes: false).map { difference in
            let path = try TreePath.inImage(difference.path.utf8)
            return File(
                path: difference.path, sizeBefore: first.node(at: path)?.size, sizeAfter: second.node(at: path)?.size, changes: difference.changes)
        }
        packages = Self.values(try InstalledPackages.read(first), try InstalledPackages.read(second))
        configuration = Self.values(firstConfiguration.values, secondConfiguration.values)
        sizeBefore = ByteSize(first.contentBytes)
        sizeAfter = ByteSize(second.contentBytes)
    }

    private static func values(_ first: [String: String], _ second: [String: String]) -> [Value] {
        Set(first.keys).union(second.keys).sorted().filter { first[$0] != second[$0] }
            .map { Value(name: $0, before: first[$0], after: second[$0]) }
    }
}

extension ImageStore {
    /// What the second image has, lacks and has otherwise than the first.
    public func difference(_ first: Digest, _ second: Digest) throws -> ImageDifference {
        try withSharedLock {
            let (one, other) = (try image(first), try image(second))
            return try ImageDifference(files(of: one), one.configuration, files(of: other), other.configuration)
        }
    }
}

extension ImageConfiguration {
    /// Every setting by a name that people know: `environment PATH`, `label x`, `entrypoint`.
    var values: [String: String] {
        var values: [String: String] = ["platform": "\(os)/\(architecture)"]
        values["user"] = config.user
        values["entrypoint"] = config.entrypoint.map(Self.words)
        values["command"] = config.command.map(Self.words)
        values["working folder"] = config.workingFolder
        values["stop signal"] = config.stopSignal
        values["shell"] = config.shell.map(Self.words)
        values["health check"] = config.healthcheck.map { "\(Self.words($0.test ?? []))" }
        for entry in config.environment ?? [] {
            let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            values["environment \(parts[0])"] = parts.count == 2 ? String(parts[1]) : ""
        }
        for (name, value) in config.labels ?? [:] { values["label \(name)"] = value }
        for port in (config.exposedPorts ?? [:]).keys { values["port \(port)"] = "exposed" }
        for volume in (config.volumes ?? [:]).keys { values["volume \(volume)"] = "volume" }
        for (index, line) in (config.onBuild ?? []).enumerated() { values["on build \(index + 1)"] = line }
        return values
    }

    private static func words(_ words: [String]) -> String {
        "[" + words.map { "\"\($0)\"" }.joined(separator: ", ") + "]"
    }
}
