@_exported import Contract
@_exported import ContractControlGroups
@_exported import ContractNamespaces

/// Lab 05: from a specification to a process, step by step.
///
/// An OCI runtime is told in `config.json` what is to be true once the container's program runs.
/// Making it true has an order, because each step takes away what another needs. The part decides
/// the order, the container's states, and what capabilities and seccomp rules mean; the kit carries
/// the steps out.
public protocol RuntimePart: Sendable {
    /// 05.1 What the container's process does between clone(2) and execve(2), in order.
    func steps(for spec: ContainerSpec) throws -> [SetupStep]

    /// 05.2 The state after an operation.
    /// - Throws: `WrongState` for an operation that this state does not allow.
    func state(after operation: Operation, in state: ContainerState) throws -> ContainerState

    /// 05.3 The five sets of capabilities(7) as bit masks.
    /// - Throws: `UnknownCapability`.
    func capabilities(_ names: ProcessSpec.Capabilities) throws -> CapabilitySets

    /// 05.4 A seccomp profile as a list of rules, one for each system call, that a filter is made
    /// of.
    /// - Throws: `BadSeccomp`.
    func seccompRules(_ profile: SeccompProfile) throws -> SeccompRules
}

/// The states of the OCI runtime specification.
public enum ContainerState: String, Codable, Hashable, Sendable {
    case creating, created, running, stopped
}

/// What can happen to a container.
public enum Operation: String, Codable, Hashable, Sendable {
    /// The runtime has set it up.
    case create
    case start
    /// A signal is sent to it.
    case kill
    /// Its process ended.
    case exit
    case delete
    /// Another process is to run in it.
    case exec
}

public struct WrongState: Error, Hashable, Sendable, CustomStringConvertible {
    public let operation: Operation
    public let state: ContainerState
    public init(_ operation: Operation, in state: ContainerState) {
        (self.operation, self.state) = (operation, state)
    }
    public var description: String {
        "cannot \(operation.rawValue) a container that is \(state.rawValue)"
    }
}

public struct UnknownCapability: Error, Hashable, Sendable, CustomStringConvertible {
    public let name: String
    public init(_ name: String) { self.name = name }
    public var description: String {
        "process.capabilities: unknown capability \"\(name)\": see capabilities(7) for the names"
    }
}

/// Bit n of a set is capability number n (linux/capability.h).
public struct CapabilitySets: Codable, Hashable, Sendable {
    public var bounding: UInt64 = 0
    public var effective: UInt64 = 0
    public var inheritable: UInt64 = 0
    public var permitted: UInt64 = 0
    public var ambient: UInt64 = 0
    public init() {}
}

public struct BadSeccomp: Error, Hashable, Sendable, CustomStringConvertible {
    public let text: String
    public init(_ text: String) { self.text = text }
    public var description: String { "linux.seccomp: \(text)" }
}

/// A filter, ready to be made.
public struct SeccompRules: Codable, Hashable, Sendable {
    /// What happens at a call without a rule: a `SECCOMP_RET_…` value of seccomp(2), errno in the
    /// low 16 bits.
    public var defaultAction: UInt32
    /// Names as libseccomp has them, lower case: `x86_64`.
    public var architectures: [String]
    public var rules: [Rule]

    public struct Rule: Codable, Hashable, Sendable {
        public var syscall: String
        public var action: UInt32
        public var conditions: [Condition]
        public init(syscall: String, action: UInt32, conditions: [Condition]) {
            (self.syscall, self.action, self.conditions) = (syscall, action, conditions)
        }
    }

    /// The rule holds for a call whose argument number `index` compares like this.
    public struct Condition: Codable, Hashable, Sendable {
        public var index: UInt32
        public var comparison: Comparison
        /// For `maskedEqual` the mask.
        public var value: UInt64
        /// For `maskedEqual` what is compared with; else 0.
        public var valueTwo: UInt64
        public init(index: UInt32, comparison: Comparison, value: UInt64, valueTwo: UInt64) {
            (self.index, self.comparison) = (index, comparison)
            (self.value, self.valueTwo) = (value, valueTwo)
        }
    }

    /// The numbers are libseccomp's `enum scmp_compare`.
    public enum Comparison: Int, Codable, Hashable, Sendable {
        case notEqual = 1
        case less, lessOrEqual, equal, greaterOrEqual, greater, maskedEqual
    }

