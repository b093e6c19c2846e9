package import NIOCore

/// The body of every answer that is an error, in OpenAI's form.
///
/// All four keys are always there: OpenAI's SDKs read each of them.
package struct ErrorEnvelope: Sendable, Hashable {
    /// For people.
    package var message: String
    /// One of OpenAI's words for the class of error.
    package var type: String
    /// The path of the field that was wrong.
    package var param: String?
    /// A stable word for the reason.
    package var code: String?

    /// Makes an envelope from its four parts.
    package init(message: String, type: String, param: String?, code: String?) {
        self.message = message
        self.type = type
        self.param = param
        self.code = code
    }

    /// The JSON text.
    package var json: ByteBuffer {
        JSONWriter.bytes { json in
            json.object { json in
                json.object("error") { write(to: &$0) }
            }
        }
    }

    /// Writes the four members into an object that is open.
    func write(to json: inout JSONWriter) {
        json.member("message", message)
        json.member("type", type)
        json.member("param", param)
        json.member("code", code)
    }
}
