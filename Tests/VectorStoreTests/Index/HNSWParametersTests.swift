import Foundation
import Testing
import VectorStore

@Suite("HNSW parameters")
struct HNSWParametersTests {
    @Test("the standard is M 16, efConstruction 200")
    func standard() throws {
        #expect(HNSWParameters.standard.connectivity == 16)
        #expect(HNSWParameters.standard.efConstruction == 200)
        #expect(HNSWParameters.standard.quantization == .int8)
        #expect(try HNSWParameters() == .standard)
    }

    @Test("values out of range are refused by name", arguments: [(1, 200), (129, 200), (16, 0)])
    func refused(connectivity: Int, efConstruction: Int) {
        let error = #expect(throws: VectorStoreError.self) {
            try HNSWParameters(connectivity: connectivity, efConstruction: efConstruction)
        }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("\(efConstruction == 0 ? 0 : connectivity)") == true)
    }

    @Test("survive a round trip through JSON")
    func roundTrip() throws {
        let parameters = try HNSWParameters(
            connectivity: 24,
            efConstruction: 100,
            seed: .max,
            quantization: .none
        )
        let data = try JSONEncoder().encode(parameters)
        #expect(try JSONDecoder().decode(HNSWParameters.self, from: data) == parameters)
    }

    @Test("parameters that were stored before there were codes are read")
    func beforeCodes() throws {
        let json = Data(#"{"connectivity":16,"efConstruction":200,"seed":1}"#.utf8)
        let parameters = try JSONDecoder().decode(HNSWParameters.self, from: json)
        #expect(parameters.quantization == .int8 && parameters.seed == 1)
    }

    @Test("decoding checks the range too")
    func decodingChecks() {
        let json = Data(#"{"connectivity":1,"efConstruction":200,"seed":1}"#.utf8)
        #expect(throws: VectorStoreError.self) {
            try JSONDecoder().decode(HNSWParameters.self, from: json)
        }
    }
}
