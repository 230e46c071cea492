import IngotModel
import Testing

@testable import Lint

/// A change of one fact, and the one answer that it changes.
struct AssessmentChange: Sendable, CustomTestStringConvertible {
    let question: AssessmentQuestion
    let words: String
    let change: @Sendable (inout AssessmentFacts) -> Void
    var testDescription: String { "\(question): \(words)" }

    init(_ question: AssessmentQuestion, _ words: String, _ change: @escaping @Sendable (inout AssessmentFacts) -> Void) {
        self.question = question
        self.words = words
        self.change = change
    }

    /// Six minutes after the facts' own time.
    private static let toCome = Timestamp(secondsSince1970: 1_790_000_360)

    static let all: [AssessmentChange] = [
        AssessmentChange(.stateless, "no test has replaced") { $0.statelessness = nil },
        AssessmentChange(.stateless, "it failed") { $0.statelessness = .init(isGood: false, words: "it failed", at: $0.now) },
        AssessmentChange(.stateless, "ING-M014") { $0.brokenRules = ["ING-M014"] },
        AssessmentChange(.configurationOutside, "in production only") { facts in
            for index in facts.rollouts.indices { facts.rollouts[index].environment = EnvironmentName(uncheckedName: "production") }
        },
        AssessmentChange(.configurationOutside, "ING-I020") { $0.image?.brokenRules = ["ING-I020"] },
        AssessmentChange(.logsSentAway, "no instance has printed") { $0.lastLogLine = nil },
        AssessmentChange(.logsSentAway, "/tmp/app.log") { $0.logFiles = ["/tmp/app.log"] },
        AssessmentChange(.logsSentAway, "nothing has recorded") { $0.logFiles = nil },
        AssessmentChange(.healthChecks, "open port") { $0.hasReadinessPath = false },
        AssessmentChange(.healthChecks, "nothing has shown") { $0.readiness = nil },
        AssessmentChange(.gracefulStop, "nothing has shown") { $0.gracefulStop = nil },
        AssessmentChange(.gracefulStop, "3 requests were cut") { $0.rollouts[0].cut = 3 },
        AssessmentChange(.gracefulStop, "ING-M011") { $0.brokenRules = ["ING-M011"] },
        AssessmentChange(.automatedBuilds, "no commit") { $0.image?.commit = nil },
        AssessmentChange(.automatedBuilds, "no commit") { $0.image?.isDirty = true },
        AssessmentChange(.automatedBuilds, "nothing says") { $0.image?.hasProvenance = false },
        AssessmentChange(.versionControl, "no git repository") { $0.files = nil },
        AssessmentChange(.versionControl, "not as committed: Dockerfile") { $0.files?.strays = ["Dockerfile"] },
        AssessmentChange(.loadBalancing, "1 healthy instance") { $0.healthyInstances = 1 },
        AssessmentChange(.loadBalancing, "nothing serves") { $0.healthyInstances = nil },
        AssessmentChange(.automatedDeployment, "no rollout in production") { facts in
            for index in facts.rollouts.indices { facts.rollouts[index].isProduction = false }
        },
        AssessmentChange(.triedRollback, "nobody has ever") { facts in
            for index in facts.rollouts.indices { facts.rollouts[index].isRollback = false }
        },
        AssessmentChange(.triedRollback, "too long ago") { facts in
            for index in facts.rollouts.indices { facts.rollouts[index].endedAt = Timestamp(secondsSince1970: 0) }
        },
        AssessmentChange(.scanning, "never scanned") { $0.scan = nil },
        AssessmentChange(.scanning, "older than 7d") { $0.scan?.at = Timestamp(secondsSince1970: 0) },
        AssessmentChange(.scanning, "older than 7d") { $0.scan?.at = nil },
        AssessmentChange(.scanning, "CVE") { $0.scan = .init(isGood: false, words: "CVE-1", at: $0.now) },
        AssessmentChange(.noSecrets, "ING-I010") { $0.image?.brokenRules = ["ING-I010"] },
        AssessmentChange(.noSecrets, "ING-D117") { $0.brokenRules = ["ING-D117"] },
        AssessmentChange(.noSecrets, "could not be searched") { $0.image?.secretsAreComplete = false },
        AssessmentChange(.minimalBase, "bill of materials") { $0.image?.billIsComplete = false },
        AssessmentChange(.minimalBase, "ING-I004") { $0.image?.brokenRules = ["ING-I004"] },
        AssessmentChange(.minimalBase, "151 packages") { $0.image?.packages = 151 },
        AssessmentChange(.regularUpdates, "the image is older") { $0.image?.created = Timestamp(secondsSince1970: 0) },
        AssessmentChange(.regularUpdates, "the base is older") { $0.image?.baseCreated = Timestamp(secondsSince1970: 0) },
        AssessmentChange(.regularUpdates, "still to come") { $0.image?.created = AssessmentChange.toCome },
        AssessmentChange(.regularUpdates, "still to come") { $0.image?.baseCreated = AssessmentChange.toCome },
        AssessmentChange(.scanning, "older than 7d") { $0.scan?.at = AssessmentChange.toCome },
        AssessmentChange(.regularUpdates, "not known") { $0.image?.baseCreated = nil },
        AssessmentChange(.regularUpdates, "renewed since") { $0.image?.brokenRules = ["ING-I014"] },
    ]
}

