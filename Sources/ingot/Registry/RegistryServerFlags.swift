import ArgumentParser
import ControlPlane
import ImageStore
import IngotModel
import Logging
import RegistryServer
import ServiceLifecycle

/// How `ingot serve` serves a registry.
struct RegistryServerFlags: ParsableArguments {
    @Option(help: ArgumentHelp("Serve images to docker, podman, Kubernetes and others here; not at all if left out.", valueName: "address:port"))
    var registry: String?
    @Flag(help: "Let anybody pull. Pushing always takes a token.") var registryAnonymousPull = false
    @Flag(help: "Speak plain HTTP also with other machines, which lets whoever is between read tokens.") var registryInsecure = false
    @Option(
        help: ArgumentHelp("The registry's certificate with those above it, in PEM; read again when it is replaced.", valueName: "file"),
        completion: .file())
    var registryCertificate: String?
    @Option(help: ArgumentHelp("The certificate's key, in PEM.", valueName: "file"), completion: .file()) var registryKey: String?
    @Option(help: ArgumentHelp("Where clients reach the registry, if something stands before it: https://HOST.", valueName: "url"))
    var registryURL: String?

    func validate() throws {
        guard let registry else {
            guard [registryCertificate, registryKey, registryURL].allSatisfy({ $0 == nil }), !registryAnonymousPull, !registryInsecure else {
                throw ValidationError(
                    "--registry-certificate, --registry-key, --registry-anonymous-pull, --registry-insecure and --registry-url go with "
                        + "--registry ADDRESS:PORT.")
            }
            return
        }
        guard RegistryServerConfiguration(address: registry) != nil else {
            throw ValidationError("--registry takes ADDRESS:PORT, such as 127.0.0.1:5000 or *:5000, not '\(registry)'.")
        }
        guard (registryCertificate == nil) == (registryKey == nil) else {
            throw ValidationError("--registry-certificate and --registry-key go together.")
        }
        if let registryURL, RegistryServerConfiguration.publicAddress(registryURL) == nil {
            throw ValidationError("--registry-url takes a scheme and a host, such as https://registry.example.com, not '\(registryURL)'.")
        }
    }

    /// What the daemon runs besides.
    func services(_ store: ImageStore, _ promoted: PromotedTags, _ logger: Logger) -> [any Service] {
        guard let registry, var configuration = RegistryServerConfiguration(address: registry) else { return [] }
        configuration.rule = TagRule { promoted.contains($0) }
        configuration.isOpen = registryAnonymousPull
        configuration.isInsecureAllowed = registryInsecure
        if let registryCertificate, let registryKey { configuration.certificate = (registryCertificate, registryKey) }
        configuration.publicAddress = registryURL
        return [RegistryServer(configuration, store: store, logger: logger, now: { Clock.now })]
    }
}
