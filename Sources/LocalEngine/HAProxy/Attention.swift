/// What the router's next look takes in: everything once in a while, else only where HAProxy has said something. A look that comes every few
/// milliseconds, because one environment moves, must not cost what all the others have.
struct Attention: Sendable {
    private var isOnEverything = true
    private var slots: Set<Int> = []

    mutating func turnToEverything() { isOnEverything = true }

    /// Takes up what HAProxy logged of its checks, such as `Health check for server be_3/r1-0badcafe failed, …`. A line that names no
    /// server may be of any.
    mutating func turn(to lines: [ArraySlice<UInt8>]) {
        for line in lines {
            guard let backend = Self.backend(in: line) else { return turnToEverything() }
            slots.insert(backend.slot)
        }
    }

    /// The slots that are to be looked at now, besides those in which something is on its way; `nil` for all. They are forgotten with this.
    mutating func take() -> Set<Int>? {
        defer { self = Attention(nothing: ()) }
        return isOnEverything ? nil : slots
    }

    init() {}
    private init(nothing: Void) { isOnEverything = false }

    private static func backend(in line: ArraySlice<UInt8>) -> Backend? {
        for word in String(decoding: line, as: UTF8.self).split(separator: " ") {
            let parts = word.split(separator: "/", maxSplits: 1)
            guard parts.count == 2, let backend = Backend(parts[0]), ServerName(parts[1].prefix { $0 != "," }) != nil else { continue }
            return backend
        }
        return nil
    }
}
