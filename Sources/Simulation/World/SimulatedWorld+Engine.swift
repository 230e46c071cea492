import Engine
public import IngotModel

extension SimulatedFleet {
    var running: Int { instances.count { !$0.isEnding } }
    /// Whether an instance is to be started, now or after the pause.
    var isShort: Bool { running < size && startError == nil }
}

// The engine's half.
extension SimulatedWorld {
    mutating func resize(_ specification: FleetSpecification, to size: Int, ending: Set<InstanceID>?, generation: Generation) throws(EngineError) {
        let environment = specification.fleet.environment
        try fence(environment, generation: generation)
        let index = fleets.firstIndex { $0.specification.fleet == specification.fleet } ?? addFleet(specification)
        let instances = fleets[index].instances
        let named = ending.map { ending in instances.indices.filter { ending.contains(instances[$0].id) && !instances[$0].isEnding } }
        fleets[index].size = named.map { max(size, fleets[index].running - $0.count) } ?? size
        fleets[index].startError = nil
        changed.insert(environment)
        for position in named ?? [] { tellToEnd(position, of: index) }
        tellSurplusToEnd(index)
        startInstances()
        removeGoneFleets()
    }

    mutating func fence(_ environment: EnvironmentID, generation: Generation) throws(EngineError) {
        if let newest = engineGenerations[environment], generation < newest {
            throw .staleGeneration(generation, newest: newest, of: environment)
        }
        engineGenerations[environment] = generation
    }

    private mutating func addFleet(_ specification: FleetSpecification) -> Int {
        fleets.append(SimulatedFleet(specification: specification, size: 0, nextStart: now))
        return fleets.count - 1
    }

    private mutating func tellSurplusToEnd(_ index: Int) {
        var surplus = fleets[index].running - fleets[index].size
        for position in fleets[index].instances.indices where surplus > 0 && !fleets[index].instances[position].isEnding {
            surplus -= 1
            tellToEnd(position, of: index)
        }
    }

    private mutating func tellToEnd(_ position: Int, of index: Int) {
        let specification = fleets[index].specification
        let id = fleets[index].instances[position].id
        let takes = behaviour(of: specification.fleet).stopsWithin ?? specification.run.stopGrace
        let end = now + min(takes, specification.run.stopGrace)
        fleets[index].instances[position].isEnding = true
        fleets[index].instances[position].endsAt = min(fleets[index].instances[position].endsAt ?? end, end)
        let route = route(of: specification.fleet.environment)
        let server = route?.server(id)
        let share = route?.inForce?.split[specification.fleet.release] ?? .none
        note(
            .toldToEnd(
                id, specification.fleet, getsTraffic: server?.state == .active && share > .none,
                requestsInFlight: server?.requests.count ?? 0), in: specification.fleet.environment)
    }

    mutating func startInstances() {
        for index in fleets.indices where fleets[index].isShort && fleets[index].nextStart <= now {
            let fleet = fleets[index].specification.fleet
            let behaviour = behaviour(of: fleet)
            if let error = behaviour.startError {
                fleets[index].startError = error
                changed.insert(fleet.environment)
                continue
            }
            while fleets[index].running < fleets[index].size { start(behaviour, in: index) }
        }
    }

    private mutating func start(_ behaviour: InstanceBehaviour, in index: Int) {
        let specification = fleets[index].specification
        instancesStarted += 1
        let endpoint = Endpoint(
            address: "10.\(instancesStarted >> 16 & 255).\(instancesStarted >> 8 & 255).\(instancesStarted & 255)", port: specification.run.port)
        let id = InstanceID(random: UInt32(truncatingIfNeeded: generator.next()))
        fleets[index].instances.append(SimulatedInstance(id: id, endpoint: endpoint, startedAt: now, behaviour: behaviour))
        note(.started(id, specification.fleet), in: specification.fleet.environment)
    }

    mutating func endInstances() {
        for index in fleets.indices {
            for instance in fleets[index].instances where instance.endsAt.map({ $0 <= now }) ?? false {
                end(instance, of: index)
            }
        }
        removeGoneFleets()
    }

    private mutating func end(_ instance: SimulatedInstance, of index: Int) {
        let fleet = fleets[index].specification.fleet
        fleets[index].instances.removeAll { $0.id == instance.id }
        var how = "told to"
        if !instance.isEnding {
            how = behaviour(of: fleet).ending
            fleets[index].failures += 1
            fleets[index].lastFailure = how
            fleets[index].nextStart = now + fleets[index].pause
        }
        loseRequests(of: instance.id, in: fleet)
        note(.ended(instance.id, fleet, how: how), in: fleet.environment)
    }

    /// A fleet that has neither size nor instances is forgotten, and its failures with it.
    private mutating func removeGoneFleets() { fleets.removeAll { $0.isGone } }

    /// Ends an instance by itself, now: what a crash of it is.
    public mutating func kill(_ id: InstanceID, how: String = "killed by SIGKILL") {
        for index in fleets.indices {
            guard let instance = fleets[index].instances.first(where: { $0.id == id }) else { continue }
            let fleet = fleets[index].specification.fleet
            let usual = behaviour(of: fleet)
            var dying = usual
            dying.ending = how
            setBehaviour(dying, of: fleet)
            end(instance, of: index)
            setBehaviour(usual, of: fleet)
        }
        removeGoneFleets()
    }

    /// The machine starts anew: no instance lives, what was wished for is on record, and the router has its file.
    public mutating func reboot() {
        for index in fleets.indices {
            let fleet = fleets[index].specification.fleet
            for instance in fleets[index].instances {
                loseRequests(of: instance.id, in: fleet)
                note(.ended(instance.id, fleet, how: "the machine went down"), in: fleet.environment)
            }
            fleets[index].instances = []
            fleets[index].nextStart = now
        }
        removeGoneFleets()
        startInstances()
        restartRouter()
    }
}
