import Foundation
import IngotModel
import Rollout

/// The calendar of freezes with this machine's time zones.
enum Freezes {
    static func inForce(_ windows: [FreezeWindow], placed: PlacedFreeze?, at now: Timestamp) -> FreezeInForce? {
        FreezeCalendar(at: now) { zone, moment in
            TimeZone(identifier: zone).map { zone in
                .seconds(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(moment.millisecondsSince1970) / 1_000)))
            }
        }.inForce(windows, placed: placed)
    }
}