@Suite("Assessment") struct AssessmentTests {
    /// Of a service that does everything.
    static func facts() throws -> AssessmentFacts {
        let now = Timestamp(secondsSince1970: 1_790_000_000)
        let digest = try #require(Digest(hex: String(repeating: "a", count: 64)))
        var facts = AssessmentFacts(service: ServiceName(uncheckedName: "shop"), now: now, hasReadinessPath: true)
        let good = AssessmentFacts.Finding(isGood: true, words: "it passed", at: now)
        (facts.statelessness, facts.gracefulStop, facts.readiness, facts.scan) = (good, good, good, good)
        facts.files = .init(commit: String(repeating: "c", count: 40), committedAt: now, strays: [])
        facts.image = .init(
            digest: digest, commit: String(repeating: "c", count: 40), isDirty: false, created: now, createdIsOfCommit: false,
            hasProvenance: true, packages: 10, billIsComplete: true, secretsAreComplete: true, brokenRules: [], hasBase: true, baseCreated: now)
        facts.healthyInstances = 2
        facts.lastLogLine = now
        facts.logFiles = []
        facts.rollouts = [("production", true), ("staging", false)].map { name, isRollback in
            .init(
                environment: EnvironmentName(uncheckedName: name), isProduction: name == "production", image: digest, isRollback: !isRollback,
                hasSucceeded: true, hasReturned: false, requests: 100, cut: 0, endedAt: now)
        }
        return facts
    }

