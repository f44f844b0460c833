import JSON
import Linux

/// CRI's verbs carried out by the kit's `shim` and any OCI runtime. Holds nothing in memory: every
/// answer is read from the state directory and the kernel, so a new process with the same directory
/// is the same service.
public final class ShimRuntime: RuntimeService {
    public struct Programs: Sendable {
        public var shim: String
        public var runtime: String
        public var overlay: String?
        public init(shim: String, runtime: String, overlay: String?) {
            (self.shim, self.runtime, self.overlay) = (shim, runtime, overlay)
        }
    }

    let programs: Programs
    let state: StateDirectory
    let network: PodNetwork
    let pool: AddressPool
    let roots: RootFilesystems
    /// `/node-1`; nil where there are no cgroups to be had.
    let cgroupRoot: String?
    let logBytesMax: Int
    /// Addresses are given out one at a time.
    let allocating = Lock()

    public init(
        programs: Programs, state: StateDirectory, network: PodNetwork, cgroupRoot: String?,
        logBytesMax: Int = 10 << 20
    ) throws {
        (self.programs, self.state, self.network) = (programs, state, network)
        self.cgroupRoot = cgroupRoot
        self.logBytesMax = logBytesMax
        pool = try AddressPool(directory: state.addresses, block: network.block)
        roots = RootFilesystems(program: programs.overlay)
    }

    /// Takes back the addresses of sandboxes that are no more: of a kubelet that died between taking
    /// one and writing down for whom. To be called before any sandbox is made.
    public func releaseLostAddresses() throws { try pool.keep(only: Set(state.sandboxes)) }

    /// Runs the OCI runtime to its end.
    func runtime(_ arguments: String...) throws {
        let all = [programs.runtime, "--root", state.runtimeRoot] + arguments
        let result = try capture(programs.runtime, all)
        guard result.ending.succeeded else {
            throw RuntimeFailure(Self.words(result.errors, else: "runtime \(result.ending)"))
        }
    }

    /// What a program complained about, without runc's log decoration.
    static func words(_ bytes: [UInt8], else standard: String) -> String {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let line = text.split(separator: "\n").last(where: { !$0.isEmpty }) else {
            return standard
        }
        guard let start = line.firstRange(of: "msg=\"")?.upperBound else {
            return String(line.hasPrefix("shim: ") ? line.dropFirst(6) : line)
        }
        let message = line[start...].dropLast(line.hasSuffix("\"") ? 1 : 0)
        return String(message).replacing("\\\"", with: "\"")
    }
}
