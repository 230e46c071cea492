import Engine
import IngotModel

/// What HAProxy looks up to send a request to a release whatever the weights say: a lane is the list of servers of a release that can take a
/// request now, in a map that all slots share. Nothing of it is in HAProxy's configuration, so all of it changes at run time.
///
/// | Key | Value |
/// |---|---|
/// | `3.choice` | `1` when there is any of the others |
/// | `3.testers` | `1` when slot 3 looks for testers |
/// | `3.cookie` | the cookie that is taken from requests in slot 3, `3.sticky` the same when it is also set |
/// | `3.t12`, `3.v12` | how many servers the lane of release 12 has, for testers and for visitors |
/// | `3.v12.0` | the lane's first server |
enum Lanes {
    /// - Parameter canTake: whether a server is up and takes part in the traffic.
    static func entries(of environment: RoutedEnvironment, canTake: (ServerName) -> Bool) -> [String: String] {
        let route = environment.route
        var entries: [String: String] = [:]
        func add(_ lane: String, _ release: ReleaseNumber) {
            let servers = route.servers.filter { $0.release == release && $0.state == .active }.map(\.name).filter(canTake).sorted()
            guard !servers.isEmpty else { return }
            entries["\(environment.slot).\(lane)"] = "\(servers.count)"
            for (index, server) in servers.enumerated() { entries["\(environment.slot).\(lane).\(index)"] = "\(server)" }
        }
        if let testers = route.testers {
            entries["\(environment.slot).testers"] = "1"
            add("t\(testers.release)", testers.release)
        }
        if let cookie = environment.cookie { entries["\(environment.slot).cookie"] = cookie }
        if let sticky = route.sticky {
            entries["\(environment.slot).sticky"] = sticky.name
            // Only releases with a share have a lane for visitors, so a cookie that somebody wrote himself opens no other.
            for release in route.split.shares.keys { add("v\(release)", release) }
        }
        if !entries.isEmpty { entries["\(environment.slot).choice"] = "1" }
        return entries
    }

    /// Its part of the map of marks: patterns of what marks a request, and the lane, or what `MarkPattern.visitorParts` says.
    static func marks(of environment: RoutedEnvironment) -> [String: String] {
        var marks: [String: String] = [:]
        if let testers = environment.route.testers { marks[MarkPattern.tester(testers.mark, slot: environment.slot)] = "t\(testers.release)" }
        if let cookie = environment.cookie { marks[MarkPattern.visitor(cookie, slot: environment.slot)] = MarkPattern.visitorParts }
        return marks
    }

    static func belongs(_ key: String, toSlot slot: Int) -> Bool { key.hasPrefix("\(slot).") }

    /// From what a map has to what it is to have. In between, a number never counts more servers than there are: entries come first,
    /// then the numbers, and what is too much goes last.
    static func changes(from known: [String: String], to wanted: [String: String], map: String) -> [RuntimeCommand] {
        let changed = wanted.filter { known[$0.key] != $0.value }.sorted { ($0.key.isCount ? 1 : 0, $0.key) < ($1.key.isCount ? 1 : 0, $1.key) }
        let gone = known.keys.filter { wanted[$0] == nil }.sorted { ($0.isCount ? 0 : 1, $0) < ($1.isCount ? 0 : 1, $1) }
        return changed.map { key, value in
            known[key] == nil ? .addToMap(map, key: key, value: value) : .setInMap(map, key: key, value: value)
        } + gone.map { .deleteFromMap(map, key: $0) }
    }
}

extension String {
    /// `3.v12`, not `3.v12.0`.
    fileprivate var isCount: Bool { utf8.count { $0 == UInt8(ascii: ".") } == 1 }
}
