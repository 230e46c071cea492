import ContainerRuntime
import Glibc
import ImageStore
import IngotModel
import SystemPackage
import Testing

@testable import ImageBuild

/// With OpenSSH's own agent and programs.
@Suite("RUN --mount=type=ssh", .serialized, .enabled(if: access("/usr/bin/ssh-keygen", X_OK) == 0, "openssh-client is missing"))
struct SSHMountTests {
    /// Makes a key and returns the text that `ssh-add -L` shows of it.
    private func makeKey(_ path: FilePath, passphrase: String = "") async throws -> String {
        let arguments = ["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-C", "test key", "-f", path.string]
        let result = try await ReapedCommand(path: "/usr/bin/ssh-keygen", arguments: arguments).runToEnd(deadline: .seconds(30))
        #expect(result.exit?.isSuccess == true)
        return String(decoding: try #require(try Files.read(FilePath(path.string + ".pub"), limit: 4_096)), as: UTF8.self)
    }

    private static let dockerfile = """
        FROM base
        RUN --mount=type=ssh,required,uid=1000,mode=0600 ssh-add -L > /out; stat -c '%u %a' $SSH_AUTH_SOCK >> /out
        """

    @Test("asks an agent that holds a key file, and nothing of it is left") func keyFile() async throws {
        try await BuildFixture.with { fixture in
            let key = fixture.folder.appending("key")
            let shown = try await makeKey(key)
            let result = try await fixture.run(Self.dockerfile) { $0.sshAgents = ["default": .path(key)] }
            #expect(try fixture.text("out", of: result.image) == shown + "1000 600\n")
            // It is told to end, and ends a little later.
            let deadline = ContinuousClock.now + .seconds(20)
            while !Processes.running(with: "ssh-agent\0-D\0-a").isEmpty, ContinuousClock.now < deadline { await Task.yield() }
            #expect(Processes.running(with: "ssh-agent\0-D\0-a").isEmpty)
            #expect(try fixture.file("run", of: result.image) == nil)
            #expect(fixture.leftovers.isEmpty)
        }
    }

    @Test("asks the agent whose socket is given, several times, as a user who is not root") func socket() async throws {
        try await BuildFixture.with { fixture in
            let key = fixture.folder.appending("key")
            let shown = try await makeKey(key)
            let agent = try await AgentProgram([key], in: fixture.folder)
            let result = try await fixture.run(
                "FROM base\nRUN chmod 777 /tmp\nUSER app\nRUN --mount=type=ssh,uid=1000 for i in 1 2 3; do ssh-add -L; done > /tmp/out"
            ) { $0.sshAgents = ["default": .path(agent.socket)] }
            #expect(try fixture.text("tmp/out", of: result.image) == shown + shown + shown)
        }
    }

    @Test("says that a key with a passphrase can't be used") func passphrase() async throws {
        try await BuildFixture.with { fixture in
            let key = fixture.folder.appending("key")
            _ = try await makeKey(key, passphrase: "words")
            let request = try fixture.request(Self.dockerfile) { $0.sshAgents = ["default": .keys([key])] }
            let error = await #expect(throws: BuildError.self) { try await fixture.builder.build(request) }
            #expect(error?.code == "build.ssh-key-unusable")
            #expect(fixture.leftovers.isEmpty)
        }
    }
}
