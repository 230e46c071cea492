import Engine
import IngotModel

/// What can go wrong on this machine, each with what to do about it.
extension EngineError {
    static func impossibleSize(_ size: Int, of fleet: FleetID) -> EngineError {
        EngineError(
            code: "engine.impossible-size", message: "fleet \(fleet) can't have \(size) instances",
            remedy: "ask for 0 to \(EngineLimits.instances)", fault: .user)
    }

    static func noRoom(in addresses: AddressAllocator) -> EngineError {
        EngineError(
            code: "engine.no-address-left",
            message: "no further instance can be started: \(addresses.used.count) of "
                + "\(min(addresses.capacity, EngineLimits.instances)) run, in \(addresses.range)",
            remedy: "end releases that are not needed, or give the engine a larger address range")
    }

    static func impossibleEgress(_ text: String) -> EngineError {
        EngineError(
            code: "engine.impossible-egress", message: "'\(text)' is not a destination an instance can be allowed",
            remedy: "write an IPv4 address or range and a port: 10.0.0.5:5432 or 192.168.0.0/16:443", fault: .user)
    }

    static func netfilter(_ reason: String) -> EngineError {
        EngineError(
            code: "engine.firewall", message: "the firewall's rules could not be set: \(reason)",
            remedy: "instances are not started without them: run as root on a kernel with nf_tables (`nft list tables` shows whether it has)")
    }

    static func noRange(_ reason: String) -> EngineError {
        EngineError(
            code: "engine.no-address-range", message: "no address range for the instances: \(reason)",
            remedy: "give the engine a private range that this machine does not use, such as 10.77.0.0/16")
    }

    static func imageMissing(_ image: Digest, cause: (any Error)?) -> EngineError {
        EngineError(
            code: "engine.image-missing", message: "image \(image) can't be used from the store",
            remedy: "build or import it again: `ingot build`, `ingot image list`", cause: cause)
    }

    static func commandMissing(_ image: Digest) -> EngineError {
        EngineError(
            code: "engine.command-missing", message: "image \(image.short) says no command, and neither does ingot.yaml",
            remedy: "add CMD or ENTRYPOINT to the Dockerfile, or `run: { command: [...] }` to ingot.yaml", fault: .user)
    }

    static func rootRefused(_ image: Digest) -> EngineError {
        EngineError(
            code: "engine.root-refused", message: "image \(image.short) wants to run as root",
            remedy: "add a USER other than root to the Dockerfile, or write `run: { root: allowed }` in ingot.yaml", fault: .user)
    }

    static func userUnknown(_ user: String, in image: Digest, file: String) -> EngineError {
        EngineError(
            code: "engine.user-unknown", message: "'\(user)', which image \(image.short) is to run as, is not in its \(file)",
            remedy: "create it in the Dockerfile (RUN useradd …) before USER, or give a number", fault: .user)
    }

    static func portImpossible(_ port: Int) -> EngineError {
        EngineError(
            code: "engine.port-impossible", message: "\(port) is not a TCP port",
            remedy: "write `run: { port: 8080 }` in ingot.yaml, with a number from 1 to 65535", fault: .user)
    }

    static func secretMissing(_ name: String, _ digest: Digest, cause: (any Error)?) -> EngineError {
        EngineError(
            code: "engine.secret-missing", message: "the value of secret \(name) (\(digest.short)) is not there",
            remedy: "deploy again, so that a release with the secret's present value is made", cause: cause)
    }

    static func secretName(_ name: String) -> EngineError {
        EngineError(
            code: "engine.secret-name", message: "'\(name)' can't be the name of a secret's file",
            remedy: "use letters, digits, '_', '-' and '.', not beginning with a point", fault: .user)
    }

    static func supervisorMissing(_ path: String) -> EngineError {
        EngineError(
            code: "engine.supervisor-missing", message: "\(path) can't be executed",
            remedy: "install ingot-supervisor beside ingot; `make install` does")
    }

    static func system(_ what: String, on subject: String, _ number: Int32) -> EngineError {
        EngineError(
            code: "engine.system", message: "\(what) \(subject) failed: \(errorText(number))",
            remedy: number == 28 ? "free some space on that disk" : nil)
    }

    static func stateBroken(_ path: String, _ reason: String) -> EngineError {
        EngineError(
            code: "engine.state-broken", message: "\(path) can't be read: \(reason)",
            remedy: "move it away; the engine makes a new one")
    }

    static func notReady(_ what: String) -> EngineError {
        EngineError(
            code: "engine.not-ready", message: what,
            remedy: "see what it printed; the readiness path and the port stand under `run` in ingot.yaml", fault: .user)
    }

    static func instanceUnknown(_ id: InstanceID) -> EngineError {
        EngineError(
            code: "engine.instance-unknown", message: "there is no instance \(id)", remedy: "`ingot instance list` shows all", fault: .user)
    }

    static func closed() -> EngineError {
        EngineError(code: "engine.closed", message: "the engine is closed", remedy: "start the daemon again: `ingot serve`")
    }
}
