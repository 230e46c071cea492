/// A stretch of affected versions, as the events that begin and end it.
public struct AffectedRange: Sendable {
    public enum Kind: UInt8, Hashable, Sendable {
        // In the order in which events at the same version take effect: in doubt the version is affected.
        case fixed, introduced, lastAffected, limit
    }

    public struct Event: Sendable {
        public var kind: Kind
        public var version: Version
        /// `introduced: 0`: before every version.
        var isBeginning: Bool { kind == .introduced && version.text == "0" }
    }

    /// In the order of their versions.
    public let events: [Event]
    private let limits: [Event]
    /// A version that could not be read.
    private let unreadable: String?

    public init(_ events: [(kind: Kind, version: String)], order: VersionOrder) {
        var all = events.map { Event(kind: $0.kind, version: order.version($0.version)) }
        // Without a beginning it is malformed, and begins at the beginning.
        if !all.contains(where: { $0.kind == .introduced }) {
            all.append(Event(kind: .introduced, version: order.version("0")))
        }
        unreadable = all.first { !$0.isBeginning && !($0.kind == .limit && $0.version.text == "*") && !$0.version.isValid }?.version.text
        limits = all.filter { $0.kind == .limit && $0.version.text != "*" }
        self.events = all.filter { $0.kind != .limit }.sorted(by: Self.isBefore)
    }

    private static func isBefore(_ left: Event, _ right: Event) -> Bool {
        guard left.isBeginning == right.isBeginning else { return left.isBeginning }
        // A range with what can't be read is never evaluated; its order only has to be one.
        guard left.version.isValid == right.version.isValid else { return left.version.isValid }
        switch left.version.compared(to: right.version) {
        case .older: return true
        case .newer: return false
        case .same, nil: return left.kind.rawValue < right.kind.rawValue
        }
    }

    /// Every event, also the limits, as it was given.
    var allEvents: [Event] { events + limits }

    func verdict(on version: Version) -> Advisory.Verdict {
        if let unreadable { return .unreadable(unreadable) }
        guard limits.isEmpty || limits.contains(where: { version.compared(to: $0.version) == .older }) else { return .notAffected }
        var isAffected = false
        var fix: String?
        for event in events {
            let comparison = event.isBeginning ? .newer : version.compared(to: event.version)
            switch event.kind {
            case .introduced where comparison != .older: isAffected = true
            case .fixed where comparison != .older: isAffected = false
            case .lastAffected where comparison == .newer: isAffected = false
            case .fixed where isAffected && fix == nil: fix = event.version.text
            default: break
            }
        }
        return isAffected ? .affected(fixedBy: fix) : .notAffected
    }
}
