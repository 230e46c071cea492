import Glibc

/// The variables that the command was started with.
enum EnvironmentVariables {
    /// `nil` for one that is not set.
    static func text(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    /// `nil` also for one that is empty: `INGOT_HOST= ingot status` is how one is left out for once.
    static func value(_ name: String) -> String? { text(name).flatMap { $0.isEmpty ? nil : $0 } }
}
