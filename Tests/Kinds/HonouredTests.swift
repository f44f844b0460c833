import JSON
import Objects
import Testing

@testable import Kinds

@Suite struct Honoured {
    private func warnings(_ apiVersion: String, _ name: String, _ text: String) throws -> [String] {
        try kind(apiVersion, name).decode(
            Array(text.utf8), contentType: nil, validation: .strict
        ).warnings
    }

    @Test func `Whoever sets a field that nothing honours yet is told its path`() throws {
        let message = FieldTables.message("PodSpec")!
        for field in message.fields where field.notYet == [] {
            let place = Sampling.Place(path: [FieldTables.message("Pod")!["spec"]!, field])
            let pod = Sampling.put(Sampling.asking(field), at: place.path[...], in: [:])
            let told = try warnings("v1", "Pod", pod.text)
            #expect(
                told.contains("spec.\(field.name): nothing in this cluster honours this field yet"),
                "\(field.name): \(told)")
        }
    }

    @Test func `A field with its mark is told of wherever it stands`() throws {
        for name in ["Pod", "Service", "Job", "ConfigMap", "HorizontalPodAutoscaler"] {
            let kind = Kinds.all.first { $0.kind == name && $0.message == name }!
            for place in Sampling.places(in: kind.message) {
                guard place.field.notYet != nil,
                    !place.path.dropLast().contains(where: { $0.notYet != nil })
                else { continue }
                let object = Sampling.put(
                    Sampling.asking(place.field), at: place.path[...], in: [:])
                guard
                    let body = try? kind.decode(object.bytes, contentType: nil, validation: .strict)
                else { continue }
                #expect(!body.notHonoured.isEmpty, "\(name) \(place.text)")
            }
        }
    }

    @Test func `What is done anyway needs no warning`() throws {
        let pod =
            #"{"spec":{"dnsPolicy":"ClusterFirst","priority":0,"automountServiceAccountToken":false,"hostPID":false,"containers":[{"name":"c","terminationMessagePolicy":"File"}]}}"#
        #expect(try warnings("v1", "Pod", pod).isEmpty)
        let service = #"{"spec":{"internalTrafficPolicy":"Cluster"}}"#
        #expect(try warnings("v1", "Service", service).isEmpty)
    }

    /// A typed object that a program reads has no member for a field that no program looks at: so it is either
    /// marked, or carried out by the server itself, or says something to people only.
    @Test func `What no program reads is marked, or named here with who honours it`() throws {
        let fields =
            try fields("Pod", Pod.self, marked: false)
            + fields("Service", Service.self, marked: false)
        let silent = fields.filter { !$0.isRead }.map(\.name)
        #expect(silent.filter { !Self.elsewhere.contains($0) } == [])
    }

    /// The other way round: a warning of a field that is honoured is a false one.
    @Test func `What a program reads has no mark, or is named here with what it lacks`() throws {
        let fields =
            try fields("Pod", Pod.self, marked: true)
            + fields("Service", Service.self, marked: true)
            + fields("ConfigMap", ConfigMap.self, marked: true)
        #expect(fields.filter(\.isRead).map(\.name).filter { !Self.halfDone.contains($0) } == [])
    }

    private static let halfDone: Set<String> = [
        // The scheduler keeps two pods with one port apart; no node leads it to the pod.
        "ContainerPort.hostPort", "ContainerPort.hostIP",
        // Carried for those who read the object.
        "PodSpec.priority", "Container.stdin", "Container.tty",
        // A pod with such a volume waits, and is told why in an event.
        "Volume.gcePersistentDisk", "Volume.awsElasticBlockStore", "Volume.nfs", "Volume.iscsi",
        "Volume.fc", "Volume.csi", "Volume.ephemeral", "Volume.image",
        "VolumeProjection.clusterTrustBundle", "VolumeProjection.podCertificate",
    ]

    private static let elsewhere: Set<String> = [
        // The server: defaults, tables, selectors.
        "PodSpec.enableServiceLinks", "PodSpec.serviceAccount", "PodSpec.os",
        "ServiceSpec.ipFamilies",
        "ServiceSpec.allocateLoadBalancerNodePorts", "ServiceSpec.externalName",
        "ObjectFieldSelector.apiVersion", "ServicePort.appProtocol",
        // Kept for those who read the object.
        "ResourceRequirements.claims", "Container.workingDir",
    ]

    /// Fields with the mark, or without it, and whether a typed object that was read and written still has them.
    private func fields<Object: KubernetesObject>(
        _ name: String, _: Object.Type, marked: Bool
    ) throws -> [(name: String, isRead: Bool)] {
        let kind = kind("v1", name)
        let smallest = tree(#"{"metadata":{"name":"a"},"spec":{}}"#)
        return Sampling.places(in: kind.message, skipping: ["ObjectMeta"]).compactMap { place in
            guard place.path[0].name == "spec" || name == "ConfigMap",
                !place.path.dropLast().contains(where: { $0.notYet != nil }),
                (place.field.notYet != nil) == marked
            else { return nil }
            let path = place.path[...]
            let object = Sampling.put(Sampling.asking(place.field), at: path, in: smallest)
            guard let body = try? kind.decode(tree: object, validation: .ignore),
                let read: Object = try? body.object.decode(), let again = try? JSON(encoding: read)
            else { return nil }
            let owner = place.path.dropLast().last?.type.messageName ?? name
            return ("\(owner).\(place.field.name)", Sampling.value(at: path, in: again) != nil)
        }
    }
}
