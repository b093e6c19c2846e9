import Foundation
import Kernels
import RagHTTP
import RagSettings

extension Diagnosis {
    /// The address, and who can reach it.
    mutating func checkAddress(_ settings: DaemonSettings) {
        do throws(ConfigurationError) {
            try settings.server.validate()
            let reach = settings.listen.value.isLoopback ? "this machine" : "other machines, by key"
            ok("address", "\(settings.listen.value) can be reached from \(reach)")
        } catch {
            fail("address", error.description)
        }
    }

    /// The processor's features and which of them the kernels use.
    mutating func checkProcessor(threads: Int) {
        let cores = ProcessInfo.processInfo.activeProcessorCount
        ok("kernels", "instruction set \(CPU.instructionSet)")
        let features = Self.processorFeatures()
        if !features.isEmpty { note("processor", features.joined(separator: " ")) }
        let memory = ProcessInfo.processInfo.physicalMemory / 1_000_000
        note("machine", "\(cores) cores, \(memory) MB of memory")
        if threads < 1 {
            fail("threads", "\(threads) inference threads; at least 1 is needed")
        } else if threads > cores {
            warn("threads", "\(threads) inference threads on \(cores) cores only take memory")
        }
        let selfCheck = [Float](repeating: 0.5, count: 67)
        if abs(VectorMath.dot(selfCheck, selfCheck) - 16.75) > 1e-4 {
            fail("kernels", "a dot product is wrong; RAGD_CPU=scalar may get around it")
        }
    }

    /// The features that matter here, as Linux reports them.
    private static func processorFeatures() -> [String] {
        let known = ["avx2", "fma", "avx512f", "avx512_vnni", "avx512_bf16", "amx_int8", "asimd"]
        guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8) else {
            return []
        }
        let line = text.split(separator: "\n").first {
            $0.hasPrefix("flags") || $0.hasPrefix("Features")
        }
        let words = Set((line ?? "").split(separator: " ").map(String.init))
        return known.filter { words.contains($0) }
    }
}
