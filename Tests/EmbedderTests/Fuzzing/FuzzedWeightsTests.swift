import Embedder
import Foundation
import TestSupport
import Testing

/// All fuzzing, one test after the other, so that the seconds of each are its own.
@Suite("Fuzzed model files", .serialized)
enum FuzzedFiles {}

extension FuzzedFiles {
    /// Weights with one thing wrong, in any tensor and any shard: refused, the file and the tensor named.
    @Suite("Weights")
    struct Weights {
        /// Tiny models of which every tensor is needed: one file and several, encoder and decoder.
        private static let models = [
            "tiny/cls", "architectures/qwen3-plain", "architectures/qwen3-grouped",
            "rerankers/bert", "rerankers/qwen3-untied",
        ]

        /// A file of weights and the model that it is of.
        private struct Subject {
            let model: ModelCopy
            let file: String
            let original: [UInt8]
            let image: SafetensorsImage
        }

        private static func subjects() throws -> [Subject] {
            var subjects: [Subject] = []
            for name in models {
                let model = try ModelCopy(of: name)
                #expect(model.failure() == nil)
                let files = try FileManager.default.contentsOfDirectory(atPath: model.path)
                for file in files.sorted() where file.hasSuffix(".safetensors") {
                    let original = try model.read(file)
                    let image = try SafetensorsImage(original)
                    #expect(image.isCovered)
                    subjects.append(
                        Subject(model: model, file: file, original: original, image: image)
                    )
                }
            }
            return subjects
        }

        /// Tries one spoilt file after the other.
        ///
        /// - Parameters:
        ///   - damage: the name of what is wrong.
        ///   - spoil: a sound file's bytes and contents to a spoilt one's; with them what the error must
        ///     say besides the file's name, nothing where that is enough. Nil where the file is sound.
        /// - Throws: when a file cannot be written.
        private func fuzz(
            _ damage: String,
            _ spoil: (SafetensorsImage, [UInt8], inout SeededRandom) -> (
                bytes: [UInt8], named: String
            )?
        ) throws {
            let subjects = try Self.subjects()
            try FuzzBudget.run(damage) { random in
                let subject = subjects[Int.random(in: 0..<subjects.count, using: &random)]
                guard let spoilt = spoil(subject.image, subject.original, &random) else { return }
                try subject.model.write(spoilt.bytes, to: subject.file)
                defer { try? subject.model.write(subject.original, to: subject.file) }
                guard let error = subject.model.failure() else {
                    throw FuzzFailure(description: "\(subject.file) of \(subject.model.path) loads")
                }
                guard error.code == .invalidModel || error.code == .unsupportedModel,
                    error.message.contains(subject.file) || error.message.contains("index.json"),
                    spoilt.named.isEmpty || error.message.contains(spoilt.named)
                else { throw FuzzFailure(description: "\(error); not said: \(spoilt.named)") }
            }
        }

        @Test("a file cut short")
        func truncated() throws {
            try fuzz("truncated shard") { _, bytes, random in
                (Array(bytes.prefix(Int.random(in: 0..<bytes.count, using: &random))), "")
            }
        }

        @Test("tensors that overlap, leave a gap or lie outside")
        func overlapping() throws {
            try fuzz("overlapping tensors") { image, _, random in
                var image = image
                for _ in 0..<Int.random(in: 1...3, using: &random) {
                    let index = Int.random(in: 0..<image.entries.count, using: &random)
                    let size = image.entries[index].end &- image.entries[index].start
                    let shift =
                        switch Int.random(in: 0..<4, using: &random) {
                        case 0: Int.random(in: -8...8, using: &random)
                        case 1: Bool.random(using: &random) ? size : -size
                        case 2: Int.random(in: -image.data.count...image.data.count, using: &random)
                        default: Int.random(in: Int.min / 2...Int.max / 2, using: &random)
                        }
                    image.entries[index].start &+= shift
                    if Bool.random(using: &random) {
                        image.entries[index].end = image.entries[index].start &+ size
                    }
                }
                // Tensors of one size may have changed places.
                return image.isCovered ? nil : (image.bytes, "")
            }
        }

