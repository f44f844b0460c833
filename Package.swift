// swift-tools-version: 6.2
// The light package: all that a student compiles and reads first. What needs TLS, HTTP, gRPC or SQLite
// lives in Sources/Cluster, a package of its own, so that an edit to a lab rebuilds one small program.
import PackageDescription

let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

func library(_ name: String, _ path: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: path, swiftSettings: strict)
}

func program(
    _ name: String, _ dependencies: [Target.Dependency], path: String? = nil,
    linker: [LinkerSetting] = []
) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, path: path ?? "Sources/Programs/\(name)",
        swiftSettings: strict, linkerSettings: linker)
}

/// What starts once per container, or stays as process 1 of something: one static file, no loader, no Foundation.
let staticLinking: [LinkerSetting] = [.unsafeFlags(["-static-executable"])]

/// The labs that have parts, by their folder in both homes: a number, and the concept's name.
let labs = [
    "01-Namespaces", "02-ControlGroups", "03-Overlay", "06-Raft", "09-Selectors", "10-Rollout",
    "14-ServiceDNAT", "17-Autoscaler", "19-MiniCluster",
]

/// Concepts that the cluster needs and whose labs come later: a reference part, no starter yet.
let referencesOnly = [
    "05-Runtime", "07-Watch", "08-Admission", "11-Scheduler", "12-PodLifecycle",
]

/// `Rollout` of `10-Rollout`.
func concept(_ folder: String) -> String { String(folder.dropFirst(3)) }
/// What a lab's part has to do: a module of its own, so that nobody compiles the contracts of other labs.
func contract(_ folder: String) -> Target.Dependency { .init(stringLiteral: "Contract\(concept(folder))") }

/// What a lab's checks are made of besides `Grading`.
let checksNeed: [String: [String]] = [
    "01": [],
    "02": ["Dock"],
    "03": ["Snapshots"],
    "06": ["RaftSimulation", "Consensus", "Linux", "JSON"],
    "09": ["WorkloadSimulation"],
    "10": ["WorkloadSimulation"],
    "14": ["RuleTracing"],
    "17": [],
    "19": ["Launcher"],
]

let notSwift = ["README.md", "lab.json"]

/// What else lies beside a handout, by the lab's number: drawings, manifests.
let lyingBeside = ["06": ["three.sh"], "10": ["web.yaml"]]

/// Five targets a lab beside its contract: the reference and the student's part, for each the program that serves it over a pipe, and the
/// program that judges either, which has neither in it.
func lab(_ folder: String) -> [Target] {
    let (number, name) = (String(folder.prefix(2)), concept(folder))
    return [
        library("Solution\(name)", "Solutions/\(folder)", [contract(folder)]),
        .target(
            name: "Lab\(name)", dependencies: [contract(folder)], path: "Labs/\(folder)",
            exclude: notSwift + (lyingBeside[number] ?? [])),
        .executableTarget(
            name: "part-\(number)", dependencies: ["PartPipe", .init(stringLiteral: "Lab\(name)")],
            path: "Sources/Programs/Parts/\(number)"),
        .executableTarget(
            name: "reference-\(number)",
            dependencies: ["PartPipe", .init(stringLiteral: "Solution\(name)")],
            path: "Sources/Programs/References/\(number)"),
        .executableTarget(
            name: "check-\(number)",
            dependencies: ["Grading", contract(folder)] + (checksNeed[number] ?? []).map { .init(stringLiteral: $0) },
            path: "Tests/Checks/\(folder)", swiftSettings: strict),
    ]
}

