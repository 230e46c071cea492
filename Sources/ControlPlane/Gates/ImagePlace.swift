import IngotModel

/// Where an image is, or is to be.
struct ImagePlace: Hashable, Sendable {
    var environment: EnvironmentID
    var use = Use.wanted

    enum Use: String, Hashable, Sendable {
        case runs, wanted
        case isKept = "kept"
    }

    /// As in "image 6c3c624b58db …".
    var words: String {
        switch use {
        case .runs: "which runs in \(environment)"
        case .isKept: "kept for going back in \(environment)"
        case .wanted: "asked for in \(environment)"
        }
    }
}
