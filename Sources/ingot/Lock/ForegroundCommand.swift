import Dispatch
import Glibc
import IngotModel

/// A command of the user's that has this process's terminal, as if it had been started from the shell.
struct ForegroundCommand {
    let id: pid_t

    /// Starts it, found on PATH, with this process's descriptors and variables, and some more variables.
    ///
    /// - Throws: `CommandError` when it can't be started.
    static func start(_ command: [String], variables: [String: String]) throws -> ForegroundCommand {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        resetSignals(&attributes)
        var id: pid_t = 0
        let program = command.first ?? ""
        let failure = withCStrings(command) { words in
            withCStrings(environment(variables)) { posix_spawnp(&id, program, nil, &attributes, words, $0) }
        }
        guard failure == 0 else {
            throw CommandError(
                "command-not-started", "the command '\(program)' could not be started: \(String(cString: strerror(failure)))",
                remedy: "check its name, and that it is executable")
        }
        return ForegroundCommand(id: id)
    }

    /// Its exit code; 128 and the signal's number when one ended it, as a shell says it.
    func end() async -> CInt {
        await withCheckedContinuation { continuation in
            DispatchQueue(label: "ingot.foreground-command").async {
                var status: CInt = 0
                while waitpid(id, &status, 0) < 0, errno == EINTR {}
                let signal = status & 0x7F
                continuation.resume(returning: signal == 0 ? (status >> 8) & 0xFF : 128 + signal)
            }
        }
    }

    /// The command must not inherit what this process ignores.
    private static func resetSignals(_ attributes: inout posix_spawnattr_t) {
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    }

    private static func environment(_ variables: [String: String]) -> [String] {
        var all: [String] = []
        var next = environ
        while let entry = next.pointee {
            let text = String(cString: entry)
            if !variables.keys.contains(String(text.prefix { $0 != "=" })) { all.append(text) }
            next += 1
        }
        return all + variables.map { "\($0.key)=\($0.value)" }
    }

    /// A list of C strings with a null at its end, as exec takes it.
    private static func withCStrings<Result>(
        _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        let list = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: strings.count + 1)
        for (index, string) in strings.enumerated() { (list + index).initialize(to: strdup(string)) }
        (list + strings.count).initialize(to: nil)
        defer {
            for index in strings.indices { free(list[index]) }
            list.deallocate()
        }
        return body(list)
    }
}
