import ContainerRuntime
import Engine
import IngotModel

@testable import LocalEngine

/// Values that tests begin from.
enum Samples {
    static let service = ServiceName(uncheckedName: "shop")
    static let production = EnvironmentID(service: service, environment: EnvironmentName(uncheckedName: "production"))
    static let image = Digest(bytes: [UInt8](repeating: 7, count: 32))
    static let range = AddressRange(text: "10.77.0.0/16") ?? AddressRange(only: IPv4Address(bits: 0))
    static let engine = EngineID(random: 0xABCD_EF01_2345_6789)

    static func run(_ change: (inout RunSettings) -> Void = { _ in }) -> RunSettings {
        var run = RunSettings(
            port: 8080, readiness: Readiness(path: "/", startInterval: 20, interval: 1_000, timeout: 1_000, rise: 2, fall: 3),
            stopGrace: .seconds(2), resources: Resources(memory: .mebibytes(64), milliCPU: 1_000, processes: 64))
        change(&run)
        return run
    }

    static func fleet(_ release: Int = 1, of environment: EnvironmentID = production, run: RunSettings = run()) -> FleetSpecification {
        FleetSpecification(
            fleet: FleetID(environment: environment, release: ReleaseNumber(release)), image: image, run: run, configuration: [:],
            secretVersions: [:])
    }

    static func launch(_ specification: FleetSpecification = fleet()) -> Launch {
        Launch(
            id: InstanceID(random: 0xBADCAFE), address: IPv4Address("10.77.0.9") ?? IPv4Address(bits: 0), specification: specification,
            generation: Generation(1), decidedAt: Timestamp(millisecondsSince1970: 0))
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers for the same seed.
struct SeededGenerator: RandomNumberGenerator, Sendable {
    var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
