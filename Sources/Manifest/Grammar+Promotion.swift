/// The keys by which an environment says what it asks of a digest.
extension Grammar {
    static let approval = Section(
        path: "environments.*.approval",
        keys: [
            Key("approvers", "number", "How many different people must agree, none of whom had a hand in the image."),
            Key("valid", "duration", "How long an approval counts. It is of one digest, and of no other."),
            Key("keys", "list", "Public keys whose signed approvals count, too; written as in `signatures`."),
        ])
    static let evidence = Section(
        path: "environments.*.evidence",
        keys: [
            Key("tests", "duration", "How old the results of tests may be."),
            Key("scan", "duration", "How old what the gates said may be that read the image."),
            Key("rollout", "duration", "How long ago its last rollout may be in the environment that this one comes `after`."),
        ])
    static let signature = Section(
        path: "environments.*.signatures[]",
        keys: [
            Key(
                "keys", "list",
                "**Required.** Who is trusted: the files of their public keys, relative to the folder of `ingot.yaml` (`release.pub`, `keys/ci.pem`). "
                    + "What is in them becomes part of the description when it is read."),
            Key(
                "types", "list",
                "What must be signed: `signature`, `slsaprovenance1`, `test`, `scan`, `cyclonedx`, `spdxjson`, or the URI of a predicate type; "
                    + "`[signature]` if left out."),
            Key("required", "number", "How many different ones of the keys must have signed the same."),
        ])
    static let freeze = Section(
        path: "environments.*.freeze[]",
        keys: [
            Key(
                "from", "date, or day and time",
                "Its first day, such as `2026-12-20`; or, in each week, when it begins, such as `fri 16:00`. With `days` a time, such as `22:00`."),
            Key(
                "until", "date, or day and time",
                "Its last day; or, in each week, when it ends. With `days` a time, which may be one of the next day."),
            Key("days", "list", "In each week, these days: `[sat, sun]`; from 00:00 to 24:00 where `from` and `until` are left out."),
            Key("zone", "time zone", "By whose clocks, such as `Europe/Berlin`."),
            Key("reason", "text", "Why; whoever is refused reads it."),
        ])

    /// The words of predicate types that may be demanded. An approval is not among them: it ends, and instances would not start any more.
    static let predicateTypes = ["signature", "slsaprovenance1", "test", "scan", "cyclonedx", "spdxjson"]
}
