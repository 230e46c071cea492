import IngotModel
import Rollout
import Simulation
import SystemPackage

// What the planner and verifying cost, as JSON: `ingot-bench changed ENVIRONMENTS`, `ingot-bench environment INSTANCES`,
// `ingot-bench signatures FOLDER`.

let clock = ContinuousClock()

extension Duration {
    var milliseconds: Double { Double(components.seconds) * 1_000 + Double(components.attoseconds) / 1e15 }
}

/// 10 fleets of 10 instances in each environment; 100 instances change, each in another environment.
func changed(_ count: Int) async throws {
    let (fleets, instances, changes) = (10, 10, 100)
    var planned = Planned(environments: count)
    try await planned.deploy(releases: fleets, instances: instances)
    var rounds: [Double] = []
    for round in 0..<50 {
        let concerned = (0..<changes).map { planned.environments[($0 * (count / changes) + round * 7) % count] }
        for environment in concerned { planned.machine.replaceOne(of: ReleaseNumber(fleets), in: environment, at: planned.now) }
        planned.pass(time: 10)
        let begin = clock.now
        for environment in concerned { try await planned.pass(environment) }
        rounds.append((clock.now - begin).milliseconds)
        for environment in concerned { try await planned.settle(environment) }
    }
    let begin = clock.now
    for environment in planned.environments { try await planned.pass(environment) }
    let all = (clock.now - begin).milliseconds
    print(
        """
        {"environments": \(count), "fleets": \(count * fleets), "instances": \(count * fleets * instances), "changed": \(changes), \
        "milliseconds": \(rounds), "millisecondsForAll": \(all)}
        """)
}

/// One environment: at rest, with half of its instances leaving, and half way through a rolling update.
func environment(_ instances: Int) async throws {
    var resting = Planned(environments: 1)
    try await resting.deploy(releases: 1, instances: instances)
    var leaving = resting
    try await leaving.pass(leaving.environments[0], commands: [.scale(instances / 2)])
    var rolling = Planned(environments: 1, strategy: .rolling(RollingUpdate(surge: .percent(50), unavailable: .percent(50))))
    try await rolling.deploy(releases: 1, instances: instances)
    let plan = try await rolling.pass(rolling.environments[0], deploying: 2, instances: instances)
    rolling.machine.carryOut(plan.target, of: rolling.environments[0], at: rolling.now)
    try await rolling.pass(rolling.environments[0])
    print(
        """
        {"instances": \(instances), "resting": \(try await time(resting)), "leaving": \(try await time(leaving)), \
        "rolling": \(try await time(rolling))}
        """)
}

/// Milliseconds of one pass, of several.
func time(_ planned: Planned) async throws -> [Double] {
    var times: [Double] = []
    for _ in 0..<15 {
        var copy = planned
        let begin = clock.now
        try await copy.pass(copy.environments[0])
        times.append((clock.now - begin).milliseconds)
    }
    return times
}

/// Verifying all that is signed of a release, in a store that is made in this folder.
func signatures(_ folder: String) async throws {
    let release = try await SignedRelease(in: FilePath(folder).appending("store"))
    var times: [Double] = []
    for _ in 0..<200 {
        let begin = clock.now
        guard try release.verify() else { fatalError("what was just signed is not verified") }
        times.append((clock.now - begin).milliseconds)
    }
    print("{\"milliseconds\": \(times)}")
}

let words = CommandLine.arguments.dropFirst()
switch (words.first, words.dropFirst().first.flatMap { Int($0) }) {
case ("signatures", _) where words.count == 2: try await signatures(words.dropFirst().joined())
case ("changed", let count?) where count >= 100: try await changed(count)
case ("environment", let count?) where count > 0: try await environment(count)
default: print("ingot-bench changed ENVIRONMENTS (100 at least) | environment INSTANCES | signatures FOLDER")
}
