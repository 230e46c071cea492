import Engine
import IngotModel

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
