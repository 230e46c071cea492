import Gates
import IngotModel
import NIOHTTP1
import Rollout

/// What one measurement of a metric gave.
enum MetricReading: Hashable, Sendable {
    /// Good where there is no bound to hold it against.
    case passed
    case number(Double)
    /// What was asked says that it is bad.
    case failed(String)
    /// Nothing that could be held against anything.
    case nothing(String)
}

extension MetricCheck {
    /// Counts one more reading. Pure. A reading that gave nothing leaves the bad ones in a row as they are, since it speaks neither for nor against.
    ///
    /// - Parameter before: the last measurement; `nil` for the first.
    func measurement(_ reading: MetricReading, after before: Measurement?, at: Timestamp) -> Measurement {
        var next = Measurement(
            check: name, at: at, value: nil, badInRow: before?.badInRow ?? 0, errorsInRow: 0, count: (before?.count ?? 0) + 1)
        switch reading {
        case .passed: next.badInRow = 0
        case .number(let number):
            next.value = number
            next.badInRow = allows(number) ? 0 : next.badInRow + 1
        case .failed(let why):
            next.error = why
            next.badInRow += 1
        case .nothing(let why):
            next.error = why
            next.errorsInRow = (before?.errorsInRow ?? 0) + 1
        }
        return next
    }

    var hasBounds: Bool { least != nil || most != nil }
}

/// Where a metric is measured.
struct MetricSubject: Hashable, Sendable {
    var environment: EnvironmentID
    var release: ReleaseNumber

    /// A text with `{{service}}`, `{{environment}}` and `{{release}}` filled in.
    func filled(_ text: String) -> String {
        text.replacing("{{service}}", with: "\(environment.service)").replacing("{{environment}}", with: "\(environment.environment)")
            .replacing("{{release}}", with: "\(release)")
    }

    var variables: [String: String] {
        ["INGOT_SERVICE": "\(environment.service)", "INGOT_ENVIRONMENT": "\(environment.environment)", "INGOT_RELEASE": "\(release)"]
    }
}

extension MetricReading {
    /// The longest answer of Prometheus that is read. One number has a few hundred bytes.
    static let answerLimit: ByteSize = 1_048_576

    /// Measures once. Errors are readings of nothing.
    static func take(_ check: MetricCheck, of subject: MetricSubject) async -> MetricReading {
        do {
            switch check.source {
            case .prometheus(let address, let query): return try await prometheus(address, subject.filled(query), check.deadline)
            case .http(let address): return try await http(subject.filled(address), check)
            case .command(let command): return try await self.command(command, check, subject)
            }
        } catch {
            return .nothing(ErrorReport(error).lines.joined(separator: "; "))
        }
    }

    private static func http(_ address: String, _ check: MetricCheck) async throws -> MetricReading {
        let answer = try await OutgoingHTTP.send(.GET, address, deadline: check.deadline, bodyLimit: 65_536)
        guard (200...299).contains(answer.status) else { return .failed("status \(answer.status)") }
        return check.hasBounds ? number(in: String(decoding: answer.body, as: UTF8.self)) : .passed
    }

    private static func command(_ command: [String], _ check: MetricCheck, _ subject: MetricSubject) async throws -> MetricReading {
        let outcome = try await BoundedCommand(ofUser: command, environment: subject.variables, deadline: check.deadline).run()
        guard !outcome.isLate else { return .nothing(outcome.ending) }
        guard outcome.passed else { return .failed(outcome.output.lastLine.map { "\(outcome.ending): \($0.prefix(200))" } ?? outcome.ending) }
        return check.hasBounds ? number(in: outcome.output) : .passed
    }

    /// The number in the last line of a text.
    static func number(in text: String) -> MetricReading {
        guard let line = text.lastLine else { return .nothing("no number: the output is empty") }
        guard let number = Double(line), number.isFinite else { return .nothing("no number: '\(line.prefix(80))'") }
        return .number(number)
    }

    // MARK: Prometheus

    /// Source: Prometheus, HTTP API, "Instant queries" and "Expression query result formats".
    private static func prometheus(_ address: String, _ query: String, _ deadline: Milliseconds) async throws -> MetricReading {
        let base = address.hasSuffix("/") ? String(address.dropLast()) : address
        let answer = try await OutgoingHTTP.send(
            .GET, "\(base)/api/v1/query?query=\(percentEncoded(query))", headers: [("Accept", "application/json")], deadline: deadline,
            bodyLimit: answerLimit)
        return prometheus(answer.body, status: answer.status)
    }

    /// The one number of an answer. Pure.
    static func prometheus(_ body: [UInt8], status: Int) -> MetricReading {
        guard let answer = try? CanonicalJSON.value(PrometheusAnswer.self, from: String(decoding: body, as: UTF8.self)) else {
            return .nothing("status \(status) with an answer that is not Prometheus's")
        }
        guard answer.status == "success", let data = answer.data else { return .nothing("Prometheus: \(answer.error ?? "status \(status)")") }
        guard data.samples.count == 1 else {
            return .nothing(data.samples.isEmpty ? "no number: the query finds nothing" : "\(data.samples.count) numbers: the query must give one")
        }
        guard let number = Double(data.samples[0].value), number.isFinite else { return .nothing("no number: \(data.samples[0].value)") }
        return .number(number)
    }

    /// Source: RFC 3986, section 2.3.
    private static func percentEncoded(_ text: String) -> String {
        text.utf8.reduce(into: "") { result, byte in
            let isPlain = (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || "-._~".utf8.contains(byte)
            let hex = String(byte, radix: 16, uppercase: true)
            result += isPlain ? String(UnicodeScalar(byte)) : "%\(hex.count == 1 ? "0" : "")\(hex)"
        }
    }
}

private struct PrometheusAnswer: Decodable {
    var status: String
    var error: String?
    var data: Content?

    /// `[1435781451.781, "0.05"]`: a time and a number as text.
    struct Sample: Decodable {
        var value: String
        init(from decoder: any Decoder) throws {
            var container = try decoder.unkeyedContainer()
            _ = try container.decode(Double.self)
            value = try container.decode(String.self)
        }
    }

    struct Content: Decodable {
        var samples: [Sample]

        private enum Key: String, CodingKey { case resultType, result }
        private struct Element: Decodable { var value: Sample }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            switch try container.decode(String.self, forKey: .resultType) {
            case "scalar": samples = [try container.decode(Sample.self, forKey: .result)]
            case "vector": samples = try container.decode([Element].self, forKey: .result).map(\.value)
            default: samples = []
            }
        }
    }
}
