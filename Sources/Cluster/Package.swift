// swift-tools-version: 6.2
// The heavy package: everything that speaks TLS, HTTP or gRPC, or keeps its state in SQLite.
import PackageDescription

let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

func drydock(_ names: String...) -> [Target.Dependency] {
    names.map { .product(name: $0, package: "Drydock") }
}

let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
]
let http1: [Target.Dependency] = [.product(name: "NIOHTTP1", package: "swift-nio")]
let tls: [Target.Dependency] = [.product(name: "NIOSSL", package: "swift-nio-ssl")]
let httpClient: [Target.Dependency] = [.product(name: "AsyncHTTPClient", package: "async-http-client")]
let grpc: [Target.Dependency] = [
    .product(name: "GRPCCore", package: "grpc-swift-2"),
    .product(name: "GRPCNIOTransportHTTP2", package: "grpc-swift-nio-transport"),
    .product(name: "GRPCProtobuf", package: "grpc-swift-protobuf"),
    .product(name: "SwiftProtobuf", package: "swift-protobuf"),
]
let sqlite: [Target.Dependency] = [.product(name: "GRDB", package: "GRDB.swift")]
let certificates: [Target.Dependency] = [
    .product(name: "X509", package: "swift-certificates"), .product(name: "Crypto", package: "swift-crypto"),
]
let yaml: [Target.Dependency] = [.product(name: "Yams", package: "Yams")]
let logging: [Target.Dependency] = [.product(name: "Logging", package: "swift-log")]
let signals: [Target.Dependency] = [.product(name: "UnixSignals", package: "swift-service-lifecycle")]
let lifecycle: [Target.Dependency] = [.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")]
let commandLine: [Target.Dependency] = [.product(name: "ArgumentParser", package: "swift-argument-parser")]

func service(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, path: "Services/\(name)", swiftSettings: strict)
}
func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies + commandLine + logging, path: "Programs/\(name)",
        swiftSettings: strict)
}
func tests(_ name: String, _ more: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.init(stringLiteral: name)] + more, path: "Tests/\(name)")
}

let values = drydock("Linux", "CLinux", "JSON", "Objects")

let package = Package(
    name: "Cluster",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "Drydock", path: "../.."),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0"),
        .package(url: "https://github.com/grpc/grpc-swift-2", exact: "2.4.3"),
        .package(url: "https://github.com/grpc/grpc-swift-nio-transport", exact: "2.9.2"),
        .package(url: "https://github.com/grpc/grpc-swift-protobuf", exact: "2.4.1"),
        .package(url: "https://github.com/apple/swift-protobuf", exact: "1.39.0"),
        .package(url: "https://github.com/apple/swift-certificates", exact: "1.21.1"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
    ],
    targets: [
        .target(
            name: "EtcdAPI", dependencies: grpc + nio + tls, path: "Services/EtcdAPI", exclude: ["Protos"],
            swiftSettings: strict),
        service("Store", values + ["EtcdAPI"] + grpc + sqlite + nio + http1 + tls + certificates + logging + drydock("ContractRaft", "Bytes", "Consensus", "StoreRules", "Revisions")),
        service(
            "APIServer",
            values + drydock("Kinds", "ContractAdmission", "ContractWatch") + ["EtcdAPI", "HTTPServing"] + http1 + grpc
                + httpClient + tls + nio + certificates + yaml + logging),
        service("HTTPServing", drydock("Linux", "JSON") + http1 + tls + nio + certificates + logging),
        service("Client", values + drydock("ClientRules") + httpClient + tls + nio + logging + signals),
        service("Controllers", values + drydock("ControllerRules") + ["Client"] + logging),
        service("Scheduling", values + drydock("ControllerRules") + ["Client"] + logging),
        service("Images", values + drydock("Snapshots") + certificates),
        service(
            "Kubelet",
            values + drydock("PodRuntime", "PodWork") + ["Client", "Images", "HTTPServing"] + grpc + tls + nio + logging),
        service("Proxy", values + drydock("ServiceRules") + ["Client"] + logging + lifecycle),

        program("raft", ["Store", "EtcdAPI"] + grpc + drydock("SolutionRaft", "PartPipe", "RaftSimulation")),
        program("apiserver", ["APIServer", "Client", "HTTPServing"] + drydock("SolutionWatch", "SolutionAdmission")),
        program("scheduler", ["Scheduling"] + drydock("SolutionScheduler", "PartPipe")),
        program("selectors", ["Controllers"] + drydock("SolutionSelectors", "PartPipe")),
        program("rollout", ["Controllers"] + drydock("SolutionRollout", "PartPipe")),
        program("jobs", ["Controllers"] + drydock("SolutionMiniCluster", "PartPipe")),
        program("hpa", ["Controllers"] + drydock("SolutionAutoscaler", "PartPipe")),
        program("controllers", ["Controllers"] + drydock("ControllerRules")),
        program("kubelet", ["Kubelet", "Client"] + drydock("SolutionPodLifecycle", "PartPipe", "PodRuntime", "PodWork", "Linux")),
        program("dnat", ["Proxy"] + drydock("SolutionServiceDNAT", "PartPipe")),
        program("images", ["Images"] + drydock("Snapshots")),
        program("pki", drydock("Linux", "JSON") + certificates),

        tests(
            "Store",
            drydock("Linux", "JSON", "Bytes", "Consensus", "ContractRaft", "Revisions", "Simulation") + ["EtcdAPI"]
                + grpc + nio + sqlite),
        tests(
            "APIServer",
            ["Client", "HTTPServing", "harbour", "controllers"]
                + drydock("Linux", "JSON", "Objects", "SolutionWatch", "SolutionAdmission")),
        .executableTarget(
            name: "harbour",
            dependencies: ["APIServer", "HTTPServing"] + commandLine + logging
                + drydock("Kinds", "JSON", "SolutionWatch", "SolutionAdmission"),
            path: "Tests/Harbour", swiftSettings: strict),
        tests("Kubelet"),
        tests("Proxy", drydock("Linux") + ["dnat", "apiserver", "pki"]), tests("Images"),
    ]
)
