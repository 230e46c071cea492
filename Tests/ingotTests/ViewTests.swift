// swift-format-ignore-file: NeverForceUnwrap
// The names here are literals: one that is not a name is a mistake of the test, and ends it.

import API
import IngotModel
import Testing

@testable import ingot

@Suite struct ViewTests {
    static let now = Timestamp(secondsSince1970: 1_000_000)
    static let production = EnvironmentID(text: "shop/production")!

    static func status(rollout: RolloutStatus? = nil, awaiting: [AwaitedStatus] = [], problems: [String] = []) -> EnvironmentStatus {
        let release = Release(
            environment: production, number: ReleaseNumber(6), image: ProofViewTests.image, commit: nil, isDirty: false, instances: 2,
            run: RunSettings(
                port: 80, readiness: Readiness(path: nil, startInterval: 10, interval: 1_000, timeout: 2_000, rise: 2, fall: 3),
                stopGrace: 0, resources: Resources(memory: 1, milliCPU: 1, processes: 1)),
            host: "shop.test", configuration: [:], secretVersions: [:], strategy: .blueGreen,
            timing: RolloutTiming(soak: 0, progressDeadline: 0, drain: 0, warm: 0), createdAt: now, createdBy: "user:root")
        let instances = ["00000001", "00000002"].map {
            InstanceObservation(
                id: InstanceID(text: $0)!, health: $0.hasSuffix("1") ? .up : .starting, requestsInFlight: 3,
                checkResult: $0.hasSuffix("1") ? nil : "L4CON: connection refused", startedAt: Timestamp(secondsSince1970: 999_000))
        }
        return EnvironmentStatus(
            environment: production, host: "shop.test", serving: ReleaseSummary(release), rollout: rollout, lastRollout: nil,
            split: .all(to: ReleaseNumber(6)), fleets: [FleetObservation(release: ReleaseNumber(6), size: 2, instances: instances)],
            awaiting: awaiting, problems: problems)
    }

    @Test("what serves is a table")
    func serving() {
        let view = StatusView(value: [ServiceStatus(service: ServiceName("shop")!, environments: [Self.status()])], now: Self.now)
        #expect(
            view.lines(.plain) == [
                "SERVICE  ENVIRONMENT  RELEASE  IMAGE         COMMIT  HEALTHY  STATE    HOST",
                "shop     production         6  abababababab  –           1/2  serving  shop.test",
            ])
    }

    @Test("what is waited for stands below, with what happens otherwise")
    func waiting() {
        let rollout = RolloutStatus(
            number: Generation(3), kind: "deploy", release: ReleaseNumber(7), from: ReleaseNumber(6), phase: "starting", phaseSince: Self.now,
            acceptedAt: Self.now, steps: [])
        let awaited = AwaitedStatus(
            what: "1 of 2 instances of release 7 healthy", hindrance: "connection refused", until: Timestamp(secondsSince1970: 1_000_540),
            otherwise: "the rollout goes back")
        let view = StatusView(
            value: [ServiceStatus(service: ServiceName("shop")!, environments: [Self.status(rollout: rollout, awaiting: [awaited])])], now: Self.now)
        #expect(
            view.lines(.plain).dropFirst(2) == [
                "", "shop/production", "  waiting for 1 of 2 instances of release 7 healthy (connection refused); in 9m the rollout goes back",
            ])
    }

    @Test("one environment also shows its instances")
    func environment() {
        #expect(
            EnvironmentView(value: Self.status(), now: Self.now).lines(.plain).dropFirst(3) == [
                "RELEASE  INSTANCE  HEALTH    REQUESTS  AGE  LAST CHECK",
                "      6  00000001  up               3  16m",
                "      6  00000002  starting         3  16m  L4CON: connection refused",
            ])
    }

    @Test("nothing yet says what to do")
    func nothing() {
        #expect(StatusView(value: [], now: Self.now).lines(.plain).first?.contains("ingot up") == true)
        #expect(HistoryView(value: [], now: Self.now).lines(.plain) == ["No rollout has ended here yet."])
    }

    @Test("history is newest first, as it was given, with what failed")
    func history() {
        let view = HistoryView(value: [ProofViewTests.record(.succeeded)], now: Timestamp(secondsSince1970: 1_090))
        #expect(
            view.lines(.plain) == [
                "ROLLOUT  KIND    RELEASE  FROM  COMMIT   RESULT     SERVED  FAILED    TOOK  ENDED     BY         WHY",
                "     12  deploy        7     6  1a2b3c4  succeeded  87,216       1  30.5 s  59 s ago  user:root",
            ])
    }

    @Test("words are quoted as a shell needs them")
    func words() {
        #expect(ImageView.words(["/bin/sh", "-c", "echo it's", ""]) == #"/bin/sh -c 'echo it'\''s' ''"#)
    }
}
