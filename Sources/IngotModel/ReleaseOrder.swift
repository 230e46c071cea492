/// Who waits for whom in a release set, as a graph. Pure.
public struct ReleaseOrder: Sendable {
    /// What each member waits for, in the order in which they were written.
    private let members: [(service: ServiceName, after: [ServiceName])]

    /// A member that waits for one that is not there is another mistake, told by itself: here it waits for nobody.
    public init(_ members: [(service: ServiceName, after: [ServiceName])]) {
        let known = Set(members.map(\.service))
        self.members = members.map { ($0.service, $0.after.filter(known.contains)) }
    }

    public init(_ specification: ReleaseSetSpecification) { self.init(specification.members.map { ($0.service, $0.after) }) }

    /// The members that may begin side by side, one group behind the other. Those of a cycle, and those that wait for them, are in none.
    public var waves: [[ServiceName]] {
        var waves: [[ServiceName]] = []
        var placed: Set<ServiceName> = []
        while true {
            let next = members.filter { !placed.contains($0.service) && placed.isSuperset(of: $0.after) }.map(\.service)
            guard !next.isEmpty else { return waves }
            waves.append(next)
            placed.formUnion(next)
        }
    }

    /// Members that wait for each other, each for the next and the last for the first, in as many rounds as have no member in common.
    public var cycles: [[ServiceName]] {
        let placed = Set(waves.joined())
        var rest = Dictionary(members.filter { !placed.contains($0.service) }.map { ($0.service, $0.after) }, uniquingKeysWith: { first, _ in first })
        var cycles: [[ServiceName]] = []
        for start in members.map(\.service) {
            guard let cycle = Self.cycle(from: start, in: rest) else { continue }
            cycles.append(cycle)
            for service in cycle { rest[service] = nil }
        }
        return cycles
    }

    /// Goes from each to the first that it waits for, until it comes back to where it was, or to the end.
    private static func cycle(from start: ServiceName, in rest: [ServiceName: [ServiceName]]) -> [ServiceName]? {
        guard rest[start] != nil else { return nil }
        var way = [start]
        while let next = way.last.flatMap({ rest[$0]?.first { rest[$0] != nil } }) {
            if let first = way.firstIndex(of: next) { return Array(way[first...]) }
            way.append(next)
        }
        return nil
    }
}

extension ReleaseSetSpecification {
    /// What is wrong with the set in itself, whatever services there are; empty when nothing is. The file's reader says the same with
    /// line and column; this is for those who send one without a file.
    public var mistakes: [String] {
        var mistakes: [String] = []
        if members.isEmpty { mistakes.append("it has no member") }
        if members.count > Self.mostMembers { mistakes.append("it has \(members.count) members; at most \(Self.mostMembers) are allowed") }
        if !Self.deadlines.contains(deadline) {
            mistakes.append("its deadline is \(deadline); from \(Self.deadlines.lowerBound) to \(Self.deadlines.upperBound) are allowed")
        }
        guard mistakes.isEmpty else { return mistakes }
        var names: Set<ServiceName> = []
        for member in members where !names.insert(member.service).inserted { mistakes.append("\(member.service) stands in it twice") }
        for member in members {
            for other in member.after where !names.contains(other) {
                mistakes.append("\(member.service) waits for \(other), which is not in it")
            }
        }
        return mistakes + ReleaseOrder(self).cycles.map(Self.words)
    }

    /// `shop waits for search, which waits for shop`
    public static func words(_ cycle: [ServiceName]) -> String {
        guard let first = cycle.first else { return "" }
        guard cycle.count > 1 else { return "\(first) waits for itself" }
        let rest = (cycle.dropFirst() + [first]).map(\.name).joined(separator: ", which waits for ")
        return "\(first) waits for \(rest)"
    }
}
