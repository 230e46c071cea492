import ArgumentParser
import Gates
import Glibc
import SystemPackage

struct AdvisoriesCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "advisories", abstract: "Keep what is known about vulnerabilities, so that images can be judged by it.",
        subcommands: [AdvisoriesImport.self, AdvisoriesUpdate.self, AdvisoriesStatus.self, AdvisoriesShow.self])
}

extension GlobalOptions {
    /// The index of advisories under the root.
    var advisoryIndex: FilePath { AdvisoryIndex.path(under: FilePath(rootFolder)) }

    /// Makes the folder of the index when it is not there.
    func makeAdvisoryFolder() throws {
        let folder = advisoryIndex.removingLastComponent().string
        guard mkdir(rootFolder, 0o755) == 0 || errno == EEXIST, mkdir(folder, 0o755) == 0 || errno == EEXIST else {
            throw CommandError(
                "advisories-not-permitted", "user \(geteuid()) may not make the folder \(folder)",
                remedy: "run it as root, with sudo, or choose another folder with --root")
        }
    }
}
