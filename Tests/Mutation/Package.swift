// swift-tools-version: 6.2
// Makes wrong variants of the references. Maintainers alone build it: it reads Swift with Swift's own parser.
import PackageDescription

let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

let package = Package(
    name: "Mutation",
    dependencies: [
        .package(url: "https://github.com/swiftlang/swift-syntax", exact: "603.0.1")
    ],
    targets: [
        .target(
            name: "Mutation",
            dependencies: [
                .product(name: "SwiftSyntax", package: "swift-syntax"),
                .product(name: "SwiftParser", package: "swift-syntax"),
                .product(name: "SwiftOperators", package: "swift-syntax"),
            ], swiftSettings: strict),
        .executableTarget(name: "mutate", dependencies: ["Mutation"], swiftSettings: strict),
        .testTarget(name: "MutationTests", dependencies: ["Mutation"], swiftSettings: strict),
    ]
)
