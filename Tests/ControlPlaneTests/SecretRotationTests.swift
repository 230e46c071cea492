import API
import Client
import Foundation
import IngotModel
import Simulation
import Testing

@testable import ControlPlane

/// Rotation through a whole daemon over a simulated machine, with secrets in files.
@Suite("Rotation of secrets")
struct SecretRotationTests {
    private struct Rig {
        let daemon: DaemonRig
        var file: String { "\(daemon.folder.path)/password" }

        init() throws {
            daemon = try DaemonRig()
            try write("one")
        }

        func write(_ value: String) throws { try Data(value.utf8).write(to: URL(fileURLWithPath: file), options: .atomic) }

        func register(_ client: Client, rotation: SecretRotation = .roll) async throws {
            var environment = environmentSpecification("production", secrets: ["PASSWORD": file])
            environment.secretRefresh = SecretRefresh(rotation: rotation, interval: .seconds(5))
            try await client.register(serviceSpecification(run: runSettings(secrets: ["PASSWORD"]), environments: [environment]))
        }

        func serves(_ release: Int, _ client: Client) async throws {
            try await eventually(daemon.host, "release \(release) serves") {
                let status = try await client.status(of: production)
                return status.serving?.number.value == release && status.rollout == nil
            }
        }
    }

    @Test("a new value is a release of the same image, by itself, and is told; its going back is not undone")
    func rolls() async throws {
        let rig = try Rig()
        try await rig.daemon.withDaemon { client in
            try await rig.register(client)
            #expect(try await rig.daemon.deploy("1").result == .succeeded)
            try rig.write("two")
            try await rig.serves(2, client)
            let releases = try await client.releases(of: production)
            #expect(releases.map(\.image) == [imageDigest(1), imageDigest(1)])
            #expect(releases[0].secretVersions != releases[1].secretVersions && releases[0].createdBy == EventDraft.daemon)
            let events = try await client.events(limit: 200)
            #expect(events.count { $0.action == .secretChanged } == 1)
            #expect(events.contains { $0.action == .releaseCreated && $0.message == "release 2 made of release 1: secret PASSWORD changed" })
            #expect(events.count { $0.action == .imagePromoted } == 1)
            // Rolling back restores the secrets, too, and nothing brings back by itself what was left.
            let back = try await rig.daemon.end(of: try await client.rollBack(production))
            #expect(back.release == ReleaseNumber(1))
            try await eventually(rig.daemon.host, "it is told why it waits") {
                try await client.secrets(of: production).waits?.contains("was left") == true
            }
            #expect(try await client.releases(of: production).count == 2)
            // A newer value is rolled out.
            try rig.write("three")
            try await rig.serves(3, client)
            #expect(try await client.verifyEvents().isIntact)
        }
    }

    @Test("manual: it is told, and rolled out by the command")
    func manual() async throws {
        let rig = try Rig()
        try await rig.daemon.withDaemon { client in
            try await rig.register(client, rotation: .manual)
            #expect(try await rig.daemon.deploy("1").result == .succeeded)
            #expect(try await client.refreshSecrets(of: production).release == nil)
            try rig.write("two")
            try await eventually(rig.daemon.host, "it waits") { try await client.secrets(of: production).waits?.contains("manual") == true }
            #expect(try await client.releases(of: production).count == 1)
            let answer = try await client.refreshSecrets(of: production)
            #expect(try await rig.daemon.end(of: #require(answer.release)).result == .succeeded)
            #expect(try await client.secrets(of: production).waits == nil)
        }
    }

    @Test("a rollout under way is waited for, and whoever asks is told so instead of that all is well")
    func busy() async throws {
        let rig = try Rig()
        try await rig.daemon.withDaemon { client in
            try await rig.register(client, rotation: .manual)
            #expect(try await rig.daemon.deploy("1").result == .succeeded)
            let accepted = try await client.deploy("2", to: production)
            try await eventually(nil, "the rollout is under way") { try await client.status(of: production).rollout != nil }
            try rig.write("two")
            let answer = try await client.refreshSecrets(of: production)
            #expect(answer.release == nil && answer.status.waits == "PASSWORD changed: a rollout is under way")
            #expect(try await rig.daemon.end(of: accepted).result == .succeeded)
            let later = try await client.refreshSecrets(of: production)
            #expect(later.status.waits == nil)
            #expect(try await rig.daemon.end(of: #require(later.release)).result == .succeeded)
        }
    }

