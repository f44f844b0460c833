import ControllerRules
import JSON
import Objects
import Testing

private func pod(_ name: String, ip: String?, ready: Bool = true, port: Int = 8080) throws -> Pod {
    let tree: JSON = [
        "metadata": ["name": .string(name), "namespace": "shop", "uid": .string("u-" + name)],
        "spec": [
            "nodeName": "node-1",
            "containers": [
                [
                    "name": "c",
                    "ports": [["name": "http", "containerPort": JSON(port)]],
                ]
            ],
        ],
        "status": [
            "phase": "Running",
            "conditions": [["type": "Ready", "status": ready ? "True" : "False"]],
        ],
    ]
    return try tree.decode(Pod.self).with { $0.status?.podIP = ip }
}

private func service(_ target: IntOrString) -> Service {
    var service = Service(metadata: ObjectMeta(name: "web", namespace: "shop"))
    var port = ServicePort(port: 80)
    port.targetPort = target
    service.spec.ports = [port]
    return service
}

@Suite struct EndpointSlicesTests {
    @Test func `pods are listed by address, and those without one or at their end are not`() throws
    {
        let done = try pod("c", ip: "10.0.0.1").with { $0.status?.phase = "Succeeded" }
        let contents = sliceContents(
            service(.int(8080)),
            pods: [
                try pod("b", ip: "10.0.0.3"), try pod("a", ip: "10.0.0.2"), done,
                try pod("d", ip: nil),
            ])
        #expect(contents.count == 1)
        #expect(contents[0].endpoints.map(\.addresses) == [["10.0.0.2"], ["10.0.0.3"]])
        #expect(contents[0].ports.map(\.port) == [8080])
    }

    @Test func `a named port that means two numbers makes two slices`() throws {
        let contents = sliceContents(
            service(.string("http")),
            pods: [try pod("a", ip: "10.0.0.2"), try pod("b", ip: "10.0.0.3", port: 9090)])
        #expect(contents.map { $0.ports.map(\.port) } == [[8080], [9090]])
    }

    @Test func `a pod that is going away serves but is not ready`() throws {
        let leaving = try pod("a", ip: "10.0.0.2").with {
            $0.metadata.deletionTimestamp = Timestamp(seconds: 1)
        }
        let endpoint = try #require(Endpoint(leaving, of: service(.int(80))))
        #expect(
            endpoint.conditions
                == EndpointConditions(ready: false, serving: true, terminating: true))
    }

    @Test func `slices hold a hundred endpoints at most`() throws {
        let pods = try (1...250).map { try pod("p\($0)", ip: "10.0.\($0 / 100).\($0 % 100)") }
        let counts = sliceContents(service(.int(80)), pods: pods).map(\.endpoints.count)
        #expect(counts.reduce(0, +) == 250 && counts.allSatisfy { $0 <= 100 } && counts.count == 3)
    }

    @Test
    func `a change updates the slice that is there, and what is as it should be is left alone`()
        throws
    {
        let old = sliceContents(service(.int(80)), pods: [try pod("a", ip: "10.0.0.2")])[0]
        var slice = EndpointSlice(metadata: ObjectMeta(name: "web-x", namespace: "shop"))
        (slice.ports, slice.endpoints) = (old.ports, old.endpoints)
        #expect(slicePlan([old], existing: [slice]) == SlicePlan())
        let new = sliceContents(
            service(.int(80)), pods: [try pod("a", ip: "10.0.0.2", ready: false)])
        let plan = slicePlan(new, existing: [slice])
        #expect(plan.create.isEmpty && plan.delete.isEmpty)
        #expect(plan.update.map(\.metadata.name) == ["web-x"])
    }

    @Test func `the older Endpoints list who is ready, who is not yet, and nobody who goes`() throws
    {
        let going = try pod("c", ip: "10.0.0.3").with {
            $0.metadata.deletionTimestamp = Timestamp(seconds: 1)
        }
        let contents = sliceContents(
            service(.int(8080)),
            pods: [try pod("a", ip: "10.0.0.1"), try pod("b", ip: "10.0.0.2", ready: false), going])
        let subsets = endpointSubsets(contents)
        #expect(subsets.count == 1)
        #expect(subsets.first?.addresses?.map { $0.ip } == ["10.0.0.1"])
        #expect(subsets.first?.notReadyAddresses?.map { $0.ip } == ["10.0.0.2"])
        #expect(subsets.first?.ports == [EndpointPort(name: nil, protocol: "TCP", port: 8080)])
        #expect(endpointSubsets(sliceContents(service(.int(8080)), pods: [])).isEmpty)
    }
}
