import ArgumentParser
import IngotModel
import Simulation

@main
struct Simulate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingot-simulate", abstract: "Play rollouts against a simulated world, one run for each seed.",
        discussion: """
            Operators, releases good and bad, an engine and a router with faults, requests, and a daemon that dies between any two effects, \
            all from one seed. After every step the rules of rollouts are checked; a run that breaks one tells its story, and the same seed \
            tells it again.

            Example:
              ingot-simulate --seeds 1-100000
              ingot-simulate --seed 17           the whole run in words, whether it breaks a rule or not
            """)

    @Option(help: "The seeds to run, such as `1-1000`.") var seeds = SeedRange(1...1_000)
    @Option(help: "One seed, told step by step.") var seed: UInt64?
    @Option(help: "How many things happen in a run before the faults stop.") var steps = 60
    @Option(help: "How many runs go at the same time.") var lanes = 2

    func validate() throws {
        guard steps > 0, lanes > 0 else { throw ValidationError("--steps and --lanes take numbers from 1 on") }
    }

    func run() async throws {
        let options = SimulationOptions(steps: steps)
        if let seed {
            let outcome = await WorldSimulation.run(seed: seed, options: options)
            print(outcome.report)
            throw outcome.violation == nil ? ExitCode.success : ExitCode.failure
        }
        var tally = Tally()
        for lane in await inLanes(options) { tally.add(lane) }
        print(tally.summary)
        for outcome in tally.broken.prefix(Tally.mostStories) { print("\n\(outcome.report)") }
        if !tally.broken.isEmpty { throw ExitCode.failure }
    }

    private func inLanes(_ options: SimulationOptions) async -> [Tally] {
        let (seeds, lanes) = (seeds.range, UInt64(lanes))
        return await withTaskGroup(of: Tally.self, returning: [Tally].self) { group in
            for lane in 0..<lanes {
                group.addTask {
                    var tally = Tally()
                    for seed in seeds where seed % lanes == lane { tally.add(await WorldSimulation.run(seed: seed, options: options)) }
                    return tally
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }
}

/// `17`, or `1-1000`.
struct SeedRange: ExpressibleByArgument {
    let range: ClosedRange<UInt64>

    init(_ range: ClosedRange<UInt64>) { self.range = range }

    init?(argument: String) {
        let numbers = argument.split(separator: "-", omittingEmptySubsequences: false).map { UInt64($0) }
        guard (1...2).contains(numbers.count), let first = numbers[0], let last = numbers[numbers.count - 1], first <= last else { return nil }
        range = first...last
    }

    var defaultValueDescription: String { "\(range.lowerBound)-\(range.upperBound)" }
}
