import JSON
import Kinds
import Linux

/// Hands out the cluster's virtual addresses and node ports, each to one Service.
///
/// A write claims what its object needs for as long as it is under way, and leaves behind what is
/// stored then: a dry run, a refusal and a lost race leave nothing. What is stored is looked at
/// again and again (`repair`), so that no number can be lost for good.
public final class ServiceAddresses: Sendable {
    private let lock = Lock()
    private let range: AddressRange
    nonisolated(unsafe) private var addresses = Allocations<UInt32>()  // guarded by `lock`
    nonisolated(unsafe) private var ports = Allocations<Int>()
    /// Claims of writes that may or may not have been carried out, with when that is certain.
    nonisolated(unsafe) private var uncertain: [(claim: Claim, until: Int)] = []

    static let portRange = 30000...32767
    /// A write whose answer was lost is in the store by then, or never.
    static let uncertainSeconds = 60

    /// - Parameter range: `10.96.0.0/16`
    public init(range: AddressRange) { self.range = range }

    /// The address of the Service `kubernetes`: the first of the range.
    var kubernetesAddress: String { AddressRange.text(range.first + 1) }

    /// An object with its addresses, and what of them is claimed for it.
    struct Claim: Sendable {
        /// The Service's key in the store: whose claim it is.
        var owner: String
        var object: JSON
        /// What the stored object has: it needs no claim, since the write fails where that object
        /// is no longer there.
        var kept: Numbers
        var addresses: [UInt32] = []
        var ports: [Int] = []
    }

    /// A Service's address and node ports.
    struct Numbers: Sendable {
        var address: UInt32?
        var ports: Set<Int>

        init(_ service: JSON?) {
            address = AddressRange.number(service?.at("spec", "clusterIP")?.string ?? "")
            let ports = service?.at("spec", "ports")?.array ?? []
            self.ports = Set(ports.compactMap { $0["nodePort"]?.int }.filter { $0 > 0 })
        }
    }

    /// What became of a write.
    enum Ending: Sendable {
        /// The object is in the store since this revision.
        case stored(Int)
        /// It isn't: refused, or only tried.
        case dropped
    }

    /// Carries out a write of an object that may claim addresses, as a Service does, with the numbers that it wants or
    /// needs.
    /// - Parameters:
    ///   - old: what is stored, where the write replaces something.
    ///   - isDryRun: nothing will be stored, whatever happens.
    func claiming<Result>(
        _ object: JSON, over old: JSON? = nil, at key: String, kind: Kind, isDryRun: Bool = false,
        _ write: (JSON) async throws -> (Result, Ending)
    ) async throws -> Result {
        guard kind.claimsAddresses else { return try await write(object).0 }
        var claim = Claim(owner: key, object: object, kept: Numbers(old))
        try fill(&claim, kind)
        do {
            let (result, ending) = try await write(claim.object)
            if case .stored(let revision) = ending { note(claim.object, key, revision) }
            release(claim)
            return result
        } catch {
            if error.leavesWriteUncertain, !isDryRun {
                lock.hold { uncertain.append((claim, nowSeconds() + Self.uncertainSeconds)) }
            } else {
                release(claim)
            }
            throw error
        }
    }

    /// The object at `key` is out of the store.
    func forget(_ key: String, revision: Int) {
        lock.hold {
            addresses.note(key, revision, [])
            ports.note(key, revision, [])
        }
    }

    /// What the store has, as of one revision: Services whose removal nobody told go, others come.
    func repair(_ services: [(key: String, revision: Int, service: JSON)], asOf revision: Int) {
        for (key, revision, service) in services { note(service, key, revision) }
        let keys = Set(services.map(\.key))
        let over = lock.hold { () -> [Claim] in
            addresses.forget(except: keys, asOf: revision)
            ports.forget(except: keys, asOf: revision)
            let now = nowSeconds()
            defer { uncertain.removeAll { $0.until <= now } }
            return uncertain.filter { $0.until <= now }.map(\.claim)
        }
        for claim in over { release(claim) }
    }

    private func note(_ service: JSON, _ key: String, _ revision: Int) {
        let numbers = Numbers(service)
        lock.hold {
            addresses.note(key, revision, Set(numbers.address.map { [$0] } ?? []))
            ports.note(key, revision, numbers.ports)
        }
    }

    private func release(_ claim: Claim) {
        lock.hold {
            addresses.release(claim.addresses)
            ports.release(claim.ports)
        }
    }

    /// Gives a Service an address and, where its type has them, node ports.
    private func fill(_ claim: inout Claim, _ kind: Kind) throws {
        do {
            try claimAddress(&claim, kind)
            try claimPorts(&claim, kind)
        } catch {
            release(claim)
            throw error
        }
    }

