import Glibc
public import SystemPackage

/// Where the value of a secret comes from. It is read when a step needs it, and kept nowhere.
public enum BuildSecret: Hashable, Sendable {
    case file(FilePath)
    /// A variable of this process.
    case environment(String)
    /// Neither was said: the variable of the secret's name, else the file of that name.
    case named(String)

    /// The largest value. Source: BuildKit, `session/secrets`, `MaxSecretSize`.
    static let largestValue = 500 << 10

    /// `id=NAME,src=PATH`, `id=NAME,env=NAME` or `id=NAME`, as `--secret` takes it.
    public static func parse(_ text: String) throws(BuildError) -> (id: String, secret: BuildSecret) {
        let options = try FlagOptions(text, flag: "--secret", known: ["id", "src", "source", "env", "type"])
        let path = options["src"] ?? options["source"]
        guard let id = options["id"] ?? path, !id.isEmpty else {
            throw options.mistake("it has no id", remedy: "write id=NAME,src=PATH or id=NAME,env=NAME")
        }
        switch (options["type"], path, options["env"]) {
        case (nil, let path?, nil), ("file", let path?, nil): return (id, .file(FilePath(path)))
        case (nil, nil, let name?), ("env", nil, let name?), ("env", let name?, nil): return (id, .environment(name))
        case ("env", nil, nil): return (id, .environment(id))
        case ("file", nil, nil): return (id, .file(FilePath(id)))
        case (nil, nil, nil): return (id, .named(id))
        default: throw options.mistake("it names both a file and a variable, or an unknown type", remedy: "name one source")
        }
    }

    /// Throws when the file can't be read or the variable is not set: the user has said that it is there.
    func value(id: String) throws(BuildError) -> [UInt8] {
        switch self {
        case .file(let path): return try Self.read(path, id)
        case .environment(let name):
            guard let value = Self.variable(name) else {
                throw BuildError(
                    "secret-missing", "the variable \(name), which is to hold the secret '\(id)', is not set", remedy: "set and export it")
            }
            return try Self.checked(value, id)
        case .named(let name):
            if let value = Self.variable(name) { return try Self.checked(value, id) }
            return try Self.read(FilePath(name), id)
        }
    }

    private static func variable(_ name: String) -> [UInt8]? { getenv(name).map { Array(String(cString: $0).utf8) } }

    private static func read(_ path: FilePath, _ id: String) throws(BuildError) -> [UInt8] {
        guard let value = try Files.read(path, limit: largestValue) else {
            throw BuildError(
                "secret-missing", "there is no file \(path), which is to hold the secret '\(id)'", remedy: "name it with --secret id=\(id),src=PATH")
        }
        return value
    }

    private static func checked(_ value: [UInt8], _ id: String) throws(BuildError) -> [UInt8] {
        guard value.count <= largestValue else { throw BuildError("secret-too-large", "the secret '\(id)' is larger than \(largestValue) bytes") }
        return value
    }
}