        @Test("a tensor of another shape, with as many elements or not")
        func otherShape() throws {
            try fuzz("wrong shape") { image, _, random in
                var image = image
                let index = Int.random(in: 0..<image.entries.count, using: &random)
                let shape = image.entries[index].shape
                var other = shape
                switch Int.random(in: 0..<5, using: &random) {
                case 0: other.reverse()
                case 1: other = [shape.reduce(1, *)]
                case 2: other.insert(1, at: Int.random(in: 0...other.count, using: &random))
                case 3:
                    let axis = Int.random(in: 0..<other.count, using: &random)
                    other[axis] = Int.random(in: -2...2 * other[axis], using: &random)
                default: other[0] = Int.random(in: Int.min...Int.max, using: &random)
                }
                guard other != shape else { return nil }
                image.entries[index].shape = other
                return (image.bytes, Self.plainName(image.entries[index].name))
            }
        }

        @Test("a tensor that is not there, or is there by another name")
        func missing() throws {
            try fuzz("missing tensor") { image, _, random in
                var image = image
                let index = Int.random(in: 0..<image.entries.count, using: &random)
                let name = image.entries[index].name
                if Bool.random(using: &random) {
                    image.remove(at: index)
                } else {
                    image.entries[index].name = name + "\(Int.random(in: 0...99, using: &random))"
                }
                return (image.bytes, Self.plainName(name))
            }
        }

        @Test("elements of a type that is unknown, or of no numbers that are computed with")
        func unknownType() throws {
            let types = [
                "", "F4", "F8_E8M0", "f32", "F32 ", "FP32", "I32", "U32", "I64", "U8", "BOOL",
                "C64", "F64", "float",

            ]
            try fuzz("unknown dtype") { image, _, random in
                var image = image
                let index = Int.random(in: 0..<image.entries.count, using: &random)
                image.entries[index].dtype = types[Int.random(in: 0..<types.count, using: &random)]
                return (image.bytes, Self.plainName(image.entries[index].name))
            }
        }

        @Test("a header that claims another length, or holds what no header does")
        func hugeHeader() throws {
            try fuzz("huge header") { image, bytes, random in
                let length = UInt64(image.header.count)
                switch Int.random(in: 0..<6, using: &random) {
                case 0:
                    let shift = UInt64.random(in: 0..<64, using: &random)
                    let claimed = UInt64.random(in: .min ... .max, using: &random) >> shift
                    guard claimed != length else { return nil }
                    return (SafetensorsImage.lengthField(claimed) + image.header + image.data, "")
                case 1:
                    let claimed = length &+ UInt64(Int.random(in: 1...9, using: &random))
                    return (SafetensorsImage.lengthField(claimed) + image.header + image.data, "")
                case 2:
                    let depth = Int.random(in: 1...100_000, using: &random)
                    let open = Bool.random(using: &random) ? "[" : "{\"a\":"
                    let header = Array(String(repeating: open, count: depth).utf8)
                    let field = SafetensorsImage.lengthField(UInt64(header.count))
                    return (field + header + image.data, "")
                case 3:
                    // Many tensors of nothing: the data is then no tensor's.
                    let count = Int.random(in: 0...2_000, using: &random)
                    let member = "{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}"
                    let members = (0..<count).map { "\"\($0)\":\(member)" }
                    let header = Array("{\(members.joined(separator: ","))}".utf8)
                    let field = SafetensorsImage.lengthField(UInt64(header.count))
                    return (field + header + image.data, "")
                case 4:
                    return (Array(bytes.prefix(8)) + bytes.dropFirst(9), "")
                default:
                    return (
                        bytes
                            + [UInt8](repeating: 0, count: Int.random(in: 1...64, using: &random)),
                        ""
                    )
                }
            }
        }

        /// A name without what files put before all of them, which errors leave out.
        private static func plainName(_ name: String) -> String {
            for prefix in ["model.", "bert."] where name.hasPrefix(prefix) {
                return String(name.dropFirst(prefix.count))
            }
            return name
        }
    }
}
