internal import NIOHTTP1

/// What goes back for a request.
struct Answer: Sendable {
    var status: HTTPResponseStatus
    var headers: [(name: String, value: String)] = []
    var content = Content.none

    enum Content: Sendable {
        case none
        case bytes([UInt8], type: String)
        /// A part of a blob.
        case blob(OpenBlob, Range<Int>)
        /// What a HEAD is told of: no bytes.
        case length(Int, type: String)

        var length: Int {
            switch self {
            case .none: 0
            case .bytes(let bytes, _): bytes.count
            case .blob(_, let range): range.count
            case .length(let length, _): length
            }
        }

        var type: String? {
            switch self {
            case .none: nil
            case .bytes(_, let type), .length(_, let type): type
            case .blob: "application/octet-stream"
            }
        }
    }

    /// The same with the content's length only.
    var head: Answer {
        var copy = self
        if let type = content.type { copy.content = .length(content.length, type: type) }
        return copy
    }

    init(_ status: HTTPResponseStatus, _ headers: [(name: String, value: String)] = [], _ content: Content = .none) {
        self.status = status
        self.headers = headers
        self.content = content
    }

    init(_ problem: RegistryProblem) {
        self.init(
            problem.status, problem.headers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) },
            .bytes(problem.body, type: "application/json"))
    }
}
