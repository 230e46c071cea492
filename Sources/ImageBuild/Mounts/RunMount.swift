import IngotModel

/// One `RUN --mount` whose variables are filled in and whose values are checked.
///
/// Source: Dockerfile reference, "RUN --mount"; BuildKit, `frontend/dockerfile/instructions/commands_runmount.go`.
struct RunMount: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        /// Files of the context, or of `from`. What is written to a mount that is not read-only is thrown away.
        case bind(source: String, isReadOnly: Bool)
        case cache(Cache)
        case memory(size: ByteSize?)
        case secret(Secret)
        case agent(Agent)
    }

    struct Cache: Hashable, Sendable {
        var id: String
        var sharing: Sharing
        /// Below `from`, which the cache begins as a copy of; without `from` it begins empty.
        var source: String
        var isReadOnly: Bool
        /// Of the folder, when it is made; `nil` leaves it as `from` has it, or 0755 of root.
        var mode: UInt16?
        var owner: FileOwner?
    }

    enum Sharing: String, Hashable, Sendable, CaseIterable {
        /// Several steps at once.
        case shared
        /// A step that finds it in use gets another.
        case `private`
        /// One step after the other.
        case locked
    }

    struct Secret: Hashable, Sendable {
        var id: String
        /// Whether there is a file. Not when the value goes only into a variable.
        var isFile: Bool
        /// The variable that holds the value.
        var variable: String?
        var isRequired: Bool
        var mode: UInt16
        var owner: FileOwner
    }

    struct Agent: Hashable, Sendable {
        var id: String
        var isRequired: Bool
        var mode: UInt16
        var owner: FileOwner
    }

    var kind: Kind
    /// Absolute in the image, as written: links are resolved when it is mounted.
    var target: String
    /// Where files come from, when not from the context.
    var hasOrigin: Bool
    var location: SourceLocation

    /// What of the files that it comes from it needs.
    var source: String? {
        switch kind {
        case .bind(let source, _): source
        case .cache(let cache): cache.source
        case .memory, .secret, .agent: nil
        }
    }

    /// The declaration as a key sees it: neither what a cache holds, nor a secret's value, nor who answers a socket.
    func append(to key: inout CacheKey.Builder) {
        key.append(target)
        key.append(hasOrigin ? 1 : 0)
        switch kind {
        case .bind(let source, let isReadOnly): key.append(["bind", source, "\(isReadOnly)"])
        case .cache(let cache): key.append(["cache", cache.id, cache.source, "\(cache.isReadOnly)"])
        case .memory(let size): key.append(["tmpfs", size.map { "\($0.bytes)" } ?? ""])
        case .secret(let secret):
            key.append(["secret", secret.id, "\(secret.isFile)", secret.variable ?? "", "\(secret.mode)"])
            secret.owner.append(to: &key)
        case .agent(let agent):
            key.append(["ssh", agent.id, "\(agent.mode)"])
            agent.owner.append(to: &key)
        }
    }
}

extension FileOwner {
    func append(to key: inout CacheKey.Builder) {
        key.append(Int(user))
        key.append(Int(group))
    }
}
