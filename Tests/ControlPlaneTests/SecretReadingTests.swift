import IngotModel
import Secrets
import Testing

@testable import ControlPlane

@Suite("What is known of secrets")
struct SecretReadingTests {
    private static let start = Timestamp(secondsSince1970: 100_000)
    private static let sealed = SecretError(.sealed, "vault at x is sealed")
    private let fresh = SecretReading("PASSWORD", .file("/p"))

    private func look(_ before: [SecretReading], _ after: [SecretReading]) -> SecretLook {
        SecretLook(
            environment: production, before: Dictionary(uniqueKeysWithValues: before.map { ($0.name, $0) }), after: after, at: Self.start)
    }

    @Test("a failure keeps the last good version, and its age from when it was good")
    func lastGood() {
        let good = fresh.after(.success(imageDigest(1)), at: Self.start)
        let failed = good.after(.failure(Self.sealed), at: Self.start + .minutes(3))
        #expect(failed.version == imageDigest(1) && failed.failure?.since == Self.start + .minutes(3))
        let later = failed.after(.failure(SecretError(.down, "down")), at: Self.start + .minutes(9))
        #expect(later.failure?.since == Self.start + .minutes(3) && later.age(at: Self.start + .minutes(12)) == .minutes(12))
        #expect(later.after(.success(imageDigest(1)), at: Self.start + .minutes(12)).failure == nil)
        #expect(later.age(at: Self.start + .minutes(-1)) == 0)
    }

    @Test("is told once: each change, each failure with its reason, each recovery; a first value is no news")
    func events() {
        let good = fresh.after(.success(imageDigest(1)), at: Self.start)
        #expect(look([], [good]).events.isEmpty)
        let changed = good.after(.success(imageDigest(2)), at: Self.start)
        #expect(look([good], [changed]).events.map(\.action) == [.secretChanged])
        let failed = changed.after(.failure(Self.sealed), at: Self.start)
        let told = look([changed], [failed]).events
        #expect(told.map(\.action) == [.secretFailed] && told[0].message.contains("the last good value stays in use"))
        #expect(look([failed], [failed.after(.failure(SecretError(.sealed, "in other words")), at: Self.start + 5)]).events.isEmpty)
        #expect(look([failed], [failed.after(.success(imageDigest(2)), at: Self.start)]).events.map(\.action) == [.secretRecovered])
        let never = fresh.after(.failure(Self.sealed), at: Self.start)
        #expect(!(look([], [never]).events.first?.message.contains("last good") ?? true))
        // Another place is another secret.
        #expect(look([good], [SecretReading("PASSWORD", .file("/q")).after(.success(imageDigest(2)), at: Self.start)]).events.isEmpty)
    }

    @Test("secrets that fail for one reason are one event, and one alarm")
    func together() {
        let names = ["B", "A"].map { SecretReading($0, .file("/p")).after(.success(imageDigest(1)), at: Self.start) }
        let failed = names.map { $0.after(.failure(Self.sealed), at: Self.start) }
        #expect(
            look(names, failed).events.map(\.message) == [
                "the secrets A, B could not be read: vault at x is sealed; the last good value stays in use"
            ])
        let alarms = SecretAlarm.lines(failed, of: production, at: Self.start + .minutes(12) + .seconds(31))
        #expect(alarms == ["secrets of production (A, B) not refreshed for 12m: vault at x is sealed"])
        #expect(SecretAlarm.lines(names, of: production, at: Self.start).isEmpty)
        let never = SecretReading("C", .file("/p")).after(.failure(Self.sealed), at: Self.start)
        #expect(SecretAlarm.lines([never], of: production, at: Self.start)[0].contains("have no value"))
    }

    @Test("that a source is still well is stored seldom, all else at once")
    func storing() {
        let good = fresh.after(.success(imageDigest(1)), at: Self.start)
        #expect(look([], [good]).toStore == [good])
        #expect(look([good], [good.after(.success(imageDigest(1)), at: Self.start + .minutes(4))]).toStore.isEmpty)
        #expect(look([good], [good.after(.success(imageDigest(1)), at: Self.start + .minutes(5))]).toStore.count == 1)
        #expect(look([good], [good.after(.success(imageDigest(2)), at: Self.start + 1)]).toStore.count == 1)
        #expect(look([good], [good.after(.failure(Self.sealed), at: Self.start + 1)]).toStore.count == 1)
        #expect(look([good], [good.after(.success(imageDigest(1)), at: Self.start + .minutes(-9))]).toStore.count == 1)
    }

    @Test("a secret remembers a bounded number of versions, the newest")
    func bounded() {
        var reading = fresh
        for number in 1...80 { reading = reading.after(.success(imageDigest(number)), at: Self.start) }
        #expect(reading.versions.count == SecretReading.mostVersions && reading.version == imageDigest(80))
    }
}
