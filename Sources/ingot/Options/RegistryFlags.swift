import ArgumentParser
import Registry
import SystemPackage

/// How registries are spoken to.
struct RegistryFlags: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A registry that is spoken to in plain HTTP, as HOST or HOST:PORT; may be given again. Those on this machine always are.",
            valueName: "host"))
    var insecureRegistry: [String] = []

    /// - Parameter root: the daemon's folder.
    func options(root: String) -> RegistryOptions { Self.options(root: root, insecure: insecureRegistry) }

    /// For commands that have no such flags, too.
    static func options(root: String, insecure: [String], environment: (String) -> String? = EnvironmentVariables.value) -> RegistryOptions {
        var options = RegistryOptions()
        options.configurationFile = configurationFile(environment)
        options.insecureHosts = Set(insecure)
        options.memoryFolder = FilePath(root).appending("registry")
        return options
    }

    /// Where `docker login` writes. Source: Docker's command line reference, "Environment variables".
    static func configurationFile(_ environment: (String) -> String?) -> FilePath? {
        if let folder = environment("DOCKER_CONFIG") { return FilePath(folder).appending("config.json") }
        return environment("HOME").map { FilePath($0).appending(".docker").appending("config.json") }
    }
}
