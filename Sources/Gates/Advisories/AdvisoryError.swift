internal import IngotModel

/// The errors of reading and keeping advisories.
enum AdvisoryError {
    static func tooLarge(_ what: String, limit: String) -> GateError {
        GateError(
            code: "gates.advisories-too-large", message: "\(what) exceeds the limit of \(limit)",
            remedy: "check where the advisories come from; nothing of them was taken over", fault: .user)
    }

    static func malformed(_ what: String, _ why: String, cause: (any Error)? = nil) -> GateError {
        GateError(
            code: "gates.advisories-malformed", message: "\(what) is no advisory that can be read: \(why)",
            remedy: "fetch the advisories again; nothing of them was taken over, and what was imported before still counts", fault: .user,
            cause: cause)
    }

    static func nameTaken(_ name: String, by location: String) -> GateError {
        GateError(
            code: "gates.advisories-name-taken", message: "advisories from \(location.prefix(500)) are kept under the name '\(name)' already",
            remedy: "give these a name of their own with --name, or this one to have them take that place", fault: .user)
    }

    static func damaged(_ path: String, _ why: String) -> GateError {
        GateError(
            code: "gates.advisory-index-damaged", message: "the index of advisories \(path) is damaged: \(why)",
            remedy: "remove it and import the advisories again: `ingot advisories import`", fault: .world)
    }

    static func system(_ call: String, _ path: String, _ error: any Error) -> GateError {
        GateError(
            code: "gates.advisories-unreadable", message: "\(call) \(path) failed", remedy: "check that it exists and may be read", fault: .user,
            cause: error)
    }
}