let ground: [Target] = [
    .target(name: "CLinux", path: "Sources/Ground/CLinux"),
    .systemLibrary(name: "CSeccomp", path: "Sources/Ground/CSeccomp"),
    library("Linux", "Sources/Ground/Linux", ["CLinux"]),
]
let values: [Target] = [
    .target(
        name: "JSON", path: "Sources/Values/JSON", swiftSettings: strict,
        // Rounding a Double needs libm, which Swift links by itself only where Glibc is imported.
        linkerSettings: [.linkedLibrary("m")]),
    library("Objects", "Sources/Values/Objects", ["JSON"]),
    library("Bytes", "Sources/Values/Bytes"),
    library("Simulation", "Sources/Values/Simulation"),
]
/// A runtime starts what labs 01 and 02 decide: its contract speaks of theirs.
let contractsNeed: [String: [Target.Dependency]] = [
    "05-Runtime": [contract("01-Namespaces"), contract("02-ControlGroups")]
]
let contracts: [Target] = [
    library("Contract", "Sources/Contracts/Contract", ["Linux", "JSON"])
] + (labs + referencesOnly).map {
    library("Contract\(concept($0))", "Sources/Contracts/\($0)", ["Contract"] + (contractsNeed[$0] ?? []))
}
let services: [Target] = [
    library("PartPipe", "Sources/Services/PartPipe", ["Contract", "CLinux"]),
    library("Grading", "Sources/Services/Grading", ["PartPipe", "Simulation"]),
    library("Study", "Sources/Services/Study", ["Grading"]),
    library("Proving", "Sources/Services/Proving", ["Study", "Grading", "PartPipe", "JSON", "Linux"]),
    library("RuleTracing", "Sources/Services/RuleTracing", ["ContractServiceDNAT"]),
    library("ServiceRules", "Sources/Services/ServiceRules", ["RuleTracing", "Objects"]),
    library("ClientRules", "Sources/Services/ClientRules", ["JSON", "Objects", "Linux"]),
    library("ControllerRules", "Sources/Services/ControllerRules", ["ContractAutoscaler", "ContractMiniCluster", "ContractRollout", "ContractScheduler", "ContractSelectors", "JSON", "Objects"]),
    library("Consensus", "Sources/Services/Consensus", ["ContractRaft", "Bytes"]),
    library("StoreRules", "Sources/Services/StoreRules", ["Consensus", "ContractRaft", "Bytes"]),
    library("RaftSimulation", "Sources/Services/RaftSimulation", ["StoreRules", "Consensus", "ContractRaft", "Simulation"]),
    library("WorkloadSimulation", "Sources/Services/WorkloadSimulation", ["ContractRollout", "ContractSelectors", "Simulation"]),
    library("Revisions", "Sources/Services/Revisions", ["Bytes"]),
    library("Kinds", "Sources/Services/Kinds", ["JSON", "Objects"]),
    library("Snapshots", "Sources/Services/Snapshots", ["ContractOverlay", "Linux"]),
    library("OCIRuntime", "Sources/Services/OCIRuntime",
        ["ContractRuntime", "PartPipe", "CLinux", "CSeccomp"]),
    library("Dock", "Sources/Services/Dock", ["Linux", "CLinux", "JSON"]),
    library("Launcher", "Sources/Services/Launcher", ["Dock", "JSON", "Linux"]),
    library("Tour", "Sources/Services/Tour", ["Launcher", "Dock", "JSON", "Linux"]),
    library("Benchmarks", "Sources/Services/Benchmarks", ["Tour", "Launcher", "JSON", "Linux"]),
    library("PodRuntime", "Sources/Services/PodRuntime", ["Linux", "JSON", "Objects"]),
    library("PodWork", "Sources/Services/PodWork", ["ContractPodLifecycle", "JSON", "Linux", "Objects", "PodRuntime"]),
]
let references: [Target] = referencesOnly.map {
    library("Solution\(concept($0))", "Solutions/\($0)", [contract($0)])
}
let programs: [Target] = [
    program("runtime", ["OCIRuntime", "SolutionNamespaces", "SolutionControlGroups", "SolutionRuntime"], linker: staticLinking),
    program("namespaces", ["PartPipe", "SolutionNamespaces"]),
    program("cgroups", ["OCIRuntime", "PartPipe", "SolutionControlGroups"]),
    program("overlay", ["Snapshots", "PartPipe", "SolutionOverlay"], linker: staticLinking),
    program("shim", ["Linux"], linker: staticLinking),
    program("cri", ["PodRuntime"]),
    program("web", ["Linux"], linker: staticLinking),
    program("ask", ["Linux", "CLinux", "JSON"], linker: staticLinking),
    program("dock", ["Dock"], linker: staticLinking),
    program("study", ["Study"]),
    program("proving", ["Proving"]),
    program("suites", ["Tour", "Launcher", "Dock", "JSON", "Linux"], path: "Tests/Suites"),
    program("lab", ["Launcher", "Tour", "Benchmarks", .product(name: "ArgumentParser", package: "swift-argument-parser")]),
]
let tests: [Target] = ["JSON", "Kinds"].map {
    .testTarget(name: "\($0)Tests", dependencies: [.init(stringLiteral: $0)], path: "Tests/\($0)")
} + [
    .testTarget(
        name: "RaftTests",
        dependencies: ["StoreRules", "Consensus", "RaftSimulation", "Simulation", "SolutionRaft", "PartPipe", "part-06"],
        path: "Tests/Raft"),
    .testTarget(name: "RevisionsTests", dependencies: ["Bytes", "Revisions", "Simulation"], path: "Tests/Revisions"),
    .executableTarget(name: "hostile", dependencies: ["Contract", "JSON", "Linux", "PartPipe"], path: "Tests/Hostile"),
    .testTarget(
        name: "PartPipeTests",
        dependencies: ["PartPipe", "SolutionRollout", "Linux", "JSON", "hostile", "part-10"]
            + labs.map { .init(stringLiteral: "reference-\($0.prefix(2))") },
        path: "Tests/PartPipe", exclude: ["Transcripts"]),
    .testTarget(
        name: "PartsTests",
        dependencies: [
            "ServiceRules", "Linux", "JSON", "Objects", "WorkloadSimulation", "SolutionSelectors",
            "SolutionRollout", "SolutionScheduler", "SolutionServiceDNAT", "SolutionAutoscaler",
        ],
        path: "Tests/Parts", exclude: ["Connections/sandbox.sh"]),
    .testTarget(
        name: "WatchAndAdmissionTests",
        dependencies: ["SolutionWatch", "SolutionAdmission"], path: "Tests/WatchAndAdmission"),
    .testTarget(name: "HouseTests", dependencies: ["Linux"], path: "Tests/House"),
    .testTarget(name: "WebTests", dependencies: ["Linux"], path: "Tests/Web"),
    .testTarget(
        name: "SnapshotsTests", dependencies: ["Snapshots", "SolutionOverlay", "JSON"], path: "Tests/Snapshots"),
    .testTarget(
        name: "OCIRuntimeTests",
        // Not the programs it runs: a test that depends on a static program is linked statically, and can't be.
        dependencies: [
            "OCIRuntime", "JSON", "SolutionNamespaces", "SolutionControlGroups", "SolutionRuntime",
        ],
        path: "Tests/OCIRuntime"),
    .testTarget(
        name: "PodWorkTests", dependencies: ["PodWork", "SolutionPodLifecycle"], path: "Tests/PodWork"),
    .testTarget(name: "PodRuntimeTests", dependencies: ["PodRuntime"], path: "Tests/PodRuntime"),
    .testTarget(
        name: "ClientRulesTests", dependencies: ["ClientRules", "JSON", "Objects", "Simulation"],
        path: "Tests/ClientRules"),
    .testTarget(
        name: "ControllerRulesTests",
        dependencies: [
            "ControllerRules", "ContractAutoscaler", "ContractMiniCluster", "ContractRollout", "JSON", "Objects", "Simulation", "SolutionAutoscaler", "SolutionMiniCluster",
            "SolutionRollout", "SolutionScheduler"],
        path: "Tests/ControllerRules"),
    .testTarget(name: "ControlPlaneTests", dependencies: ["Linux", "JSON"], path: "Tests/ControlPlane"),
    .testTarget(
        name: "GradingTests", dependencies: ["Contract", "Grading", "JSON", "Linux", "PartPipe", "hostile"], path: "Tests/Grading"),
    .testTarget(name: "StudyTests", dependencies: ["Study", "Proving", "Grading", "JSON", "Linux", "study", "proving"], path: "Tests/Study"),
    .testTarget(name: "LauncherTests", dependencies: ["Launcher", "suites"], path: "Tests/Launcher"),
    .testTarget(name: "DockTests", dependencies: ["Dock"], path: "Tests/Dock"),
]

let all = ground + values + contracts + services + references + labs.flatMap(lab) + programs + tests

let package = Package(
    name: "Drydock",
    // The Cluster package links these; a product a library is what lets another package import it.
    products: all.filter { $0.type == .regular }.map { .library(name: $0.name, targets: [$0.name]) },
    dependencies: [.package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2")],
    targets: all
)
