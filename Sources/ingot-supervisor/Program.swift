import Glibc

/// Runs one instance to its end: a process of its own, so that the daemon can be stopped, upgraded or
/// killed without the instance taking notice.
///
/// Should it be killed itself, the instance goes on serving, because its outputs are pipes that it
/// holds open at both ends. The daemon finds by `state.json` that the supervisor is gone and the
/// instance's first process is not, ends that one, and replaces the instance.
@main
struct Program {
    static func main() {
        do {
            let arguments = try Arguments(Array(CommandLine.arguments.dropFirst()))
            exit(Supervisor(arguments).run())
        } catch {
            _ = SmallFile.writeAll(Array("ingot-supervisor: \(error.message)\n\(Arguments.usage)\n".utf8), to: STDERR_FILENO)
            exit(2)
        }
    }
}
