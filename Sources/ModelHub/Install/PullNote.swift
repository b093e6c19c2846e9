internal import Foundation

/// Where a model's folder came from, as `ragd-model.json` in it says.
///
/// A pull writes it and the next one reads it; nothing that loads or lists models looks at it.
package struct PullNote: Codable, Sendable, Equatable {
    /// A file of the folder.
    package struct File: Codable, Sendable, Equatable {
        /// Its size.
        package let bytes: Int
        /// SHA-256 of its content.
        package let sha256: String
    }

    /// The hub or mirror that was asked.
    package let hub: String
    /// The repository.
    package let repository: String
    /// The revision that was asked for.
    package let revision: String
    /// The commit that it stood for.
    package let commit: String
    /// How much of the model was fetched.
    package let extent: PullPlan.Extent
    /// Every file, by path.
    package let files: [String: File]

    /// What the note is called.
    package static let name = "ragd-model.json"
    /// A note about as many files as a pull fetches.
    private static let byteCountMax = 1 << 20

    /// Reads the note of a model's folder, nil when there is none that can be read.
    package static func read(in directory: String) -> PullNote? {
        let path = "\(directory)/\(name)"
        guard let size = size(of: path), size <= byteCountMax,
            let data = FileManager.default.contents(atPath: path)
        else { return nil }
        return try? JSONDecoder().decode(PullNote.self, from: data)
    }

    /// Writes the note and waits until it is on the disk.
    func write(in directory: String) throws(HubError) {
        let path = "\(directory)/\(Self.name)"
        try DiskError.wrap(path) {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            var data = try encoder.encode(self)
            data.append(UInt8(ascii: "\n"))
            try data.write(to: URL(fileURLWithPath: path))
            let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
            try handle.synchronize()
            try handle.close()
        }
    }

    /// The first file that is not there with its size, nil when all are.
    func firstMissing(in directory: String) -> String? {
        files.keys.sorted().first { Self.size(of: "\(directory)/\($0)") != files[$0]?.bytes }
    }

    private static func size(of path: String) -> Int? {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return (attributes?[.size] as? NSNumber)?.intValue
    }
}
