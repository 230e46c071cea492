import ImageStore

/// What of an image's configuration decides how it is run. Source: OCI Image Specification 1.1, `config.md`.
struct ImageSettings: Hashable, Sendable {
    var user = ""
    var entrypoint: [String] = []
    var command: [String] = []
    var workingDirectory = "/"
    /// `KEY=value` each.
    var environment: [String] = []
    var stopSignal: String?
}

extension ImageSettings {
    init(_ configuration: ImageConfiguration) {
        let settings = configuration.config
        self.init(
            user: settings.user ?? "", entrypoint: settings.entrypoint ?? [], command: settings.command ?? [],
            workingDirectory: settings.workingFolder ?? "/", environment: settings.environment ?? [], stopSignal: settings.stopSignal)
    }
}
