import JSON
import Kinds
import Linux

/// Hands out the cluster's virtual addresses and node ports, each to one Service.
///
/// What is taken is known from the Services themselves: it is read from them once, at start.
public final class ServiceAddresses: Sendable {
    private let lock = Lock()
    private let range: AddressRange
    nonisolated(unsafe) private var addresses: Set<UInt32> = []  // guarded by `lock`
    nonisolated(unsafe) private var ports: Set<Int> = []

    static let portRange = 30000...32767

    /// - Parameter range: `10.96.0.0/16`
    public init(range: AddressRange) { self.range = range }

    /// The address of the Service `kubernetes`: the first of the range.
    var kubernetesAddress: String { AddressRange.text(range.first + 1) }

    /// An object with its addresses, and what of them was taken for it.
    struct Claim: Sendable {
        var object: JSON
        var addresses: [UInt32] = []
        var ports: [Int] = []
    }

    func release(_ claim: Claim) {
        lock.hold {
            addresses.subtract(claim.addresses)
            ports.subtract(claim.ports)
        }
    }

    /// At start: what existing Services have.
    func note(_ service: JSON) {
        let (addresses, ports) = inUse(service)
        lock.hold {
            self.addresses.formUnion(addresses)
            self.ports.formUnion(ports)
        }
    }

    /// A Service is gone.
    func forget(_ object: JSON, kind: Kind) {
        guard kind.kind == "Service", kind.group.isEmpty else { return }
        let (addresses, ports) = inUse(object)
        release(Claim(object: object, addresses: addresses, ports: ports))
    }

    /// What one version of a Service has and another hasn't: taken for a change that was not made, or
    /// given up by one that was.
    func release(in one: JSON, notIn other: JSON, kind: Kind) {
        guard kind.kind == "Service", kind.group.isEmpty else { return }
        let (mine, others) = (inUse(one), inUse(other))
        release(
            Claim(
                object: one, addresses: mine.0.filter { !others.0.contains($0) },
                ports: mine.1.filter { !others.1.contains($0) }))
    }

    private func inUse(_ service: JSON) -> ([UInt32], [Int]) {
        let address = AddressRange.number(service.at("spec", "clusterIP")?.string ?? "")
        let ports = (service.at("spec", "ports")?.array ?? []).compactMap { $0["nodePort"]?.int }
        return (address.map { [$0] } ?? [], ports.filter { $0 > 0 })
    }

    /// A new Service with an address and, where its type has them, node ports. Other objects come
    /// back as they are.
    func claim(for object: JSON, kind: Kind) throws -> Claim {
        guard kind.kind == "Service", kind.group.isEmpty else { return Claim(object: object) }
        var claim = Claim(object: object)
        do {
            try claimAddress(&claim, kind)
            try claimPorts(&claim, kind)
        } catch {
            release(claim)
            throw error
        }
        return claim
    }

    /// An update keeps the addresses that the client left out, and gets ports where the new type
    /// needs them.
    func carryOver(old: JSON, new: JSON, kind: Kind) throws -> JSON {
        var object = new
        var spec = object["spec"] ?? [:]
        if spec["type"] != "ExternalName" {
            for name in ["clusterIP", "clusterIPs"] where isEmpty(spec[name]) {
                spec[name] = old.at("spec", name)
            }
        }
        let before = old.at("spec", "ports")?.array ?? []
        if ["NodePort", "LoadBalancer"].contains(spec["type"]?.string ?? "") {
            spec["ports"] = .array((spec["ports"]?.array ?? []).map { keepNodePort($0, before) })
        } else {
            spec["ports"] = .array((spec["ports"]?.array ?? []).map { dropNodePort($0, before) })
        }
        object["spec"] = spec
        var claim = Claim(object: object)
        let (addresses, ports) = inUse(old)
        try claimAddress(&claim, kind, mine: Set(addresses))
        try claimPorts(&claim, kind, mine: Set(ports))
        return claim.object
    }

    private func isEmpty(_ value: JSON?) -> Bool {
        (value?.string ?? "").isEmpty && (value?.array ?? []).isEmpty
    }

    private func keepNodePort(_ port: JSON, _ before: [JSON]) -> JSON {
        guard (port["nodePort"]?.int ?? 0) == 0 else { return port }
        var port = port
        port["nodePort"] =
            before.first { $0["port"] == port["port"] && $0["protocol"] == port["protocol"] }?[
                "nodePort"]
        return port
    }

    /// A node port that came with an earlier type goes with it.
    private func dropNodePort(_ port: JSON, _ before: [JSON]) -> JSON {
        guard let number = port["nodePort"], before.contains(where: { $0["nodePort"] == number })
        else { return port }
        var port = port
        port["nodePort"] = nil
        return port
    }

