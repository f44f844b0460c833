import JSON
import Objects
import Testing

@testable import Kinds

/// A kind, an object of it that is as small as it may be, and how the kit's programs read it.
private struct Subject: Sendable {
    let apiVersion: String
    let kind: String
    let smallest: String
    let read: @Sendable (JSON) throws -> Void

    init<Object: KubernetesObject>(
        _ type: Object.Type, _ smallest: String,
        further: @escaping @Sendable (Object) throws -> Void = { _ in }
    ) {
        (apiVersion, kind) = (Object.resource.apiVersion, Object.resource.kind)
        self.smallest = #"{"metadata":{"name":"a"},"# + smallest + "}"
        read = { try further(try $0.decode(Object.self)) }
    }
}

private let workload =
    #""selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":"#
    + #"{"containers":[{"name":"c","image":"i"}]}}"#

private let subjects: [Subject] = [
    Subject(
        Pod.self,
        #""spec":{"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v"}]}"#),
    Subject(Deployment.self, #""spec":{\#(workload)}"#) { _ = try $0.spec.template.podSpec() },
    Subject(ReplicaSet.self, #""spec":{\#(workload)}"#) { _ = try $0.spec.template?.podSpec() },
    Subject(
        Job.self,
        #""spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}}}"#
    ),
    Subject(Service.self, #""spec":{"ports":[{"port":80}]}"#),
    Subject(EndpointSlice.self, #""addressType":"IPv4","endpoints":[{"addresses":["1.2.3.4"]}]"#),
    Subject(Endpoints.self, #""subsets":[{"addresses":[{"ip":"1.2.3.4"}]}]"#),
    Subject(Node.self, #""spec":{}"#), Subject(Namespace.self, #""spec":{}"#),
    Subject(ConfigMap.self, #""data":{}"#), Subject(Secret.self, #""data":{}"#),
    Subject(ServiceAccount.self, #""secrets":[]"#),
    Subject(Event.self, #""involvedObject":{"namespace":"default"}"#),
    Subject(Lease.self, #""spec":{}"#),
    Subject(
        HorizontalPodAutoscaler.self,
        #""spec":{"scaleTargetRef":{"kind":"Deployment","name":"a"},"maxReplicas":3}"#),
]

@Suite struct EveryField {
    @Test(
        "What the server takes, each program can read: each field left out, empty and at its ends",
        arguments: subjects.indices)
    func everyField(index: Int) throws {
        let subject = subjects[index]
        let kind = kind(subject.apiVersion, subject.kind)
        let smallest = tree(subject.smallest)
        let stored = try kind.created(subject.smallest)
        try subject.read(stored)
        let isTemplate = ["ReplicaSet", "Job"].contains(subject.kind)
        var taken = 0
        for place in Sampling.places(in: kind.message, skipping: isTemplate ? ["PodSpec"] : []) {
            for value in Sampling.values(for: place.field) {
                let object = place.path[0].name == "status" ? stored : smallest
                let changed = Sampling.put(value, at: place.path[...], in: object)
                guard let object = try? accepted(changed, kind, stored) else { continue }
                taken += 1
                #expect(throws: Never.self, "\(subject.kind) \(place.text) \(value?.text ?? "-")") {
                    try subject.read(object)
                }
            }
        }
        #expect(taken > 30, "\(subject.kind): \(taken)")
    }

    /// As the server does with a POST, and with a PUT of the status.
    private func accepted(_ object: JSON, _ kind: Kind, _ stored: JSON) throws -> JSON {
        guard object["status"] != nil else { return try kind.created(object.text) }
        let body = try kind.decode(object.bytes, contentType: nil, validation: .strict)
        let new = try kind.prepareForUpdate(old: stored, new: body.object, subresource: "status")
        try kind.validateUpdate(old: stored, new: new)
        return new
    }

    @Test func `Kinds without a type of their own are taken or refused, too`() {
        let known = Set(subjects.map(\.kind))
        for kind in KindRegistry.builtIn.all where kind.isStored && !known.contains(kind.kind) {
            for place in Sampling.places(in: kind.message, skipping: ["PodSpec"]) {
                for value in Sampling.values(for: place.field) {
                    let object = Sampling.put(
                        value, at: place.path[...], in: ["metadata": ["name": "a"]])
                    _ = try? kind.created(object.text)
                }
            }
        }
    }
}
