import JSON
import Objects
import PodRuntime
import Testing

@testable import PodWork

@Suite struct VolumeFilesTests {
    private let pod: Pod = {
        var pod = Pod(metadata: ObjectMeta(name: "web", namespace: "shop"))
        pod.metadata.labels = ["zone": "us-est-coast", "rack": "2\"2"]
        var container = Container()
        container.name = "c"
        container.resources = ResourceRequirements()
        container.resources?.limits = ["cpu": Quantity("250m")!, "memory": Quantity("64Mi")!]
        container.resources?.requests = ["cpu": Quantity("125m")!, "memory": Quantity("32Mi")!]
        pod.spec.containers = [container]
        return pod
    }()
    private var facts: ContainerFacts {
        var facts = ContainerFacts(nodeName: "node-1", hostIP: "10.88.0.11", podIP: "10.244.1.2")
        facts.configMaps = ["cm": ["a": Array("1".utf8), "raw": Array(0...255)]]
        facts.secrets = ["s": ["key": [0xFF, 0x00]]]
        facts.tokens = [TokenRequest(.init(path: "token", expirationSeconds: 7200)): "T"]
        (facts.nodeMillicores, facts.nodeMemoryBytes) = (2000, 1 << 30)
        return facts
    }

    private func files(_ tree: JSON) throws -> [VolumeFile]? {
        var tree = tree
        tree["name"] = "v"
        return try volumeFiles(try tree.decode(), of: pod, facts)
    }

    private func text(_ tree: JSON, _ path: String) throws -> String? {
        try files(tree)?.first { $0.path.joined(separator: "/") == path }
            .map { String(decoding: $0.bytes, as: UTF8.self) }
    }