    @Test("a service that does everything is at the highest level, each answer with its evidence") func all() throws {
        let assessment = Assessment(try Self.facts())
        #expect(assessment.answers.filter { !$0.isYes } == [])
        #expect(assessment.level == 5)
        #expect(assessment.missing == [])
        for answer in assessment.answers { #expect(!answer.evidence.isEmpty && answer.at != nil, "\(answer)") }
    }

    @Test("an answer changes when the fact behind it does, and no other", arguments: AssessmentChange.all) func change(_ change: AssessmentChange)
        throws
    {
        var facts = try Self.facts()
        change.change(&facts)
        let no = Assessment(facts).answers.filter { !$0.isYes }
        #expect(no.map(\.question) == [change.question])
        #expect(no.first?.evidence.contains(change.words) == true, "\(no)")
        #expect(no.first?.remedy?.isEmpty == false)
    }

    @Test("every question is changed by something") func complete() {
        #expect(Set(AssessmentChange.all.map(\.question)) == Set(AssessmentQuestion.allCases))
    }

    @Test("the level is that below the first missing answer, and what is missing is told") func levels() throws {
        var facts = try Self.facts()
        facts.scan = nil
        #expect(Assessment(facts).level == 4)
        facts.readiness = nil
        #expect(Assessment(facts).level == 3)
        #expect(Assessment(facts).missing == [.healthChecks])
        facts.files = nil
        #expect(Assessment(facts).level == 1)
        #expect(Assessment(facts).missing == [.versionControl])
        #expect(Assessment.levels.count == AssessmentQuestion.allCases.map(\.level).max())
    }

    @Test("an image that bears its commit's time is judged by its base, and without one by its commit") func commitTime() throws {
        var facts = try Self.facts()
        facts.image?.createdIsOfCommit = true
        facts.image?.created = Timestamp(secondsSince1970: 0)
        let answer = try #require(Assessment(facts).answers.first { $0.question == .regularUpdates })
        #expect(answer.isYes && answer.evidence.hasPrefix("the base is young enough") && answer.at == facts.image?.baseCreated)
        facts.image?.baseCreated = Timestamp(secondsSince1970: 0)
        #expect(Assessment(facts).missing == [.regularUpdates])
        facts.image?.hasBase = false
        let withoutBase = Assessment(facts).answers.first { $0.question == .regularUpdates }
        #expect(withoutBase?.evidence == "the image's commit is older than 90d")
    }

    @Test("a clock that is a little ahead does no harm") func clocks() throws {
        var facts = try Self.facts()
        facts.image?.created = facts.now + .minutes(4)
        facts.scan?.at = facts.now + .minutes(4)
        #expect(Assessment(facts).level == 5)
    }

    @Test("an image that stands on no other has no base to renew") func scratch() throws {
        var facts = try Self.facts()
        facts.image?.hasBase = false
        facts.image?.baseCreated = nil
        #expect(Assessment(facts).level == 5)
        facts.image?.hasBase = .none
        #expect(Assessment(facts).missing == [.regularUpdates])
    }

    @Test("a test is known by what it recorded") func tests() {
        let now = Timestamp(secondsSince1970: 5)
        var facts = AssessmentFacts(service: ServiceName(uncheckedName: "shop"), now: now, hasReadinessPath: true)
        facts.add(TestDetails(cases: TestCases(passed: 3)), passed: true, words: "3 passed", at: now)
        #expect(facts.statelessness == nil && facts.gracefulStop == nil && facts.readiness == nil && facts.logFiles == nil)
        let log = WriteRecord.Path(path: "/tmp/a.log", place: .writable, kind: .file, bytes: 1, moments: [.service])
        facts.add(TestDetails(writes: WriteRecord(paths: [log])), passed: true, words: "a", at: now)
        facts.add(TestDetails(stop: StopRecord(request: "GET /", fate: .cut)), passed: false, words: "b", at: now)
        facts.add(
            TestDetails(readiness: ReadinessRecord(whileFrozen: "x", frozenAnswerTook: 1, recoveryTook: 1, afterEnd: "y")), passed: true, words: "c",
            at: nil)
        #expect(facts.statelessness == .init(isGood: true, words: "a", at: now))
        #expect(facts.gracefulStop == .init(isGood: false, words: "b", at: now))
        #expect(facts.readiness == .init(isGood: true, words: "c", at: nil))
        #expect(facts.logFiles == ["/tmp/a.log"])
        facts.add(TestDetails(writes: WriteRecord(omittedPaths: 1)), passed: true, words: "a", at: now)
        #expect(facts.logFiles?.isEmpty == false)
    }

    @Test("a failed test is not hidden by another of its kind that passed") func worse() {
        let now = Timestamp(secondsSince1970: 5)
        let stop = TestDetails(stop: StopRecord(request: "GET /", fate: .cut))
        let log = WriteRecord.Path(path: "/tmp/a.log", place: .writable, kind: .file, bytes: 1, moments: [.service])
        for order in [[false, true], [true, false]] {
            var facts = AssessmentFacts(service: ServiceName(uncheckedName: "shop"), now: now, hasReadinessPath: true)
            for passed in order {
                facts.add(stop, passed: passed, words: "\(passed)", at: now)
                facts.add(TestDetails(writes: WriteRecord(paths: passed ? [] : [log])), passed: passed, words: "\(passed)", at: now)
            }
            #expect(facts.gracefulStop == .init(isGood: false, words: "false", at: now))
            #expect(facts.statelessness == .init(isGood: false, words: "false", at: now))
            #expect(facts.logFiles == ["/tmp/a.log"])
        }
    }

    @Test("of several environments that are production the one with the fewest healthy instances counts") func fewest() throws {
        var facts = try Self.facts()
        facts.healthyInstances = nil
        for count in [3, 0, 2] { facts.add(healthyInstances: count) }
        #expect(facts.healthyInstances == 0)
        #expect(Assessment(facts).missing == [.loadBalancing])
    }

    @Test("of nothing known, nothing is answered by yes") func nothing() {
        let facts = AssessmentFacts(service: ServiceName(uncheckedName: "shop"), now: Timestamp(secondsSince1970: 0), hasReadinessPath: false)
        let assessment = Assessment(facts)
        #expect(assessment.answers.allSatisfy { !$0.isYes && $0.remedy != nil })
        #expect(assessment.level == 1)
    }
}
