import Engine
import IngotModel

// Streams: what goes on without an end, told from requests and ended by deadlines of its own.
extension RouterConformance {
    public func tellsStreamsFromRequests() async throws {
        try await serve(by: first)
        let stream = try await user.openStream()
        try await waitForFlight(requests: 0, streams: 1, at: first)
        let request = try await user.beginRequest()
        try await waitForFlight(requests: 1, streams: 1, at: first)
        try await request.end()
        try await waitForFlight(requests: 0, streams: 1, at: first)
        try await stream.end()
        try await waitForFlight(requests: 0, streams: 0, at: first)
    }

    /// Draining alone closes nothing.
    public func keepsStreamsOfADrainingServer() async throws {
        try await serve(by: first)
        let stream = try await user.openStream()
        try await waitForFlight(requests: 0, streams: 1, at: first)
        try await router.apply(route(2, .all(to: second.release), [first.being(.draining), second]))
        try await waitForHealth(.draining, of: first)
        let release = try await release(of: user.ask(headers: [:], cookies: [:]))
        try require(release == second.release, "a draining server gets no request; release \(release) answered")
        try await waitForFlight(requests: 0, streams: 1, at: first)
        let isOpen = try await stream.isOpen()
        try require(isOpen, "a stream stays open while its server drains")
        try await stream.end()
        try await waitForFlight(requests: 0, streams: 0, at: first)
    }

    /// Streams beyond the limit are closed, the oldest first, and counted as closed and nothing else.
    public func closesTheOldestStreams() async throws {
        try await serve(by: first)
        let before = try await served(first.release)
        var streams: [any OngoingExchange] = []
        for count in 1...3 {
            streams.append(try await user.openStream())
            try await waitForFlight(requests: 0, streams: count, at: first)
        }
        for (generation, limit) in [(2, 2), (3, 0)] {
            try await router.apply(
                route(
                    generation, .all(to: second.release), [first.being(.draining), second],
                    streamLimits: [StreamLimit(release: first.release, most: limit)]))
            try await waitForFlight(requests: 0, streams: limit, at: first)
            for (index, stream) in streams.enumerated() {
                let isLeft = index >= 3 - limit
                try await patience.wait(for: "stream \(index + 1) of 3 to be \(isLeft ? "open" : "closed") with a limit of \(limit)") {
                    try await stream.isOpen() == isLeft
                }
            }
            try await patience.wait(for: "\(3 - limit) closed streams to be counted") {
                try await served(first.release).streamsClosed - before.streamsClosed == 3 - limit
            }
        }
        let failed = try await served(first.release).failed - before.failed
        try require(failed == 0, "a stream that was closed is no failure; \(failed) were counted")
    }

    /// A server that is cut loses its streams too; they are counted as closed.
    public func closesStreamsWhenItCuts() async throws {
        try await serve(by: first)
        let before = try await served(first.release)
        let stream = try await user.openStream()
        try await waitForFlight(requests: 0, streams: 1, at: first)
        try await router.apply(route(2, .all(to: second.release), [first.being(.cutting), second]))
        try await waitForFlight(requests: 0, streams: 0, at: first)
        try await patience.wait(for: "the stream to be closed") { try await !stream.isOpen() }
        try await patience.wait(for: "the closed stream to be counted") {
            try await served(first.release).streamsClosed - before.streamsClosed == 1
        }
        let cut = try await served(first.release).cut - before.cut
        try require(cut == 0, "a stream is not counted as a request that was cut")
    }

    /// A limit of one instance closes no stream of another of the same release.
    public func closesStreamsOfOneInstance() async throws {
        try await router.apply(route(1, .all(to: first.release), [first, sibling]))
        try await waitForHealth(.up, of: first)
        try await waitForHealth(.up, of: sibling)
        var streams: [any OngoingExchange] = []
        for _ in 0..<20 where try await !haveStreams([first, sibling]) {
            streams.append(try await user.openStream())
            let count = streams.count
            try await patience.wait(for: "\(count) streams in flight") {
                try await router.observe(environment)?.servers.values.reduce(0) { $0 + $1.streamsInFlight } == count
            }
        }
        let spared = try await router.observe(environment)?.servers[sibling.instance]?.streamsInFlight ?? 0
        try require(spared > 0, "two instances of a release share its streams")
        let before = try await served(first.release)
        let limit = StreamLimit(release: first.release, instance: first.instance, most: 0)
        try await router.apply(route(2, .all(to: first.release), [first.being(.draining), sibling], streamLimits: [limit]))
        try await waitForFlight(requests: 0, streams: 0, at: first)
        try await waitForFlight(requests: 0, streams: spared, at: sibling)
        // A router may not notice that a user has left a stream before it closes it: that is counted here, and not in the next promise.
        let rest = StreamLimit(release: first.release, most: 0)
        try await router.apply(route(3, .all(to: second.release), [first.being(.draining), sibling.being(.draining)], streamLimits: [rest]))
        try await waitForFlight(requests: 0, streams: 0, at: sibling)
        let opened = streams.count
        try await patience.wait(for: "\(opened) closed streams to be counted") {
            try await served(first.release).streamsClosed - before.streamsClosed == opened
        }
        for stream in streams { try await stream.end() }
    }

    private func haveStreams(_ servers: [RouteServer]) async throws -> Bool {
        let seen = try await router.observe(environment)?.servers ?? [:]
        return servers.allSatisfy { seen[$0.instance]?.streamsInFlight ?? 0 > 0 }
    }

    /// A server that is cut while its streams are limited loses its requests, and those streams that are too many.
    public func sparesStreamsThatHaveTime() async throws {
        try await serve(by: first)
        let before = try await served(first.release)
        var streams: [any OngoingExchange] = []
        for count in 1...2 {
            streams.append(try await user.openStream())
            try await waitForFlight(requests: 0, streams: count, at: first)
        }
        let request = try await user.beginRequest()
        try await waitForFlight(requests: 1, streams: 2, at: first)
        for (generation, limit) in [(2, StreamLimit.anyNumber), (3, 1), (4, 0)] {
            let limits = [StreamLimit(release: first.release, most: limit)]
            try await router.apply(route(generation, .all(to: second.release), [first.being(.cutting), second], streamLimits: limits))
            try await waitForFlight(requests: 0, streams: min(2, limit), at: first)
            let isOpen = try await streams[1].isOpen()
            try require(isOpen == (limit > 0), "with a limit of \(limit) the younger stream is \(isOpen ? "open" : "closed")")
        }
        try await patience.wait(for: "two closed streams to be counted") {
            try await served(first.release).streamsClosed - before.streamsClosed == 2
        }
        // It may be that it was sent again to the other one, which a user must not notice.
        try await request.end()
        let unanswered = try await served(first.release).unanswered - before.unanswered
        try require(unanswered == 0, "what Ingot cut is not counted as unanswered; \(unanswered) were")
    }
}
