import IngotModel

/// The name of a server in HAProxy: `r12-0badcafe` is instance 0badcafe of release 12.
///
/// The release is part of it, so that a log record alone says whose request it was.
struct ServerName: Hashable, Comparable, Sendable, CustomStringConvertible {
    var release: ReleaseNumber
    var instance: InstanceID

    init(release: ReleaseNumber, instance: InstanceID) {
        self.release = release
        self.instance = instance
    }

    init?(_ text: some StringProtocol) {
        guard text.first == "r", let hyphen = text.firstIndex(of: "-"),
            let release = Int(text[text.index(after: text.startIndex)..<hyphen]),
            let instance = InstanceID(text: String(text[text.index(after: hyphen)...]))
        else { return nil }
        self.init(release: ReleaseNumber(release), instance: instance)
    }

    var description: String { "r\(release)-\(instance)" }

    static func < (left: Self, right: Self) -> Bool { (left.release, left.instance) < (right.release, right.instance) }
}

/// One of the backends made in advance. Each slot has two: HAProxy's kind of check belongs to the backend.
struct Backend: Hashable, Sendable, CustomStringConvertible {
    enum Check: String, Sendable, CaseIterable {
        /// An HTTP GET of the server's own path.
        case http = "be"
        /// A TCP connection is enough.
        case tcp = "bt"
    }
    var check: Check
    var slot: Int

    init(_ check: Check, slot: Int) {
        self.check = check
        self.slot = slot
    }

    init?(_ name: some StringProtocol) {
        guard let check = Check(rawValue: String(name.prefix(2))), name.dropFirst(2).first == "_", let slot = Int(name.dropFirst(3)),
            slot >= 0
        else { return nil }
        self.init(check, slot: slot)
    }

    var description: String { "\(check.rawValue)_\(slot)" }
}
