import Objects

// What a service's slices should say: pure.

/// A slice without a name yet: its ports and the endpoints that have them.
public struct SliceContent: Hashable {
    public var addressType = "IPv4"
    public var ports: [EndpointPort]
    public var endpoints: [Endpoint]
}

/// The most endpoints in one slice, so that one pod's change does not send thousands of addresses around.
let endpointsPerSliceMax = 100

/// The slices for a service's pods. Pods that resolve a named port to different numbers get slices of their own.
///
/// A service without any pod has one slice without endpoints, as the real controller makes it.
public func sliceContents(_ service: Service, pods: [Pod]) -> [SliceContent] {
    var groups: [[EndpointPort]: [Endpoint]] = [:]
    for pod in pods {
        guard let endpoint = Endpoint(pod, of: service) else { continue }
        groups[endpointPorts(service, on: pod), default: []].append(endpoint)
    }
    if groups.isEmpty { groups[endpointPorts(service, on: nil)] = [] }
    return groups.map { ports, endpoints in
        SliceContent(
            ports: ports, endpoints: endpoints.sorted { $0.addresses[0] < $1.addresses[0] })
    }
    .flatMap(chunks)
    .sorted { order($0) < order($1) }
}

func order(_ content: SliceContent) -> String {
    let ports = content.ports.map { "\($0.name ?? "")/\($0.port ?? 0)" }.joined(separator: ",")
    return ports + " " + (content.endpoints.first?.addresses[0] ?? "")
}

func chunks(_ content: SliceContent) -> [SliceContent] {
    guard content.endpoints.count > endpointsPerSliceMax else { return [content] }
    return stride(from: 0, to: content.endpoints.count, by: endpointsPerSliceMax).map { start in
        let end = min(start + endpointsPerSliceMax, content.endpoints.count)
        var chunk = content
        chunk.endpoints = Array(content.endpoints[start..<end])
        return chunk
    }
}

/// The service's ports as they are on a pod: `targetPort: http` is looked up among its containers' ports.
/// A port that the pod does not have is left out.
public func endpointPorts(_ service: Service, on pod: Pod?) -> [EndpointPort] {
    (service.spec.ports ?? []).compactMap { port in
        let `protocol` = port.protocol ?? "TCP"
        let number: Int?
        switch port.targetPort ?? .int(port.port) {
        case .int(let target): number = target == 0 ? port.port : target
        case .string(let name): number = pod?.port(named: name, protocol: `protocol`)
        }
        guard let number else { return nil }
        var result = EndpointPort(name: port.name ?? "", protocol: `protocol`, port: number)
        result.appProtocol = port.appProtocol
        return result
    }
}

extension Pod {
    fileprivate func port(named name: String, protocol: String) -> Int? {
        spec.containers.lazy.flatMap { $0.ports ?? [] }
            .first { $0.name == name && ($0.protocol ?? "TCP") == `protocol` }?.containerPort
    }
}

extension Endpoint {
    /// nil for a pod that has no address, or will not run again.
    public init?(_ pod: Pod, of service: Service) {
        guard let address = pod.status?.podIP, !address.isEmpty, !pod.isFinished else { return nil }
        self.init(addresses: [address])
        let always = service.spec.publishNotReadyAddresses == true
        conditions = EndpointConditions(
            ready: always || (pod.isReady && !pod.isTerminating), serving: pod.isReady,
            terminating: pod.isTerminating)
        nodeName = pod.spec.nodeName
        if pod.spec.subdomain == service.metadata.name { hostname = pod.spec.hostname }
        var reference = ObjectReference()
        (reference.kind, reference.namespace) = ("Pod", pod.metadata.namespace)
        (reference.name, reference.uid) = (pod.metadata.name, pod.metadata.uid)
        targetRef = reference
    }
}

/// How to get from the slices that are there to those that should be.
public struct SlicePlan: Equatable {
    public var create: [SliceContent] = []
    public var update: [EndpointSlice] = []
    public var delete: [EndpointSlice] = []

    public init() {}
}

/// Keeps a slice for contents with its ports where there is one, so that a change stays a change of one slice.
public func slicePlan(_ wanted: [SliceContent], existing: [EndpointSlice]) -> SlicePlan {
    var plan = SlicePlan()
    var rest = existing
    for content in wanted {
        let index = rest.firstIndex {
            ($0.ports ?? []) == content.ports && $0.addressType == content.addressType
        }
        guard let index else {
            plan.create.append(content)
            continue
        }
        let slice = rest.remove(at: index)
        if slice.endpoints != content.endpoints {
            plan.update.append(slice.with { $0.endpoints = content.endpoints })
        }
    }
    plan.delete = rest
    return plan
}

/// The same in the older form: ready addresses, the others, and the ports they share. Who is going away is in
/// neither list. A service without pods has no subset.
public func endpointSubsets(_ contents: [SliceContent]) -> [EndpointSubset] {
    contents.compactMap { content in
        let staying = content.endpoints.filter { $0.conditions?.terminating != true }
        if staying.isEmpty { return nil }
        func addresses(ready: Bool) -> [EndpointAddress] {
            staying.filter { ($0.conditions?.ready == true) == ready }.map(EndpointAddress.init)
        }
        // A port without a name has none here, where a slice says "".
        let ports = content.ports.map { port in
            var port = port
            if port.name == "" { port.name = nil }
            return port
        }
        return EndpointSubset(
            addresses: addresses(ready: true), notReadyAddresses: addresses(ready: false),
            ports: ports)
    }
}
