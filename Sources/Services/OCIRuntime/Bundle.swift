import ContractRuntime
import JSON
import Linux

/// A directory with a `config.json` and, usually, the root file system it speaks of.
struct Bundle {
    let path: String
    let spec: ContainerSpec
    /// Absolute, and without links.
    let rootfs: String
    /// What `linux.resources` says beyond what part 02 is told.
    let extra: ExtraResources

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
        let json = try readJSON(config)
        try SpecFields.check(json, in: config)
        spec = try decodeSpec(ContainerSpec.self, json, config)
        try Self.validate(spec, config)
        extra = try ExtraResources(json.at("linux", "resources") ?? .null)
        let root = spec.root!.path
        let wanted = root.isAbsolutePath ? root : "\(absolute)/\(root)"
        guard let rootfs = realPath(wanted), Files.isDirectory(rootfs) else {
            throw RuntimeFailure("\(config): root.path: \(wanted) is no directory")
        }
        self.rootfs = rootfs
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
    try decodeSpec(type, try readJSON(path), path)
}

func readJSON(_ path: String) throws -> JSON {
    do { return try JSON(parsing: try Files.read(path)) } catch let failure as JSONParser.Failure {
        throw RuntimeFailure("\(path): \(failure)")
    }
}

func decodeSpec<Value: Decodable>(_ type: Value.Type, _ json: JSON, _ path: String) throws -> Value
{
    do { return try json.decode(type) } catch let error as DecodingError {
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