    @Test func everyKeyIsAFileByteForByte() throws {
        let maps = try files(["configMap": ["name": "cm"]])
        #expect(maps?.map(\.path) == [["a"], ["raw"]])
        #expect(maps?.last?.bytes == Array(0...255))
        #expect(maps?.first?.mode == 0o644)
        #expect(
            try files(["secret": ["secretName": "s", "defaultMode": 0o400]])?[0].bytes == [
                0xFF, 0x00,
            ])
        #expect(try files(["secret": ["secretName": "s", "defaultMode": 0o400]])?[0].mode == 0o400)
        #expect(try files(["emptyDir": [:]]) == nil)
    }

    @Test func aGroupThatOwnsTheVolumesMayReadThem() throws {
        var pod = pod
        let context: JSON = ["fsGroup": 2000]
        pod.spec.securityContext = try context.decode()
        let tree: JSON = ["name": "v", "secret": ["secretName": "s", "defaultMode": 0o400]]
        #expect(try volumeFiles(try tree.decode(), of: pod, facts)?[0].mode == 0o440)
    }

    @Test func whatIsNotThereIsSaid() {
        func words(_ tree: JSON) -> String {
            do { return "\(try files(tree) ?? [])" } catch { return "\(error)" }
        }
        #expect(words(["configMap": ["name": "none"]]) == "configmap \"none\" not found")
        #expect(words(["secret": [:]]) == "secret \"\" not found")
        #expect(words(["configMap": ["name": "none", "optional": true]]) == "[]")
        #expect(
            words(["configMap": ["name": "cm", "items": [["key": "b", "path": "b"]]]])
                == "configmap references non-existent configmap key: b")
        #expect(
            words(["projected": ["sources": [["clusterTrustBundle": ["path": "x"]]]]]).contains(
                "not supported"))
    }

    /// Modes in the decimal that a slip makes of octal ones, and numbers that no file has.
    @Test(arguments: [-1, 512, 644, 755, Int.max, Int.min])
    func noOtherModeThanAFileMayHave(_ mode: Int) {
        #expect(throws: ConfigError.self) {
            try files(["configMap": ["name": "cm", "defaultMode": JSON(mode)]])
        }
        let item: JSON = ["key": "a", "path": "a", "mode": JSON(mode)]
        #expect(throws: ConfigError.self) {
            try files(["configMap": ["name": "cm", "items": [item]]])
        }
    }

    /// A slash before a combining mark is none to a Swift `Character`, and is one to the kernel.
    @Test(arguments: [
        "../x", "a/../../x", "/x", "..data", "a/\u{301}/../../../x", "", ".", "..\u{0}",
    ])
    func noPathLeadsOutOfTheVolume(_ path: String) {
        let item: JSON = ["key": "a", "path": .string(path)]
        #expect(throws: ConfigError.self) {
            try files(["configMap": ["name": "cm", "items": [item]]])
        }
    }

    @Test func aPathIsPartedWhereTheKernelPartsIt() throws {
        #expect(try pathNames("a/\u{301}b//./c", of: "path") == ["a", "\u{301}b", "c"])
    }

    @Test func fieldsOfThePodBecomeFiles() throws {
        let labels: JSON = ["path": "labels", "fieldRef": ["fieldPath": "metadata.labels"]]
        let cpu: JSON = [
            "path": "cpu",
            "resourceFieldRef": ["containerName": "c", "resource": "limits.cpu", "divisor": "1m"],
        ]
        let tree: JSON = ["downwardAPI": ["items": [labels, cpu]]]
        #expect(try text(tree, "labels") == "rack=\"2\\\"2\"\nzone=\"us-est-coast\"")
        #expect(try text(tree, "cpu") == "250")
    }

    @Test func severalSourcesShareADirectory() throws {
        let map: JSON = [
            "configMap": ["name": "cm", "items": [["key": "a", "path": "a/greeting"]]]
        ]
        let name: JSON = [
            "downwardAPI": [
                "items": [["path": "name", "fieldRef": ["fieldPath": "metadata.name"]]]
            ]
        ]
        let token: JSON = ["serviceAccountToken": ["path": "token", "expirationSeconds": 7200]]
        let tree: JSON = ["projected": ["sources": [map, name, token]]]
        #expect(try text(tree, "a/greeting") == "1")
        #expect(try text(tree, "name") == "web")
        #expect(try text(tree, "token") == "T")
    }

    @Test(arguments: [
        ("limits.cpu", "0", "1"), ("limits.cpu", "1m", "250"), ("requests.cpu", "1", "1"),
        ("requests.memory", "1", "33554432"), ("limits.memory", "1Mi", "64"),
        ("limits.ephemeral-storage", "1", "0"),
    ])
    func resourcesAreRoundedUpToTheDivisor(_ resource: String, _ divisor: String, _ wanted: String)
        throws
    {
        let reference: ResourceFieldRef = try JSON(["resource": resource, "divisor": divisor])
            .decode()
        #expect(try resourceValue(reference, of: pod.spec.containers[0], facts) == wanted)
    }

    @Test func theAccountsVolumeIsThereUnlessItIsNotWanted() throws {
        let made = try ServiceAccountVolume.added(to: pod)
        #expect(
            made.spec.containers[0].volumeMounts?.map(\.mountPath) == [
                ServiceAccountVolume.directory
            ])
        #expect(made.spec.tokens == [TokenRequest(.init(path: "token", expirationSeconds: 3607))])
        var without = pod
        without.spec.automountServiceAccountToken = false
        #expect(try ServiceAccountVolume.added(to: without) == without)
        #expect(try ServiceAccountVolume.added(to: made) == made)
    }

    @Test func aSourceThatTheKitHasNoTypeForIsKeptByName() throws {
        let tree: JSON = ["name": "v", "nfs": ["server": "x", "path": "/"]]
        let volume: Volume = try tree.decode()
        #expect(volume.others.keys.sorted() == ["nfs"])
        #expect(try JSON(encoding: volume)["nfs"] == tree["nfs"])
    }
}
