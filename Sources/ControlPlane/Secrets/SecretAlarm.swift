import IngotModel
import Secrets

/// Secrets whose source does not answer, in one line for each reason. Pure.
enum SecretAlarm {
    static func lines(_ readings: [SecretReading], of environment: EnvironmentID, at now: Timestamp) -> [String] {
        let failed = readings.filter { $0.failure != nil }
        return Dictionary(grouping: failed) { $0.failure?.error.message ?? "" }.sorted { $0.key < $1.key }.map { message, readings in
            let names = readings.map(\.name).sorted().joined(separator: ", ")
            guard let age = readings.compactMap({ $0.age(at: now) }).max() else {
                return "secrets of \(environment.environment) (\(names)) have no value: \(message)"
            }
            return "secrets of \(environment.environment) (\(names)) not refreshed for \(coarse(age)): \(message)"
        }
    }

    /// Whole minutes where there are any: an alarm that changes each second is no news.
    private static func coarse(_ age: Milliseconds) -> Milliseconds {
        let unit = age < .minutes(1) ? 1_000 : 60_000
        return Milliseconds(age.count / unit * unit)
    }
}
