// swift-tools-version: 6.3
import PackageDescription

// One list for every Swift target. Language mode 6 comes from the tools version; unsafe constructs
// must be marked where they are used, and no warning survives.
let strict: [SwiftSetting] = [
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

// The layers, lowest first (docs/ARCHITECTURE.md). A target may import only what it names here;
// `make lint` builds with --explicit-target-dependency-import-check error.
let package = Package(
    name: "ragd",
    products: [
        .executable(name: "ragd", targets: ["ragd"])
    ],
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-atomics", from: "1.3.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // C: SIMD kernels, a call of the kernel's, and system libraries.
        .target(name: "CKernels"),
        .target(name: "CPlatform"),
        .systemLibrary(name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),
        // Without a file for pkg-config: the module map names the library.
        .systemLibrary(name: "CSnowball", providers: [.apt(["libstemmer-dev"])]),
        .systemLibrary(
            name: "COpenBLAS",
            pkgConfig: "openblas",
            providers: [.apt(["libopenblas-dev"])]
        ),
        .systemLibrary(
            name: "CPCRE2",
            pkgConfig: "libpcre2-8",
            providers: [.apt(["libpcre2-dev"])]
        ),
        // Safe Swift over the kernels.
        .target(name: "Kernels", dependencies: ["CKernels"], swiftSettings: strict),
        // JSON text to a tree, strictly: requests, and the files of a model.
        .target(name: "StrictJSON", swiftSettings: strict),
        // The two libraries that never see each other.
        .target(
            name: "Embedder",
            dependencies: ["COpenBLAS", "CPCRE2", "Kernels", "StrictJSON"],
            swiftSettings: strict
        ),
        .target(
            name: "VectorStore",
            dependencies: [
                "CLZ4", "CSnowball", "Kernels",
                .product(name: "Atomics", package: "swift-atomics"),
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict
        ),
        // How long to wait before a request to another server is made again.
        .target(name: "HTTPRetry", swiftSettings: strict),
        // Models from a hub into a folder, before anything reads them.
        .target(
            name: "ModelHub",
            dependencies: [
                "CPlatform", "HTTPRetry", "StrictJSON",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
        // What the product does, without sockets.
        .target(
            name: "RagCore",
            dependencies: [
                "CPlatform", "Embedder", "Kernels", "VectorStore",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        // Models of other servers, asked over HTTP.
        .target(
            name: "RemoteEngine",
            dependencies: [
                "HTTPRetry", "RagCore", "StrictJSON",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
        // The wire. VectorStore is named for its metadata and filter values only.
        .target(
            name: "RagHTTP",
            dependencies: [
                "RagCore", "StrictJSON", "VectorStore",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),
        // The daemon's settings: defaults, file, environment, flags, and where each came from.
        .target(
            name: "RagSettings",
            dependencies: [
                "Embedder", "RagCore", "RagHTTP",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "TOMLKit", package: "TOMLKit"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "ragd",
            dependencies: [
                "CPlatform", "Embedder", "Kernels", "ModelHub", "RagCore", "RagHTTP", "RagSettings",
                "RemoteEngine", "VectorStore",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),
        // Measured beside a peer by `make bench`. Here rather than in a package of their own, for
        // they use `package` access as the tests do.
        .executableTarget(
            name: "EmbedderBenchmark",
            dependencies: ["Embedder", "Kernels"],
            path: "Benchmarks/EmbedderBenchmark",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "VectorBenchmark",
            dependencies: ["Kernels", "VectorStore"],
            path: "Benchmarks/VectorBenchmark",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "StoreBenchmark",
            dependencies: ["VectorStore"],
            path: "Benchmarks/StoreBenchmark",
            swiftSettings: strict
        ),
        // Tests. They use `package` access, never @testable, so that they run the code that ships.
        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),
        .testTarget(
            name: "KernelsTests",
            dependencies: ["CKernels", "Kernels", "TestSupport"],
            swiftSettings: strict
        ),
        // A file layer for SQLite that fails on demand.
        .target(
            name: "CFaultFiles",
            path: "Tests/CFaultFiles",
            linkerSettings: [.linkedLibrary("sqlite3")]
        ),
        .testTarget(
            name: "VectorStoreTests",
            dependencies: [
                "CFaultFiles", "Kernels", "TestSupport", "VectorStore",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "EmbedderTests",
            dependencies: ["Embedder", "Kernels", "TestSupport"],
            resources: [.copy("Fixtures")],
            swiftSettings: strict
        ),
        .testTarget(name: "HTTPRetryTests", dependencies: ["HTTPRetry"], swiftSettings: strict),
        .testTarget(
            name: "ModelHubTests",
            dependencies: [
                "ModelHub", "TestSupport",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "RagCoreTests",
            dependencies: ["Embedder", "Kernels", "RagCore", "TestSupport", "VectorStore"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "RemoteEngineTests",
            dependencies: [
                "RagCore", "RemoteEngine", "TestSupport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "RagHTTPTests",
            dependencies: [
                "RagCore", "RagHTTP", "StrictJSON", "TestSupport", "VectorStore",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: ["RagCore", "RagHTTP", "TestSupport", "VectorStore"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "RagSettingsTests",
            dependencies: [
                "RagCore", "RagHTTP", "RagSettings", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .testTarget(name: "RepositoryTests", dependencies: ["TestSupport"], swiftSettings: strict),
    ]
)
