import ContractServiceDNAT
import JSON
import Objects
import ServiceRules
import Testing

@Suite struct ServiceMapTests {
    private func service(_ json: String) throws -> Service {
        try JSON(parsing: Array(json.utf8)).decode()
    }
    private func slice(_ endpoints: String, port: String = #"{"name":"http","port":8080}"#) throws
        -> EndpointSlice
    {
        try JSON(
            parsing: Array(
                """
                {"metadata":{"name":"s","namespace":"default","labels":{"kubernetes.io/service-name":"web"}},
                "addressType":"IPv4","endpoints":[\(endpoints)],"ports":[\(port)]}
                """.utf8)
        ).decode()
    }
    private let web =
        #"{"metadata":{"name":"web","namespace":"default"},"spec":{"clusterIP":"10.96.0.10","ports":[{"name":"http","port":80,"nodePort":0}]}}"#

    @Test func portsAreMatchedByNameAndUnreadyEndpointsAreKeptAsSuch() throws {
        let slices = [
            try slice(
                #"{"addresses":["10.244.1.2"]},{"addresses":["10.244.1.3"],"conditions":{"ready":false}}"#
            ),
            try slice(#"{"addresses":["10.244.1.4"]}"#, port: #"{"name":"other","port":9}"#),
        ]
        let view = ServiceMap.view(
            services: [try service(web)], slices: slices, podCIDR: "10.244.0.0/16")
        #expect(view.ports.count == 1)
        #expect(
            view.ports[0].endpoints == [
                EndpointFacts("10.244.1.2", 8080), EndpointFacts("10.244.1.3", 8080, ready: false),
            ])
        #expect(view.ports[0].transport == "tcp" && view.ports[0].nodePort == nil)
    }

    @Test func headlessAndExternalServicesGetNoRules() throws {
        let headless = try service(
            #"{"metadata":{"name":"a"},"spec":{"clusterIP":"None","ports":[{"port":80}]}}"#)
        let external = try service(
            #"{"metadata":{"name":"b"},"spec":{"type":"ExternalName","clusterIP":"","ports":[{"port":80}]}}"#
        )
        #expect(
            ServiceMap.view(services: [headless, external], slices: [], podCIDR: "").ports.isEmpty)
    }

    @Test func podsThatAreLeavingStandInWhereNoneIsReady() throws {
        let leaving =
            #"{"addresses":["10.244.1.2"],"conditions":{"ready":false,"serving":true,"terminating":true}}"#
        let view = ServiceMap.view(
            services: [try service(web)], slices: [try slice(leaving)], podCIDR: "")
        #expect(view.ports[0].endpoints == [EndpointFacts("10.244.1.2", 8080)])
        let both = try slice(leaving + #",{"addresses":["10.244.1.3"]}"#)
        let other = ServiceMap.view(services: [try service(web)], slices: [both], podCIDR: "")
        #expect(other.ports[0].endpoints.filter(\.ready) == [EndpointFacts("10.244.1.3", 8080)])
    }
}
