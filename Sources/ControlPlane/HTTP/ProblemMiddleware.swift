import API
import Hummingbird
import IngotModel
import Logging
import Synchronization

/// Makes every error a problem, logs what is the daemon's own, and counts answers.
struct ProblemMiddleware: RouterMiddleware {
    let answers: AnswerCounts

    func handle(_ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response) async throws -> Response {
        let response: Response
        do {
            response = try await next(request, context)
        } catch {
            response = Answers.problem(error)
            log(error, request, response.status.code, context.logger)
        }
        answers.count(response.status.code)
        return response
    }

    private func log(_ error: any Error, _ request: Request, _ status: Int, _ logger: Logger) {
        let metadata: Logger.Metadata = [
            "method": "\(request.method)", "path": "\(request.uri.path)", "status": "\(status)",
            "error": "\(ErrorReport(error).lines.joined(separator: "; "))",
        ]
        // That the asker has gone away is no failure of the daemon's.
        let isOwn = status >= 500 && !(error is CancellationError)
        if isOwn { logger.error("a request failed", metadata: metadata) } else { logger.debug("a request was refused", metadata: metadata) }
    }
}

/// How many requests the API answered with which status.
final class AnswerCounts: Sendable {
    private let counts = Mutex<[Int: Int]>([:])
    func count(_ status: Int) { counts.withLock { $0[status, default: 0] += 1 } }
    var byStatus: [Int: Int] { counts.withLock { $0 } }
}
