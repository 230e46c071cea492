import Engine
import IngotModel

/// A call that changes something, as the message that it is: on its way it may be late, or come twice.
enum SimulatedCall: Hashable, Sendable {
    case resize(FleetSpecification, to: Int, ending: Set<InstanceID>?, generation: Generation)
    case fence(EnvironmentID, generation: Generation)
    case apply(Route)

    var what: String {
        switch self {
        case .resize(let fleet, _, _, _): "resizing \(fleet.fleet)"
        case .fence(let environment, _): "fencing \(environment)"
        case .apply(let route): "changing the route of \(route.environment)"
        }
    }
}

/// A call that is on its way.
struct SimulatedDelivery: Hashable, Sendable {
    var at: Timestamp
    var call: SimulatedCall
}

extension SimulatedWorld {
    mutating func carryOut(_ call: SimulatedCall) throws {
        switch call {
        case .resize(let fleet, let size, let ending, let generation): try resize(fleet, to: size, ending: ending, generation: generation)
        case .fence(let environment, let generation): try fence(environment, generation: generation)
        case .apply(let route):
            guard !isRouterAway else { throw EngineError.routerAway(call.what) }
            try apply(route)
        }
    }

    /// Takes a call. It may be carried out later, which its caller hears as a failure; or now, and once more later.
    mutating func take(_ call: SimulatedCall) throws {
        let isLate = generator.happens(percent: faults.latePercent)
        if isLate || generator.happens(percent: faults.repeatedPercent) {
            deliveries.append(SimulatedDelivery(at: now + Milliseconds(generator.number(in: 1...faults.longestDelay.count)), call: call))
        }
        guard !isLate else { throw EngineError(code: "simulation.late", message: "\(call.what) got no answer in time") }
        try carryOut(call)
    }

    /// What arrives now. Nobody waits for an answer any more.
    mutating func deliver() {
        let due = deliveries.filter { $0.at <= now }
        deliveries.removeAll { $0.at <= now }
        for delivery in due { try? carryOut(delivery.call) }
    }
}

extension EngineError {
    static func routerAway(_ what: String) -> EngineError {
        EngineError(code: "simulation.router-away", message: "\(what) failed: the router does not answer")
    }
}