    public init(defaultAction: UInt32, architectures: [String], rules: [Rule]) {
        (self.defaultAction, self.architectures, self.rules) = (defaultAction, architectures, rules)
    }
}

/// One step of the container's process on its way to its program.
public enum SetupStep: String, Codable, Hashable, Sendable, CaseIterable {
    /// Become a member of the container's cgroups: before anything is used that they count.
    case enterControlGroups
    /// Join the namespaces that have a path, except pid, into which only a child can be born.
    case joinNamespaces
    /// Wait until the id maps are written and become root of the new user namespace.
    case becomeRoot
    /// A new cgroup namespace begins at the cgroup one is in, so it comes after entering that.
    case newControlGroupNamespace
    /// The name of the new UTS namespace.
    case setHostname
    /// A new network namespace has a loopback device, but it is down.
    case raiseLoopback
    /// The mounts, and pivot_root.
    case enterRoot
    /// `/dev/null` and its kind, and the links to /proc/self/fd.
    case makeDevices
    /// The container's terminal as standard input, output and error.
    case openTerminal
    /// Kernel parameters of the new namespaces: while /proc/sys can still be written.
    case setSysctls
    /// Parts of /proc and /sys that can't be written.
    case protectPaths
    /// Parts of /proc and /sys that can't be read.
    case maskPaths
    /// The root directory itself: after all that had to be made in it.
    case makeRootReadOnly
    /// How readily the kernel kills this process for want of memory: lowering it needs privilege.
    case setOOMScore
    /// The limits of getrlimit(2): raising a hard one needs privilege.
    case setResourceLimits
    /// A filter needs privilege to be loaded, or no_new_privs. Without the latter it must be now.
    case loadSeccompPrivileged
    /// Groups, then gid, then uid: each needs what the next takes away.
    case setUser
    /// The capability sets, last of the privileges.
    case setCapabilities
    /// From now on execve(2) gives nothing that this process does not have.
    case setNoNewPrivileges
    /// Into the working directory, as the user who will work there.
    case changeDirectory
    /// All is ready: the container is *created*, and waits to be started.
    case waitForStart
    /// With no_new_privs the filter comes last, so that it need allow nothing but the program's own
    /// calls.
    case loadSeccomp
    /// execve(2).
    case execute
}

// MARK: On the pipe

/// The questions of lab 05.
public enum RuntimeQuestions {
    public static let steps = Question<ContainerSpec, [SetupStep]>("steps")
    public static let state = Question<OperationInState, ContainerState>("state")
    public static let capabilities = Question<ProcessSpec.Capabilities, CapabilitySets>(
        "capabilities")
    public static let seccompRules = Question<SeccompProfile, SeccompRules>("seccompRules")
}

public struct OperationInState: Codable, Hashable, Sendable {
    public var operation: Operation
    public var state: ContainerState
    public init(_ operation: Operation, _ state: ContainerState) {
        (self.operation, self.state) = (operation, state)
    }
}

extension RuntimePart {
    public var desk: Desk {
        var desk = Desk()
        desk.answer(RuntimeQuestions.steps, with: steps)
        desk.answer(RuntimeQuestions.state) { try state(after: $0.operation, in: $0.state) }
        desk.answer(RuntimeQuestions.capabilities, with: capabilities)
        desk.answer(RuntimeQuestions.seccompRules, with: seccompRules)
        return desk
    }
}

/// A part for lab 05 that runs as a program of its own.
public struct RemoteRuntime: RuntimePart {
    private let part: any Asker
    public init(_ part: any Asker) { self.part = part }

    public func steps(for spec: ContainerSpec) throws -> [SetupStep] {
        try part.ask(RuntimeQuestions.steps, spec)
    }
    public func state(after operation: Operation, in state: ContainerState) throws -> ContainerState
    {
        try part.ask(RuntimeQuestions.state, OperationInState(operation, state))
    }
    public func capabilities(_ names: ProcessSpec.Capabilities) throws -> CapabilitySets {
        try part.ask(RuntimeQuestions.capabilities, names)
    }
    public func seccompRules(_ profile: SeccompProfile) throws -> SeccompRules {
        try part.ask(RuntimeQuestions.seccompRules, profile)
    }
}
