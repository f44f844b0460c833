import ContractRuntime
import JSON
import Linux

/// A directory with a `config.json` and, usually, the root file system it speaks of.
struct Bundle {
    let path: String
    let spec: ContainerSpec
    /// Absolute, and without links.
    let rootfs: String

    init(path: String) throws {
        guard let absolute = realPath(path) else {
            throw RuntimeFailure("bundle \(path): \(Errno.current)")
        }
        let config = "\(absolute)/config.json"
        guard Files.exists(config) else {
            throw RuntimeFailure(
                "bundle \(absolute): no config.json in it: make one with `runtime spec`, or name the bundle with --bundle"
            )
        }
        self.path = absolute
        spec = try readSpec(ContainerSpec.self, config)
        try Self.validate(spec, config)
        let root = spec.root!.path
        let wanted = root.hasPrefix("/") ? root : "\(absolute)/\(root)"
        guard let rootfs = realPath(wanted), Files.isDirectory(rootfs) else {
            throw RuntimeFailure("\(config): root.path: \(wanted) is no directory")
        }
        self.rootfs = rootfs
    }

    /// What every later step takes for granted.
    private static func validate(_ spec: ContainerSpec, _ config: String) throws {
        func refuse(_ path: String, _ reason: String) -> RuntimeFailure {
            RuntimeFailure("\(config): \(path): \(reason)")
        }
        guard spec.ociVersion.hasPrefix("1.") else {
            throw refuse(
                "ociVersion", "\"\(spec.ociVersion)\" is not 1.x, which this runtime speaks")
        }
        guard spec.root != nil else { throw refuse("root", "missing") }
        guard let process = spec.process else { throw refuse("process", "missing") }
        try validate(process, in: config)
        for (index, mount) in (spec.mounts ?? []).enumerated()
        where !mount.destination.hasPrefix("/") {
            throw refuse("mounts[\(index)].destination", "\"\(mount.destination)\" is not absolute")
        }
        if let name = (spec.hooks ?? [:]).filter({ !$0.value.isEmpty }).keys.sorted().first {
            throw refuse("hooks.\(name)", "this runtime runs no hooks")
        }
        let namespaces = spec.linux?.namespaces ?? []
        let isUTS = namespaces.contains { $0.type == .uts }
        if spec.hostname != nil, !isUTS { throw refuse("hostname", "needs a uts namespace") }
        if !namespaces.contains(where: { $0.type == .mount }) {
            throw refuse(
                "linux.namespaces", "without a mount namespace the host's root would change")
        }
        if namespaces.contains(where: { $0.type == .user && $0.path == nil }),
            (spec.linux?.uidMappings ?? []).isEmpty || (spec.linux?.gidMappings ?? []).isEmpty
        {
            throw refuse(
                "linux.uidMappings", "a new user namespace needs uidMappings and gidMappings")
        }
    }

    static func validate(_ process: ProcessSpec, in file: String) throws {
        guard let args = process.args, !args.isEmpty else {
            throw RuntimeFailure("\(file): process.args: at least the program's name is needed")
        }
        guard (process.selinuxLabel ?? "").isEmpty else {
            throw RuntimeFailure(
                "\(file): process.selinuxLabel: this runtime sets no SELinux labels")
        }
        guard (process.apparmorProfile ?? "").isEmpty || Files.exists("/sys/module/apparmor") else {
            throw RuntimeFailure("\(file): process.apparmorProfile: this kernel has no AppArmor")
        }
        guard process.cwd.hasPrefix("/") else {
            throw RuntimeFailure("\(file): process.cwd: \"\(process.cwd)\" is not absolute")
        }
    }
}

/// realpath(3); nil, with errno, where the path does not lead anywhere.
func realPath(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
}

/// Reads a JSON file as a typed value; an error names the file and the line, or the member.
func readSpec<Value: Decodable>(_ type: Value.Type, _ path: String) throws -> Value {
    let bytes = try Files.read(path)
    do {
        return try JSON(parsing: bytes).decode(type)
    } catch let failure as JSONParser.Failure {
        throw RuntimeFailure("\(path): \(failure)")
    } catch let error as DecodingError {
        throw RuntimeFailure("\(path): \(explain(error))")
    }
}

private func explain(_ error: DecodingError) -> String {
    func at(_ context: DecodingError.Context, _ reason: String) -> String {
        var path = ""
        for key in context.codingPath {
            let isIndex = key.intValue != nil
            path += path.isEmpty || isIndex ? key.stringValue : ".\(key.stringValue)"
        }
        return path.isEmpty ? reason : "\(path): \(reason)"
    }
    switch error {
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
        return at(context, context.debugDescription)
    case .keyNotFound(_, let context): return at(context, context.debugDescription)
    case .dataCorrupted(let context): return at(context, context.debugDescription)
    @unknown default: return "\(error)"
    }
}
