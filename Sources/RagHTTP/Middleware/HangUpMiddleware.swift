import Hummingbird

/// Cancels what is done for a request whose client has hung up.
///
/// The request is then answered as cancelled, which only the log sees, and what waited for it in a
/// queue leaves it.
struct HangUpMiddleware: RouterMiddleware {
    let hangUps: HangUps

    func handle(
        _ request: Request,
        context: RagRequestContext,
        next: (Request, RagRequestContext) async throws -> Response
    ) async throws -> Response {
        let channel = context.channel
        return try await withoutActuallyEscaping(next) { next in
            let handler = Handler(respond: next)
            // At once on this thread: a task that starts anywhere would wait for a thread.
            let task = Task.immediate { try await handler.respond(request, context) }
            hangUps.watch(channel) { task.cancel() }
            defer { hangUps.unwatch(channel) }
            return try await withTaskCancellationHandler {
                try await task.value
            } onCancel: {
                task.cancel()
            }
        }
    }
}

/// What answers a request, on its way to the task that calls it.
// Guard: called by that task alone, which has ended when the middleware returns.
private struct Handler: @unchecked Sendable {
    let respond: (Request, RagRequestContext) async throws -> Response
}