    @Test("a value that is damaged on the disk is mended by the next deployment")
    func damaged() async throws {
        let rig = try Rig()
        try await rig.daemon.withDaemon { client in
            try await rig.register(client)
            #expect(try await rig.daemon.deploy("1").result == .succeeded)
            let version = try #require(try await client.release(ReleaseNumber(1), of: production).secretVersions["PASSWORD"])
            let vault = try SecretVault(folder: "\(rig.daemon.root)/secrets")
            try PrivateFile.write(Array("no".utf8), to: version.hex, in: "\(rig.daemon.root)/secrets")
            #expect(throws: ControlError.self) { try vault.value(of: version) }
            #expect(try await rig.daemon.deploy("2").result == .succeeded)
            #expect(try vault.value(of: version) == Array("one".utf8))
        }
    }

    @Test("a lock is waited for; who does not hold it is refused")
    func locked() async throws {
        let rig = try Rig()
        try await rig.daemon.withDaemon { client in
            try await rig.register(client)
            #expect(try await rig.daemon.deploy("1").result == .succeeded)
            let lock = try await client.lock(production, LockRequest(reason: "migrating", attempt: "a", keep: .minutes(60)))
            try rig.write("two")
            try await eventually(rig.daemon.host, "it waits") { try await client.secrets(of: production).waits?.contains("migrating") == true }
            let error = await clientError { _ = try await client.refreshSecrets(of: production) }
            #expect(error?.code == "control.locked")
            try await client.releaseLock(lock.token, of: production)
            try await rig.serves(2, client)
        }
    }

    @Test("without its source a deployment gets the last good value, an alarm tells the age, and a daemon that starts anew knows it")
    func lastGood() async throws {
        let rig = try Rig()
        try await rig.daemon.withDaemon { client in
            try await rig.register(client)
            #expect(try await rig.daemon.deploy("1").result == .succeeded)
        }
        try rig.write("")
        try await rig.daemon.withDaemon { client in
            let record = try await rig.daemon.deploy("2")
            #expect(record.result == .succeeded)
            let releases = try await client.releases(of: production)
            #expect(releases[0].secretVersions == releases[1].secretVersions && releases[0].image == imageDigest(2))
            let problems = try await client.status(of: production).problems
            #expect(
                problems.contains { $0.hasPrefix("secrets of production (PASSWORD) not refreshed for") && $0.hasSuffix("is empty") }, "\(problems)")
            #expect(
                try await client.metrics().contains("ingot_secret_source_failing{service=\"shop\",environment=\"production\",source=\"file\"} 1\n"))
            #expect(try await client.metrics().contains("ingot_secret_source_age_seconds{"))
            _ = try await client.collectGarbage()
            let listed = try #require(try await client.secrets(of: production).secrets.first)
            #expect(listed.error?.hasSuffix("is empty") == true && listed.version != nil)
            try rig.write("one")
            #expect(try await client.refreshSecrets(of: production).release == nil)
            #expect(try await client.status(of: production).problems.isEmpty)
            #expect(try await client.events(limit: 200).contains { $0.action == .secretRecovered })
        }
    }

    @Test("a secret that never had a value is refused, and says where it was looked for", arguments: ["missing", "empty", "another place"])
    func never(what: String) async throws {
        let rig = try Rig()
        try await rig.daemon.withDaemon { client in
            try await rig.register(client)
            if what == "another place" {
                // What is known of one place says nothing of another.
                #expect(try await rig.daemon.deploy("1").result == .succeeded)
                let elsewhere = environmentSpecification("production", secrets: ["PASSWORD": "\(rig.file)-2"])
                try await client.register(serviceSpecification(run: runSettings(secrets: ["PASSWORD"]), environments: [elsewhere]))
            } else if what == "empty" {
                try rig.write("")
            } else {
                try FileManager.default.removeItem(atPath: rig.file)
            }
            let error = await clientError { _ = try await client.deploy("2", to: production) }
            #expect(error?.code == "control.secret-missing" && error?.fault == .user)
            #expect(error?.message.contains(rig.file) == true, "\(error?.message ?? "")")
        }
    }
}