    private func claimAddress(_ claim: inout Claim, _ kind: Kind, mine: Set<UInt32> = []) throws {
        var spec = claim.object["spec"] ?? [:]
        guard spec["type"] != "ExternalName", spec["clusterIP"] != "None" else { return }
        let wanted = spec["clusterIP"]?.string ?? ""
        // An address once given stays: another one is the validation's to refuse.
        if !mine.isEmpty { return }
        let number = try lock.hold { try take(wanted, claim.object, kind) }
        claim.addresses.append(number)
        let text: JSON = .string(AddressRange.text(number))
        spec["clusterIP"] = text
        spec["clusterIPs"] = .array([text])
        if spec["ipFamilies"] == nil { spec["ipFamilies"] = ["IPv4"] }
        if spec["ipFamilyPolicy"] == nil { spec["ipFamilyPolicy"] = "SingleStack" }
        claim.object["spec"] = spec
    }

    /// The address asked for, or a free one. Called with the lock held.
    private func take(_ wanted: String, _ service: JSON, _ kind: Kind) throws -> UInt32 {
        func refusal(_ why: String) -> StatusError {
            let text = "Invalid value: [\"\(wanted)\"]: failed to allocate IP \(wanted): \(why)"
            return .invalid(
                kind, name: service.name, [FieldError("spec.clusterIPs", .invalid, text)])
        }
        if !wanted.isEmpty {
            guard let number = AddressRange.number(wanted), range.contains(number) else {
                throw refusal(
                    "the provided IP (\(wanted)) is not in the valid range. The range of valid IPs is \(range.description)"
                )
            }
            guard addresses.insert(number).inserted else {
                throw refusal("provided IP is already allocated")
            }
            return number
        }
        // Anywhere, then onwards to the next free: an address that was just freed is not handed out
        // again at once.
        let size = range.last - range.first - 1
        let start = UInt32.random(in: 1...size)
        for step in 0..<size {
            let number = range.first + 1 + (start + step) % size
            if number != range.first + 1, addresses.insert(number).inserted { return number }
        }
        throw StatusError.internalError("failed to allocate a serviceIP: range is full")
    }

    private func claimPorts(_ claim: inout Claim, _ kind: Kind, mine: Set<Int> = []) throws {
        var spec = claim.object["spec"] ?? [:]
        guard ["NodePort", "LoadBalancer"].contains(spec["type"]?.string ?? "") else { return }
        var entries = spec["ports"]?.array ?? []
        for index in entries.indices {
            let wanted = entries[index]["nodePort"]?.int ?? 0
            if mine.contains(wanted) { continue }
            let port = try lock.hold { try takePort(wanted, claim.object, kind, index) }
            claim.ports.append(port)
            entries[index]["nodePort"] = JSON(port)
        }
        spec["ports"] = .array(entries)
        claim.object["spec"] = spec
    }

    /// Called with the lock held.
    private func takePort(_ wanted: Int, _ service: JSON, _ kind: Kind, _ index: Int) throws -> Int
    {
        func refusal(_ why: String) -> StatusError {
            .invalid(
                kind, name: service.name,
                [
                    FieldError(
                        "spec.ports[\(index)].nodePort", .invalid,
                        "Invalid value: \(wanted): \(why)")
                ])
        }
        if wanted != 0 {
            guard Self.portRange.contains(wanted) else {
                throw refusal(
                    "provided port is not in the valid range. The range of valid ports is 30000-32767"
                )
            }
            guard ports.insert(wanted).inserted else {
                throw refusal("provided port is already allocated")
            }
            return wanted
        }
        let start = Int.random(in: Self.portRange)
        for step in 0..<Self.portRange.count {
            let port = Self.portRange.lowerBound + (start + step) % Self.portRange.count
            if ports.insert(port).inserted { return port }
        }
        throw StatusError.internalError("failed to allocate a nodePort: range is full")
    }
}

extension JSON {
    var name: String { at("metadata", "name")?.string ?? "" }
    var namespace: String { at("metadata", "namespace")?.string ?? "" }
}

/// A block of IPv4 addresses.
public struct AddressRange: Sendable, CustomStringConvertible {
    public let first: UInt32
    public let last: UInt32
    private let bits: Int

    /// From `10.96.0.0/16`; nil for anything else, and for blocks of fewer than four addresses.
    public init?(_ text: String) {
        let halves = text.split(separator: "/", omittingEmptySubsequences: false)
        guard halves.count == 2, let address = Self.number(String(halves[0])),
            let bits = Int(halves[1]),
            (8...30).contains(bits)
        else { return nil }
        let size: UInt32 = 1 << UInt32(32 - bits)
        first = address & ~(size - 1)
        last = first + size - 1
        self.bits = bits
    }

    public var description: String { "\(Self.text(first))/\(bits)" }

    /// The first and the last address are no host's.
    func contains(_ address: UInt32) -> Bool { first < address && address < last }

    static func text(_ number: UInt32) -> String {
        "\(number >> 24).\(number >> 16 & 255).\(number >> 8 & 255).\(number & 255)"
    }

    static func number(_ text: String) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let bytes = parts.compactMap { UInt8($0) }
        guard parts.count == 4, bytes.count == 4 else { return nil }
        return bytes.reduce(0) { $0 << 8 | UInt32($1) }
    }
}
