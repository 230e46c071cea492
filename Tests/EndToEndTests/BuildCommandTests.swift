import Foundation
import Testing

/// What `ingot build` is given on its command line, through the executable itself.
@Suite("The build command")
struct BuildCommandTests {
    private struct Built: Decodable {
        struct Step: Decodable { var outcome: String }
        var image: String
        var steps: [Step]
    }

    /// The lines of a RUN's script, after what every Dockerfile here begins with.
    private func dockerfile(_ lines: String...) -> String {
        (["FROM scratch", "COPY --chmod=755 busybox /bin/busybox"] + lines).joined(separator: "\n") + "\n"
    }

    private func run(_ flags: String = "", _ script: String) -> String { #"RUN \#(flags) ["/bin/busybox", "sh", "-ec", "\#(script)"]"# }

    /// A file of the image that the build made: the files go out beside the store.
    private func file(_ name: String, of workspace: Workspace) throws -> String {
        try String(contentsOf: workspace.folder.appendingPathComponent("out/\(name)"), encoding: .utf8)
    }

    private func out(_ workspace: Workspace) -> [String] { ["--output", "type=local,dest=\(workspace.folder.path)/out"] }

    @Test("gives secrets of files and variables to a RUN, and keeps them nowhere")
    func secrets() async throws {
        let workspace = try Workspace()
        defer { workspace.remove() }
        let (value, other) = ("s\(UUID())", "v\(UUID())")
        let mounts = "--mount=type=secret,id=file --mount=type=secret,id=variable,env=TOKEN"
        let script = "test $(cat /run/secrets/file) = $(cat /given); echo -n $TOKEN | wc -c > /length; cat /run/secrets/file"
        try workspace.write("Dockerfile", dockerfile("RUN --mount=type=bind,source=given,target=/given \(run(mounts, script).dropFirst(4))"))
        try workspace.write("given", value)
        try workspace.write(".dockerignore", "secret\n")
        try workspace.write("secret", value)
        let secrets = ["--secret", "id=file,src=secret", "--secret", "id=variable,env=GIVEN"]
        let output = try await workspace.ingot(["build", "--progress", "plain"] + secrets + out(workspace) + ["."], variables: ["GIVEN": other])
        try expectSuccess(output)
        #expect(try file("length", of: workspace) == "\(other.utf8.count)\n")
        #expect(!(output.standardOutput + output.standardError).contains(value))
        let missing = try await workspace.ingot(["build", "--no-cache", "--secret", "id=file,src=nothing", "."])
        #expect(missing.exitCode == 2 && missing.standardError.contains("nothing"), "\(missing.standardError)")
        for text in [value, other] {
            let found = try await workspace.run("/bin/grep", ["-rlF", text, workspace.root.path])
            #expect(found.standardOutput.isEmpty, "\(found.standardOutput)")
        }
    }

    @Test(
        "gives a RUN an agent that holds a key",
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/ssh-keygen"), "openssh-client is missing"))
    func agent() async throws {
        let workspace = try Workspace()
        defer { workspace.remove() }
        let key = workspace.folder.appendingPathComponent("key").path
        try expectSuccess(try await workspace.run("/usr/bin/ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key]))
        try workspace.write("Dockerfile", dockerfile(run("--mount=type=ssh", "test -S $SSH_AUTH_SOCK && echo socket > /seen")))
        try expectSuccess(try await workspace.ingot(["build", "--ssh", "default=\(key)"] + out(workspace) + ["."]))
        #expect(try file("seen", of: workspace) == "socket\n")
        let none = try await workspace.ingot(["build", "--no-cache", "."])
        #expect(none.exitCode == 0, "without an agent a mount that is not required is left out: \(none.standardError)")
    }

    @Test("leaves results of steps in a folder, and takes them from there on another machine")
    func sharedCache() async throws {
        let workspace = try Workspace()
        defer { workspace.remove() }
        try workspace.write("Dockerfile", dockerfile(run("", "echo made > /made")))
        let cache = workspace.folder.appendingPathComponent("cache").path
        let build = ["build", "--output", "json"]
        let first: Built = try await workspace.ingot(build + ["--cache-to", "type=local,dest=\(cache),mode=max", "."]).decoded()
        #expect(first.steps.map(\.outcome) == ["made", "made"])
        let other = try Workspace()
        defer { other.remove() }
        let source = workspace.repository
        let second: Built = try await other.ingot(build + ["--cache-from", "type=local,src=\(cache)", "."], in: source).decoded()
        #expect(second.image == first.image)
        #expect(second.steps.map(\.outcome) == ["cached", "cached"])
    }

    @Test("takes a context from standard input, as an archive or as a Dockerfile alone", arguments: ["", "--gzip"])
    func standardInput(compression: String) async throws {
        let workspace = try Workspace()
        defer { workspace.remove() }
        try workspace.write("Dockerfile", dockerfile("COPY www/index.html /page", run("", "cat /page > /copied")))
        let archive = workspace.folder.appendingPathComponent("context.tar")
        let flags = compression.isEmpty ? [] : [compression]
        try expectSuccess(try await workspace.run("/bin/tar", flags + ["-cf", archive.path, "-C", workspace.repository.path, "--exclude=.git", "."]))
        let elsewhere = workspace.folder
        try expectSuccess(try await workspace.ingot(["build"] + out(workspace) + ["-"], input: archive, in: elsewhere))
        #expect(try file("copied", of: workspace) == "version 1\n")

        let alone = workspace.folder.appendingPathComponent("alone")
        try Data("FROM scratch\nENV ALONE=1\n".utf8).write(to: alone)
        try expectSuccess(try await workspace.ingot(["build", "-"], input: alone, in: elsewhere))
        let nothing = try await workspace.ingot(["build", "-"], in: elsewhere)
        #expect(nothing.exitCode == 2, "\(nothing.standardError)")
    }

    @Test("takes a context from a Git repository, with its commit")
    func repository() async throws {
        let workspace = try Workspace()
        defer { workspace.remove() }
        try workspace.write("Dockerfile", dockerfile("COPY www/index.html /page"))
        try workspace.commit(version: 1)
        // Not committed, so not of the repository.
        try workspace.write("www/index.html", "changed\n")
        let port = try freePort()
        let programs = try await workspace.run("/usr/bin/git", ["--exec-path"]).standardOutput.split(separator: "\n")[0]
        let daemon = Process()
        daemon.executableURL = URL(fileURLWithPath: "\(programs)/git-daemon")
        daemon.arguments = [
            "--reuseaddr", "--export-all", "--listen=127.0.0.1", "--port=\(port)", "--base-path=\(workspace.folder.path)",
        ]
        daemon.standardError = FileHandle.nullDevice
        try daemon.run()
        defer { daemon.kill() }
        let address = "git://127.0.0.1:\(port)/shop"
        try await eventually("git answers") { try await workspace.run("/usr/bin/git", ["ls-remote", address]).exitCode == 0 }
        let arguments = ["build", "--output", "json", "\(address)#main"]
        let first: Built = try await workspace.ingot(arguments, in: workspace.folder).decoded()
        let labels = try await workspace.ingot("image", "show", first.image, "--output", "json")
        let head = try await workspace.run("/usr/bin/git", ["rev-parse", "HEAD"])
        #expect(labels.standardOutput.contains(head.standardOutput.prefix(40)), "\(labels.standardOutput)")
        let again = try await workspace.ingot(["build"] + out(workspace) + ["\(address)#main"], in: workspace.folder)
        try expectSuccess(again)
        #expect(try file("page", of: workspace) == "version 1\n")
        let missing = try await workspace.ingot(["build", "\(address)#nothing"], in: workspace.folder)
        #expect(missing.exitCode != 0 && missing.standardError.contains("nothing"), "\(missing.standardError)")
    }

    // MARK: A shell on a terminal

    /// What a person types at a terminal that `script` (of Debian's essential bsdutils) makes, and what is seen there.
    private final class Terminal: @unchecked Sendable {
        private let process = Process()
        private let input = Pipe()
        private let seen: URL

        init(_ command: String, _ workspace: Workspace) throws {
            seen = workspace.folder.appendingPathComponent("seen-\(UUID())")
            FileManager.default.createFile(atPath: seen.path, contents: nil)
            process.executableURL = URL(fileURLWithPath: "/usr/bin/script")
            process.arguments = ["-qefc", command, "/dev/null"]
            process.currentDirectoryURL = workspace.repository
            process.environment = workspace.environment.merging(["SHELL": "/bin/sh", "TERM": "xterm"]) { _, new in new }
            process.standardInput = input
            process.standardOutput = try FileHandle(forWritingTo: seen)
            process.standardError = FileHandle.nullDevice
            try process.run()
        }

        var text: String { (try? String(decoding: Data(contentsOf: seen), as: UTF8.self)) ?? "" }
        func type(_ line: String) throws { try input.fileHandleForWriting.write(contentsOf: Data("\(line)\n".utf8)) }
        var exitCode: Int32? { process.isRunning ? nil : process.terminationStatus }

        func end() { process.kill() }
    }

    @Test("gives a shell in the RUN that failed, on a terminal", .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/script")))
    func shell() async throws {
        let workspace = try Workspace()
        defer { workspace.remove() }
        let lines = ["FROM scratch", "COPY --chmod=755 busybox /bin/sh", "ENV WHO=me", "RUN echo it went wrong; echo made > /made; exit 3"]
        try workspace.write("Dockerfile", lines.joined(separator: "\n"))
        let terminal = try Terminal("\(Workspace.executable("ingot")) build --interactive-on-error .", workspace)
        defer { terminal.end() }
        try await eventually("there is a shell") { terminal.text.contains("/ # ") }
        #expect(terminal.text.contains("  it went wrong"), "the tree that showed it is gone: \(terminal.text)")
        try terminal.type("echo [$(cat /made) $WHO $(tty)]; exit 7")
        try await eventually("the build ends") { terminal.exitCode != nil }
        #expect(terminal.text.contains("[made me /dev/pts/0]"), "\(terminal.text)")
        #expect(terminal.exitCode == 2 && terminal.text.contains("failed: exit code 3"), "\(terminal.text)")
    }

    @Test("ends a shell whose terminal has gone away", .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/script")))
    func hungUp() async throws {
        let workspace = try Workspace()
        defer { workspace.remove() }
        try workspace.write("Dockerfile", ["FROM scratch", "COPY --chmod=755 busybox /bin/sh", "RUN exit 3"].joined(separator: "\n"))
        let terminal = try Terminal("\(Workspace.executable("ingot")) build --interactive-on-error .", workspace)
        defer { terminal.end() }
        try await eventually("there is a shell") { terminal.text.contains("/ # ") }
        func left() throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { process in
                Int(process) != nil
                    && (try? String(contentsOfFile: "/proc/\(process)/cmdline", encoding: .utf8))?.contains("\(workspace.root.path)/build/tmp")
                        == true
            }
        }
        try #require(try !left().isEmpty)
        // The terminal's other end goes with the process that holds it.
        terminal.end()
        try await eventually("nothing of the step runs any more") { try left().isEmpty }
    }

    @Test("says that there is no shell where the image or the terminal has none, and why the RUN failed")
    func noShell() async throws {
        let workspace = try Workspace()
        defer { workspace.remove() }
        try workspace.write("Dockerfile", dockerfile(run("", "exit 3")))
        let terminal = try Terminal("\(Workspace.executable("ingot")) build --interactive-on-error .", workspace)
        defer { terminal.end() }
        try await eventually("the build ends") { terminal.exitCode != nil }
        // What the runtime says of a program that is not there differs; the RUN's own failure is told in any case.
        let said = terminal.text.split(separator: "ends the build.").last ?? ""
        #expect(said.contains("failed: exit code 3"), "\(terminal.text)")
        #expect(terminal.exitCode == 2)
        let output = try await workspace.ingot("build", "--interactive-on-error", ".")
        #expect(output.standardError.contains("needs a terminal") && output.exitCode == 2, "\(output.standardError)")
    }
}
