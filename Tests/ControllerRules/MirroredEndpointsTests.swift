import ControllerRules
import JSON
import Objects
import Testing

@Suite struct MirroredEndpointsTests {
    private func endpoints(_ subsets: JSON, _ metadata: JSON = ["name": "db"]) throws -> Endpoints {
        try (["metadata": metadata, "subsets": subsets] as JSON).decode()
    }

    @Test func `a slice for each set of ports and each family, an address once in each`() throws {
        let ports: JSON = [["port": 5432, "protocol": "TCP"]]
        let mirrored = try endpoints([
            ["addresses": [["ip": "10.1.0.2"], ["ip": "fd00::1"]], "ports": ports],
            [
                "addresses": [["ip": "10.1.0.2"], ["ip": "10.1.0.1", "nodeName": "node-1"]],
                "notReadyAddresses": [["ip": "10.1.0.3"]], "ports": ports,
            ],
            ["addresses": [["ip": "10.1.0.2"]], "ports": [["name": "m", "port": 9187]]],
        ]).mirrored
        #expect(mirrored.map(\.addressType) == ["IPv4", "IPv4", "IPv6"])
        #expect(mirrored.map { $0.ports.map(\.name) } == [[""], ["m"], [""]])
        #expect(
            mirrored.map { $0.endpoints.flatMap(\.addresses) } == [
                ["10.1.0.1", "10.1.0.2", "10.1.0.3"], ["10.1.0.2"], ["fd00::1"],
            ])
        #expect(mirrored[0].endpoints.map(\.conditions?.ready) == [true, true, false])
        #expect(mirrored[0].endpoints[0].nodeName == "node-1")
    }

    @Test func `nothing is mirrored that says no, or is a lock`() throws {
        let skip: JSON = ["labels": ["endpointslice.kubernetes.io/skip-mirror": "true"]]
        let lock: JSON = ["annotations": ["control-plane.alpha.kubernetes.io/leader": "{}"]]
        #expect(try !endpoints([], skip).isMirrored)
        #expect(try !endpoints([], lock).isMirrored)
        #expect(try endpoints([]).isMirrored)
        #expect(try endpoints([]).mirrored == [])
    }

    @Test func `a slice of another family is no place for an address`() throws {
        let mirrored = try endpoints([
            ["addresses": [["ip": "fd00::1"]], "ports": [["port": 80]]]
        ]).mirrored
        var slice = EndpointSlice(metadata: ObjectMeta(name: "db-x"))
        slice.ports = mirrored[0].ports
        let plan = slicePlan(mirrored, existing: [slice])
        #expect(plan.create == mirrored && plan.delete == [slice])
    }
}
