internal import AsyncHTTPClient
internal import NIOHTTP1

/// An answer whose body can be read once. A second reading finds nothing: the client would end the process.
struct Response: Sendable {
    let status: Int
    let headers: HTTPHeaders
    private let body: Synchronized<HTTPClientResponse.Body?>

    init(_ response: HTTPClientResponse) {
        status = Int(response.status.code)
        headers = response.headers
        body = Synchronized(response.body)
    }

    func header(_ name: String) -> String? { headers.first(name: name) }

    func takeBody() -> HTTPClientResponse.Body? {
        body.change { (body: inout HTTPClientResponse.Body?) -> HTTPClientResponse.Body? in
            defer { body = nil }
            return body
        }
    }
}
