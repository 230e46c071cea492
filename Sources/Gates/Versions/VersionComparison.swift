/// How a version lies to another.
public enum VersionComparison: String, Hashable, Sendable {
    case older, same, newer

    init<Value: Comparable>(_ left: Value, _ right: Value) { self = left < right ? .older : right < left ? .newer : .same }

    /// What decides is what differs first.
    func then(_ next: @autoclosure () -> VersionComparison) -> VersionComparison { self == .same ? next() : self }

    var reversed: VersionComparison {
        switch self {
        case .older: .newer
        case .same: .same
        case .newer: .older
        }
    }

    /// Compares item by item; `filler` stands for what the shorter one lacks.
    static func itemwise<Item>(
        _ left: [Item], _ right: [Item], filler: Item, by compare: (Item, Item) -> VersionComparison
    ) -> VersionComparison {
        for index in 0..<max(left.count, right.count) {
            let item = compare(index < left.count ? left[index] : filler, index < right.count ? right[index] : filler)
            guard item == .same else { return item }
        }
        return .same
    }

    /// By bytes; what ends first is older.
    static func bytewise(_ left: some Sequence<UInt8>, _ right: some Sequence<UInt8>) -> VersionComparison {
        if left.lexicographicallyPrecedes(right) { return .older }
        return right.lexicographicallyPrecedes(left) ? .newer : .same
    }
}
