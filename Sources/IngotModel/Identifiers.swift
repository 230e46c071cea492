// A type of its own for each kind of identifier, so that none can be given where another is meant.

/// A name that is also a DNS label (RFC 1123, section 2.1): 1 to 40 lower-case letters, digits and
/// hyphens, beginning with a letter, not ending with a hyphen.
///
/// 40, not 63, because a fleet's and an instance's name are made of two of them and a number.
public protocol NameIdentifier: TextCodable, Hashable, Comparable, Sendable, CustomStringConvertible {
    var name: String { get }
    init(uncheckedName: String)
}

extension NameIdentifier {
    public static var longest: Int { 40 }

    public init?(_ name: some StringProtocol) {
        let bytes = Array(name.utf8)
        let isLetter = { (byte: UInt8) in (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
        let isDigit = { (byte: UInt8) in (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
        let hyphen = UInt8(ascii: "-")
        guard let first = bytes.first, let last = bytes.last, bytes.count <= Self.longest,
            isLetter(first), last != hyphen,
            bytes.allSatisfy({ isLetter($0) || isDigit($0) || $0 == hyphen })
        else { return nil }
        self.init(uncheckedName: String(name))
    }

    public init?(text: String) { self.init(text) }
    public var text: String { name }
    public var description: String { name }
    public static func < (left: Self, right: Self) -> Bool { left.name < right.name }
}

/// An application: one `ingot.yaml`.
public struct ServiceName: NameIdentifier {
    public static let expectation =
        "a service name: 1 to 40 of a-z, 0-9 and '-', beginning with a letter, not ending with '-'"
    public let name: String
    public init(uncheckedName: String) { name = uncheckedName }
}

/// Where releases of a service run: `dev`, `staging`, `production`, `pr-12`.
public struct EnvironmentName: NameIdentifier {
    public static let expectation =
        "an environment name: 1 to 40 of a-z, 0-9 and '-', beginning with a letter, not ending with '-'"
    public let name: String
    public init(uncheckedName: String) { name = uncheckedName }

    /// Where instances for tests run. No environment of a user's is called so.
    public static let throwaway = EnvironmentName(uncheckedName: "throwaway")
}

/// One environment of one service: what a rollout changes. Written `service/environment`.
public struct EnvironmentID: TextCodable, Hashable, Comparable, Sendable, CustomStringConvertible {
    public static let expectation = "an environment of a service, written service/environment"
    public var service: ServiceName
    public var environment: EnvironmentName

    public init(service: ServiceName, environment: EnvironmentName) {
        self.service = service
        self.environment = environment
    }

    public init?(text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let service = ServiceName(parts[0]), let environment = EnvironmentName(parts[1])
        else { return nil }
        self.init(service: service, environment: environment)
    }

    public var text: String { "\(service)/\(environment)" }
    public var description: String { text }
    public static func < (left: Self, right: Self) -> Bool {
        (left.service, left.environment) < (right.service, right.environment)
    }
}

/// The number of a release within its environment; the first is 1.
public struct ReleaseNumber: WholeNumberCodable {
    public let value: Int
    public init(_ value: Int) { self.value = value }
    public var wholeNumber: Int { value }
    public var description: String { "\(value)" }
    public var next: ReleaseNumber { ReleaseNumber(value + 1) }
}

/// The identical instances of one release. Written `service/environment/release`.
public struct FleetID: TextCodable, Hashable, Comparable, Sendable, CustomStringConvertible {
    public static let expectation = "a fleet, written service/environment/release"
    public var environment: EnvironmentID
    public var release: ReleaseNumber

    public init(environment: EnvironmentID, release: ReleaseNumber) {
        self.environment = environment
        self.release = release
    }

    public init?(text: String) {
        guard let slash = text.lastIndex(of: "/"), let environment = EnvironmentID(text: String(text[..<slash])),
            let release = Int(text[text.index(after: slash)...]), release > 0, "\(environment)/\(release)" == text
        else { return nil }
        self.init(environment: environment, release: ReleaseNumber(release))
    }

    public var text: String { "\(environment)/\(release)" }
    public var description: String { text }
    public static func < (left: Self, right: Self) -> Bool {
        (left.environment, left.release) < (right.environment, right.release)
    }
}

/// One running copy, never used again after it has ended: 8 lower-case hexadecimal digits.
///
/// Short, because it names an instance's network interface, whose name may have 15 bytes
/// (`IFNAMSIZ`), its control group and its server in HAProxy.
public struct InstanceID: TextCodable, Hashable, Comparable, Sendable, CustomStringConvertible {
    public static let expectation = "an instance: 8 hexadecimal digits"
    public let text: String

    public init?(text: String) {
        guard text.utf8.count == 8, text.allSatisfy({ $0.isHexDigit && !$0.isUppercase && $0.isASCII }) else { return nil }
        self.text = text
    }

    public init(random bits: UInt32) {
        let digits = String(bits, radix: 16)
        text = String(repeating: "0", count: 8 - digits.count) + digits
    }

    public var description: String { text }
    public static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}

/// The order of decisions about one environment. An engine or router that has carried out a
/// generation refuses an older one, so an executor that was overtaken changes nothing.
public struct Generation: WholeNumberCodable {
    public let value: Int
    public init(_ value: Int) { self.value = value }
    public var wholeNumber: Int { value }
    public var description: String { "\(value)" }
    public var next: Generation { Generation(value + 1) }
}
