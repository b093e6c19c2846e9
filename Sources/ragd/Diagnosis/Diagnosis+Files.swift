import Embedder
import Foundation
import RagCore
import RagSettings
import VectorStore

extension Diagnosis {
    /// The system libraries, each asked rather than looked up.
    mutating func checkLibraries() {
        ok("OpenBLAS", MatrixLibrary.version)
        ok("LZ4", StorageLibraries.lz4)
        do throws(VectorStoreError) {
            ok("SQLite", try StorageLibraries.sqlite())
        } catch {
            fail("SQLite", error.message)
        }
    }

    /// The models folder, and whether the default model makes sensible vectors.
    mutating func checkModels(_ settings: DaemonSettings) {
        let directory = settings.models.value
        do {
            let roster = try settings.roster()
            note("models", roster.models.map(\.entry.id).joined(separator: ", "))
            for finding in roster.missing { fail("models", finding) }
            guard let model = roster.model(settings.model.value) else {
                fail(
                    "model",
                    "\(directory) has no \(settings.model.value); 'make model' fetches it"
                )
                return
            }
            // What another server computes is checked by asking it, as the other such models are.
            guard case .folder(let path) = model.place else { return }
            let check = try ModelCheck(directory: path, name: model.entry.id)
            if check.findings.isEmpty {
                ok(
                    "model",
                    "\(check.model.name) loads and embeds, \(check.model.dimension) dimensions"
                )
            }
            for finding in check.findings { fail("model", finding) }
        } catch {
            fail("models", "\(error)")
        }
    }

    /// The data folder: room, rights, and whether the store in it opens and is sound.
    mutating func checkData(_ directory: String) {
        let manager = FileManager.default
        let exists = manager.fileExists(atPath: directory)
        let place = exists ? directory : (directory as NSString).deletingLastPathComponent
        let root = place.isEmpty ? "." : place
        guard manager.isWritableFile(atPath: root) else {
            fail("data", "\(root) is not a folder that can be written to")
            return
        }
        if let free = try? manager.attributesOfFileSystem(forPath: root)[.systemFreeSize]
            as? NSNumber
        {
            let megabytes = free.intValue / 1_000_000
            if megabytes < 1_000 {
                warn("disk", "\(megabytes) MB are free for \(directory)")
            } else {
                ok("disk", "\(megabytes) MB are free for \(directory)")
            }
        }
        guard exists else {
            note("data", "\(directory) does not exist yet; serve makes it")
            return
        }
        checkStore(directory)
    }

    private mutating func checkStore(_ directory: String) {
        do throws(VectorStoreError) {
            let store = try VectorStore.open(directory: directory)
            let names = store.collections().map(\.configuration.name)
            let findings = try store.verify()
            ok("data", "\(names.count) collections, no other daemon")
            for finding in findings { fail("data", finding) }
        } catch  where error.code == .conflict {
            warn("data", error.message)
        } catch {
            fail("data", error.message)
        }
    }
}