    // MARK: Addresses

    private func claimAddress(_ claim: inout Claim, _ kind: Kind) throws {
        var spec = claim.object["spec"] ?? [:]
        guard spec["type"] != "ExternalName", spec["clusterIP"] != "None" else { return }
        let wanted = spec["clusterIP"]?.string ?? ""
        if let kept = claim.kept.address, kept == AddressRange.number(wanted) { return }
        let number = try lock.hold { try take(wanted, claim, kind) }
        claim.addresses.append(number)
        let text: JSON = .string(AddressRange.text(number))
        spec["clusterIP"] = text
        spec["clusterIPs"] = .array([text])
        if spec["ipFamilies"] == nil { spec["ipFamilies"] = ["IPv4"] }
        if spec["ipFamilyPolicy"] == nil { spec["ipFamilyPolicy"] = "SingleStack" }
        claim.object["spec"] = spec
    }

    /// The address asked for, or a free one. Called with the lock held.
    private func take(_ wanted: String, _ claim: Claim, _ kind: Kind) throws -> UInt32 {
        func refusal(_ why: String) -> StatusError {
            let text = "Invalid value: [\"\(wanted)\"]: failed to allocate IP \(wanted): \(why)"
            return .invalid(
                kind, name: claim.object.name, [FieldError("spec.clusterIPs", .invalid, text)])
        }
        if !wanted.isEmpty {
            guard let number = AddressRange.number(wanted), range.contains(number) else {
                throw refusal(
                    "the provided IP (\(wanted)) is not in the valid range. The range of valid IPs is \(range.description)"
                )
            }
            guard addresses.claim(number, for: claim.owner) else {
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
            if number != range.first + 1, addresses.claim(number, for: claim.owner, anew: true) {
                return number
            }
        }
        throw StatusError.internalError("failed to allocate a serviceIP: range is full")
    }

    // MARK: Node ports

    private func claimPorts(_ claim: inout Claim, _ kind: Kind) throws {
        var spec = claim.object["spec"] ?? [:]
        guard ["NodePort", "LoadBalancer"].contains(spec["type"]?.string ?? "") else { return }
        var entries = spec["ports"]?.array ?? []
        for index in entries.indices {
            let wanted = entries[index]["nodePort"]?.int ?? 0
            if wanted != 0 {
                try claimPort(wanted, &claim, kind, index)
            } else if let shared = shared(by: entries[index], entries) {
                entries[index]["nodePort"] = JSON(shared)
                try claimPort(shared, &claim, kind, index)
            } else {
                let port = try lock.hold { try freePort(claim) }
                claim.ports.append(port)
                entries[index]["nodePort"] = JSON(port)
            }
        }
        spec["ports"] = .array(entries)
        claim.object["spec"] = spec
    }

    /// One port for TCP and UDP has one node port for both.
    private func shared(by entry: JSON, _ entries: [JSON]) -> Int? {
        let twins = entries.filter {
            $0["port"] == entry["port"] && $0["protocol"] != entry["protocol"]
        }
        return twins.compactMap { $0["nodePort"]?.int }.first { $0 > 0 }
    }

    private func claimPort(_ port: Int, _ claim: inout Claim, _ kind: Kind, _ index: Int) throws {
        if claim.kept.ports.contains(port) { return }
        let complaint = lock.hold { () -> String? in
            guard Self.portRange.contains(port) else {
                return
                    "provided port is not in the valid range. The range of valid ports is 30000-32767"
            }
            if ports.claim(port, for: claim.owner) { return nil }
            return "provided port is already allocated"
        }
        if let complaint {
            throw StatusError.invalid(
                kind, name: claim.object.name,
                [
                    FieldError(
                        "spec.ports[\(index)].nodePort", .invalid,
                        "Invalid value: \(port): \(complaint)")
                ])
        }
        claim.ports.append(port)
    }

    /// Called with the lock held.
    private func freePort(_ claim: Claim) throws -> Int {
        let start = Int.random(in: Self.portRange)
        for step in 0..<Self.portRange.count {
            let port = Self.portRange.lowerBound + (start + step) % Self.portRange.count
            if ports.claim(port, for: claim.owner, anew: true) { return port }
        }
        throw StatusError.internalError("failed to allocate a nodePort: range is full")
    }
}

extension Error {
    /// Whether a write that ended so may have been carried out, or still be.
    var leavesWriteUncertain: Bool {
        if self is StatusError { return false }
        if case StoreError.refused? = self as? StoreError { return false }
        return true
    }
}

extension JSON {
    var name: String { at("metadata", "name")?.string ?? "" }
    var namespace: String { at("metadata", "namespace")?.string ?? "" }
}
