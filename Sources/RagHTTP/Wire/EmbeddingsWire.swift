import RagCore
import StrictJSON

/// How vectors are written.
enum VectorEncoding: String, CaseIterable, Sendable {
    /// An array of numbers.
    case float
    /// The base64 text of little-endian 32-bit floats.
    case base64
}

extension EmbedRequest {
    /// Reads the fields of `POST /v1/embeddings`; `user` and unknown ones are ignored.
    ///
    /// `input_type`, `prompt_name`, `prompt`, `instruction` and `truncate` are additions to OpenAI's:
    /// a model may embed queries and documents differently, and a caller may prefer a cut text to an
    /// error.
    init(_ fields: inout Fields) throws(APIError) {
        let model = try fields.string("model")
        self.init(model: model, inputs: try fields.inputs("input"))
        dimensions = try fields.integer("dimensions")
        role = try fields.choice("input_type") ?? role
        prompt = try fields.prompt()
        truncate = try fields.bool("truncate") ?? truncate
    }
}

extension Fields {
    /// The one of `prompt`, `prompt_name` and `instruction` that is given.
    fileprivate mutating func prompt() throws(APIError) -> EmbedRequest.Prompt? {
        let given: [(name: String, prompt: EmbedRequest.Prompt?)] = [
            ("prompt", try string("prompt").map { .text($0) }),
            ("prompt_name", try string("prompt_name").map { .name($0) }),
            ("instruction", try string("instruction").map { .instruction($0) }),
        ]
        .filter { $0.prompt != nil }
        guard given.count <= 1 else {
            throw .invalid(
                "\(given[0].name) and \(given[1].name) both say what stands before a text; give one "
                    + "of them",
                param: pathTo(given[1].name)
            )
        }
        return given.first?.prompt
    }

    /// The four forms of `input`: a text, texts, token ids, arrays of token ids.
    fileprivate mutating func inputs(_ name: String) throws(APIError) -> [EmbedRequest.Input] {
        let value = try required(name)
        let elements: [JSONValue]
        switch value.content {
        case .string(let text): return [.text(text)]
        case .array(let array): elements = array
        default: throw wrongType(name, expected: "a string or an array", value)
        }
        // An array that starts with a number is one input of token ids.
        if case .integer = elements.first?.content {
            return [.tokens(try tokens(elements, at: name))]
        }
        var inputs: [EmbedRequest.Input] = []
        inputs.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            let place = "\(name)[\(index)]"
            switch element.content {
            case .string(let text): inputs.append(.text(text))
            case .array(let ids): inputs.append(.tokens(try tokens(ids, at: place)))
            default:
                throw wrongType(place, expected: "a string or an array of token ids", element)
            }
        }
        return inputs
    }

    private func tokens(_ values: [JSONValue], at place: String) throws(APIError) -> [Int32] {
        var ids: [Int32] = []
        ids.reserveCapacity(values.count)
        for (index, value) in values.enumerated() {
            guard case .integer(let number) = value.content, let id = Int32(exactly: number) else {
                throw wrongType("\(place)[\(index)]", expected: "a token id", value)
            }
            ids.append(id)
        }
        return ids
    }
}

extension EmbedResponse {
    /// Writes the vectors in OpenAI's list form.
    func write(to json: inout JSONWriter, encoding: VectorEncoding) {
        json.member("object", "list")
        json.array("data", vectors.enumerated()) { json, entry in
            json.object { json in
                json.member("object", "embedding")
                json.member("index", entry.offset)
                json.name("embedding")
                switch encoding {
                case .float: json.value(entry.element)
                case .base64: json.base64(entry.element)
                }
            }
        }
        json.member("model", model)
        json.object("usage") { json in
            json.member("prompt_tokens", tokens)
            json.member("total_tokens", tokens)
        }
    }
}
