import Engine
public import IngotModel

/// What a user of a simulated service sends and gets.
extension SimulatedWorld {
    /// How long something that a user began goes on.
    public enum Length: Hashable, Sendable {
        /// It is answered at once.
        case none
        /// A request that is answered when its user says so.
        case untilEnded
        /// A stream, until its user or the router closes it.
        case stream
    }

    public struct Admission: Hashable, Sendable {
        public var release: ReleaseNumber
        public var instance: InstanceID
        /// By which it is ended and asked after; `nil` for what was answered at once.
        public var id: Int?
        /// The value of the cookie that the router set.
        public var cookie: String?
    }

    /// Hands a request to an instance as the router does: by its mark, by its cookie, by the split; `nil` when none can take it.
    public mutating func admit(_ environment: EnvironmentID, headers: [String: String], cookies: [String: String], length: Length) -> Admission? {
        guard !isRouterAway, let index = routes.firstIndex(where: { $0.environment == environment }), let route = routes[index].inForce
        else { return nil }
        let isTester = route.testers.map { testers in
            let values = testers.mark.place == .header ? headers : cookies
            return values[testers.mark.name] == testers.mark.value
        }
        let chosen = isTester == true ? route.testers.flatMap { server(of: $0.release, in: index) } : nil
        let visited = route.sticky.flatMap { cookies[$0.name] }.flatMap { Int($0) }.map { ReleaseNumber($0) }.flatMap { release in
            route.split[release] > .none ? server(of: release, in: index) : nil
        }
        guard let position = chosen ?? visited ?? server(for: route.split, in: index) else { return nil }
        let taker = routes[index].servers[position]
        routes[index].hasServed = true
        routes[index].lastRequests[taker.release] = now
        let isSent = route.sticky != nil && isTester != true && route.sticky.flatMap { cookies[$0.name] } != "\(taker.release)"
        var admission = Admission(release: taker.release, instance: taker.id, cookie: isSent ? "\(taker.release)" : nil)
        if length == .none {
            count(of: taker.id, in: index, \.successful)
        } else {
            requestsBegun += 1
            admission.id = requestsBegun
            routes[index].servers[position].requests.append(SimulatedRequest(endsAt: nil, isStream: length == .stream, id: requestsBegun))
        }
        changed.insert(environment)
        return admission
    }

    public func isInFlight(_ id: Int) -> Bool { routes.contains { $0.servers.contains { $0.requests.contains { $0.id == id } } } }

    /// Ends what a user began; it is answered.
    public mutating func endRequest(_ id: Int) {
        for index in routes.indices {
            for position in routes[index].servers.indices {
                guard let place = routes[index].servers[position].requests.firstIndex(where: { $0.id == id }) else { continue }
                routes[index].servers[position].requests.remove(at: place)
                count(of: routes[index].servers[position].id, in: index, \.successful)
                changed.insert(routes[index].environment)
            }
        }
    }

    /// Counts for a server and for its release.
    mutating func count(of server: InstanceID, in index: Int, _ counter: WritableKeyPath<TrafficCount, Int>, _ number: Int = 1) {
        guard let position = routes[index].servers.firstIndex(where: { $0.id == server }) else { return }
        routes[index].servers[position].served[keyPath: counter] += number
        routes[index].count(routes[index].servers[position].release, counter, number)
    }

    /// Counts how long an answer took, for a server and for its release.
    mutating func countTime(_ time: Milliseconds, of server: InstanceID, in index: Int) {
        guard let position = routes[index].servers.firstIndex(where: { $0.id == server }) else { return }
        routes[index].servers[position].served.latencies.add(milliseconds: Double(time.count))
        let release = routes[index].servers[position].release
        guard let counted = routes[index].traffic.firstIndex(where: { $0.release == release }) else { return }
        routes[index].traffic[counted].served.latencies.add(milliseconds: Double(time.count))
    }

    /// A server of a release that can take a request.
    mutating func server(of release: ReleaseNumber, in index: Int) -> Int? {
        let servers = routes[index].servers.indices.filter {
            let server = routes[index].servers[$0]
            return server.release == release && server.state == .active && server.isUp(at: now)
        }
        return generator.pick(Array(servers))
    }
}
