internal import IngotModel
internal import SystemPackage

/// The errors of keys.
enum KeyError {
    static func malformed(_ what: String, _ why: String, cause: (any Error)? = nil) -> GateError {
        GateError(
            code: "gates.key-malformed", message: "\(what) cannot be used: \(why)",
            remedy: "give a key of `ingot key create`, or of `cosign generate-key-pair`", fault: .user, cause: cause)
    }

    static func locked(_ what: String) -> GateError {
        GateError(
            code: "gates.key-locked", message: "the password does not open \(what)",
            remedy: "give the one that it was made with, in INGOT_KEY_PASSWORD or with --password-file", fault: .user)
    }

    static func missing(_ name: String, in folder: String) -> GateError {
        GateError(
            code: "gates.key-missing", message: "there is no key '\(name)' in \(folder)",
            remedy: "`ingot key list` shows those that are there; `ingot key create \(name)` makes one", fault: .user)
    }

    static func exists(_ path: String) -> GateError {
        GateError(
            code: "gates.key-exists", message: "\(path) is there already, and a key is never written over",
            remedy: "choose another name, or move the old key away", fault: .user)
    }

    static func unreadable(_ path: String, _ error: any Error) -> GateError {
        GateError(
            code: "gates.key-unreadable", message: "\(path) could not be read", remedy: "check that it is a file that you may read", fault: .user,
            cause: error)
    }

    static func unwritten(_ path: String, _ error: any Error) -> GateError {
        func failed(_ remedy: String, _ fault: Fault) -> GateError {
            GateError(code: "gates.key-unwritten", message: "\(path) could not be written", remedy: remedy, fault: fault, cause: error)
        }
        switch error as? Errno {
        case .noSpace, .diskQuotaExceeded: return failed("make room on the disk, then try again", .world)
        case .permissionDenied, .notPermitted, .readOnlyFileSystem, .noSuchFileOrDirectory, .notDirectory:
            return failed("choose a folder that is there and that you may write, with --keys or INGOT_KEYS", .user)
        default: return failed("check the disk, then try again", .world)
        }
    }

    static func signerFailed(_ command: String, _ why: String, cause: (any Error)? = nil) -> GateError {
        GateError(
            code: "gates.signer-failed", message: "the signer '\(command)' did not sign: \(why)",
            remedy: "run it by hand: it gets the 32 bytes of a SHA-256 and writes a signature in DER", fault: .world, cause: cause)
    }
}
