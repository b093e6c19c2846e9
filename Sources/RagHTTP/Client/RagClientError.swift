import Foundation
import NIOCore

/// What a daemon refused, or why it could not be asked.
public struct RagClientError: Error, Sendable, CustomStringConvertible {
    /// The status of the answer, nil when there was none.
    public var status: Int?
    /// For people.
    public var message: String
    /// The field that was wrong.
    public var param: String?
    /// A stable word for the reason.
    public var code: String?

    /// The message, which says all that matters.
    public var description: String { message }

    init(message: String) {
        self.message = message
    }

    /// Reads the error envelope; an answer in another form is quoted in part.
    init(status: Int, body: ByteBuffer) {
        self.status = status
        if let envelope = try? JSONDecoder().decode(
            EnvelopeReply.self,
            from: Data(body.readableBytesView)
        ) {
            message = envelope.error.message
            param = envelope.error.param
            code = envelope.error.code
        } else {
            message = "status \(status): \(String(buffer: body).prefix(200))"
        }
    }

    private struct EnvelopeReply: Decodable {
        let error: Body

        struct Body: Decodable {
            let message: String
            let param: String?
            let code: String?
        }
    }
}
