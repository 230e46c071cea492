import ArgumentParser
import Foundation
import IngotModel

enum OutputFormat: String, CaseIterable, Sendable, ExpressibleByArgument {
    case text, json
}

/// What a command answers with: a value for programs, and lines for people.
protocol View {
    associatedtype Value: Encodable
    var value: Value { get }
    func lines(_ style: TextStyle) -> [String]
}

/// The one place where answers are turned into bytes; a new format does not build until it is here.
struct Renderer: Sendable {
    var format: OutputFormat
    var style: TextStyle

    /// A whole answer: one JSON document, or lines.
    func document(_ view: some View) -> String {
        switch format {
        case .text: Self.joined(view.lines(style))
        case .json: Self.json(view.value, isPretty: true)
        }
    }

    /// One part of an answer that goes on: one line of JSON, or lines.
    func element(_ view: some View) -> String {
        switch format {
        case .text: Self.joined(view.lines(style))
        case .json: Self.json(view.value, isPretty: false)
        }
    }

    /// An error, for standard error.
    func error(_ failure: FailureView) -> String {
        switch format {
        case .text: Self.joined(failure.lines(style))
        case .json: Self.json(failure.value, isPretty: false)
        }
    }

    private static func joined(_ lines: [String]) -> String { lines.map { $0 + "\n" }.joined() }

    static func json(_ value: some Encodable, isPretty: Bool) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting =
            isPretty
            ? [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted] : [.sortedKeys, .withoutEscapingSlashes]
        do {
            return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
        } catch {
            // Only a number that JSON can't hold, such as infinity, leads here; that is a bug, and must be seen as one.
            return "{\"error\":\"the answer could not be written as JSON\"}\n"
        }
    }
}
