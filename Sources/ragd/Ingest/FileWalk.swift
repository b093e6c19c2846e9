import Foundation

/// The files below the paths of a command line, sorted, without hidden ones.
struct FileWalk {
    /// Paths, each with the prefix that was given.
    let paths: [String]

    /// Walks the folders among `roots`.
    ///
    /// - Throws: `CommandFailure` when a path does not exist.
    init(_ roots: [String]) throws {
        var paths: [String] = []
        for root in roots {
            let target = URL(fileURLWithPath: root).resolvingSymlinksInPath().path
            let attributes = try? FileManager.default.attributesOfItem(atPath: target)
            switch attributes?[.type] as? FileAttributeType {
            case .typeDirectory: paths += Self.files(below: root)
            case .typeRegular: paths.append(root)
            default: throw CommandFailure("there is no file or folder \(root)")
            }
        }
        var seen: Set<String> = []
        self.paths = paths.filter { seen.insert($0).inserted }
    }

    private static func files(below root: String) -> [String] {
        let prefix = root.hasSuffix("/") ? root : root + "/"
        guard let enumerator = FileManager.default.enumerator(atPath: root) else { return [] }
        var files: [String] = []
        while let name = enumerator.nextObject() as? String {
            if (name as NSString).lastPathComponent.hasPrefix(".") {
                enumerator.skipDescendants()
                continue
            }
            let type = enumerator.fileAttributes?[.type] as? FileAttributeType
            if type == .typeRegular { files.append(prefix + name) }
        }
        return files.sorted()
    }
}
