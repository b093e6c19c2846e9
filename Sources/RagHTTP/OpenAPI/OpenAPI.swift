import NIOCore

/// The server's own description in OpenAPI 3.1, answered at `/openapi.json`.
///
/// Written by hand for what a client generator needs: routes, parameters, bodies. A test asks the
/// router for each of its routes, so that it cannot promise what is not there.
enum OpenAPI {
    /// The document.
    static let document = JSONWriter.bytes { json in
        json.object { json in
            json.member("openapi", "3.1.0")
            json.object("info") { json in
                json.member("title", "ragd")
                json.member("version", "0.1.0")
                json.member("description", "Documents in, ranked and cited passages out.")
            }
            json.object("paths") { json in
                for (path, operations) in Dictionary(grouping: Operation.all, by: \.path)
                    .sorted(by: { $0.key < $1.key })
                {
                    json.object(path) { json in
                        for operation in operations { operation.write(to: &json) }
                    }
                }
            }
            json.object("components") { json in
                json.object("schemas") { json in
                    for schema in Schema.all { schema.write(to: &json) }
                }
                json.object("securitySchemes") { json in
                    json.object("key") { json in
                        json.member("type", "http")
                        json.member("scheme", "bearer")
                    }
                }
            }
        }
    }

    /// One method of one path.
    struct Operation {
        let method: String
        let path: String
        let summary: String
        var query: [String] = []
        var body: String?
        var isOpen = false
    }

    /// One request body: its fields with their JSON types.
    struct Schema {
        let name: String
        let required: [String]
        let fields: [(name: String, type: String)]
        /// Whether unknown fields are refused.
        var isStrict = true
    }
}

extension OpenAPI.Operation {
    fileprivate func write(to json: inout JSONWriter) {
        json.object(method) { json in
            json.member("summary", summary)
            let names = path.split(separator: "/").filter { $0.hasPrefix("{") }
                .map { String($0.dropFirst().dropLast()) }
            json.array("parameters", names.map { ($0, true) } + query.map { ($0, false) }) {
                json,
                parameter in
                json.object { json in
                    json.member("name", parameter.0)
                    json.member("in", parameter.1 ? "path" : "query")
                    json.member("required", parameter.1)
                    json.object("schema") { $0.member("type", "string") }
                }
            }
            if let body {
                json.object("requestBody") { json in
                    json.object("content") { json in
                        json.object("application/json") { json in
                            json.object("schema") { json in
                                json.member("$ref", "#/components/schemas/\(body)")
                            }
                        }
                    }
                }
            }
            json.object("responses") { json in
                for (status, text) in [("200", "Done"), ("default", "OpenAI's error envelope")] {
                    json.object(status) { $0.member("description", text) }
                }
            }
            let schemes = isOpen ? [] : ["key"]
            json.array("security", schemes) { json, scheme in
                json.object { json in json.array(scheme, [] as [String]) { $0.value($1) } }
            }
        }
    }
}

extension OpenAPI.Schema {
    fileprivate func write(to json: inout JSONWriter) {
        json.object(name) { json in
            json.member("type", "object")
            json.array("required", required) { $0.value($1) }
            json.object("properties") { json in
                for field in fields {
                    json.object(field.name) { json in
                        // A field of several forms is described by its docs/API.md entry alone.
                        if field.type != "any" { json.member("type", field.type) }
                    }
                }
            }
            json.member("additionalProperties", !isStrict)
        }
    }
}
