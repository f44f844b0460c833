import ContractOverlay
import Linux
import Snapshots

/// What the command line should have been.
struct Usage: Error {
    let text: String
    init(_ complaint: String = "") {
        text = (complaint.isEmpty ? "" : "overlay: \(complaint)\n") + Self.help
    }

    static let help = """
        usage: overlay unpack  --layer FILE.tar --into DIR [--lower TOP[:BELOW…]]
               overlay mount   --lower TOP[:BELOW…] --upper DIR --work DIR --target DIR
               overlay unmount --target DIR
               overlay diff    --upper DIR --out LAYER.tar
               overlay diff    --before DIR --after DIR --out LAYER.tar
               overlay lookup  [--operation read|modify|remove|create|makeDirectory]
                               --lower TOP[:BELOW…] [--upper DIR] PATH

        A : or \\ in a directory's name is written \\: or \\\\ in --lower.

        example: overlay mount --lower app:base --upper changes --work scratch --target merged
        """
}

/// `--name value` pairs, and what is no option.
struct Options {
    private var values: [String: String] = [:]
    private(set) var plain: [String] = []

    init(_ arguments: ArraySlice<String>, allowed: [String]) throws {
        var rest = arguments
        while let word = rest.popFirst() {
            guard word.startsWithBytes(of: "--") else {
                plain.append(word)
                continue
            }
            let name = String(decoding: word.utf8.dropFirst(2), as: UTF8.self)
            guard allowed.contains(name) else { throw Usage("unknown option \(word)") }
            guard let value = rest.popFirst() else { throw Usage("\(word) needs a value") }
            guard values.updateValue(value, forKey: name) == nil else {
                throw Usage("\(word) twice")
            }
        }
    }

    func optional(_ name: String) -> String? { values[name] }
    func required(_ name: String) throws -> String {
        guard let value = values[name], !value.isEmpty else { throw Usage("--\(name) is missing") }
        return value
    }
}

func run(_ arguments: [String], rules: any OverlayRules) throws {
    let rest = arguments.dropFirst()
    switch arguments.first {
    case "unpack": try unpack(try Options(rest, allowed: ["layer", "into", "lower"]), rules)
    case "mount":
        try mount(try Options(rest, allowed: ["lower", "upper", "work", "target"]), rules)
    case "unmount":
        try OverlayMount.unmount(try Options(rest, allowed: ["target"]).required("target"))
    case "diff": try diff(try Options(rest, allowed: ["upper", "before", "after", "out"]), rules)
    case "lookup": try lookup(try Options(rest, allowed: ["lower", "upper", "operation"]), rules)
    case "--help", "-h", "help": print(Usage.help)
    case let other: throw Usage(other.map { "unknown command \($0)" } ?? "")
    }
}

private func unpack(_ options: Options, _ rules: any OverlayRules) throws {
    let reader = TarReader(try .open(try options.required("layer")))
    var unpacker = try Unpacker(
        into: try options.required("into"),
        below: LayerStack.split(options.optional("lower") ?? ""), rules: rules)
    try unpacker.unpack(reader)
    if unpacker.devicesSkipped > 0 {
        printError(
            "overlay: \(unpacker.devicesSkipped) devices left out: a user namespace can't make them"
        )
    }
    if unpacker.ownersSkipped > 0 {
        printError("overlay: \(unpacker.ownersSkipped) entries keep this user as their owner")
    }
}

private func mount(_ options: Options, _ rules: any OverlayRules) throws {
    let mount = OverlayMount(
        lower: LayerStack.split(try options.required("lower")),
        upper: try options.required("upper"),
        work: try options.required("work"), target: try options.required("target"))
    try mount.mount(rules: rules)
}

private func diff(_ options: Options, _ rules: any OverlayRules) throws {
    let out = try options.required("out")
    if let upper = options.optional("upper") {
        return try LayerPacker(to: out, rules: rules).pack(upper: upper)
    }
    let (before, after) = (try options.required("before"), try options.required("after"))
    try LayerPacker(to: out, rules: rules).pack(before: before, after: after)
}

private func lookup(_ options: Options, _ rules: any OverlayRules) throws {
    guard options.plain.count == 1 else { throw Usage("lookup takes one path") }
    guard let path = RelativePath(options.plain[0]) else { throw Usage("a NUL in the path") }
    let upper = options.optional("upper")
    let stack = LayerStack(
        (upper.map { [$0] } ?? []) + LayerStack.split(try options.required("lower")), rules: rules)
    switch try stack.lookup(path) {
    case .absent: print("\(path): nothing there")
    case .file(let layer): print("\(path): a file from \(stack.directories[layer])")
    case .directory(let layers):
        print(
            "\(path): a directory from "
                + layers.map { stack.directories[$0] }.joined(separator: ", "))
    }
    guard let word = options.optional("operation") else { return }
    guard let operation = CopyUpRequest.Operation(rawValue: word) else {
        throw Usage("unknown operation \(word)")
    }
    guard upper != nil else { throw Usage("--operation needs --upper") }
    let changes = try stack.changes(operation, path)
    if changes.isEmpty { print("\(word): changes nothing in the upper directory") }
    for change in changes { print("\(word): \(describe(change))") }
}

private func describe(_ change: UpperChange) -> String {
    switch change {
    case .copyUp(let path): "copy \(path) up"
    case .create(let path): "make \(path)"
    case .createOpaque(let path): "make \(path), opaque"
    case .remove(let path): "take \(path) out of the upper directory"
    case .whiteout(let path): "make a whiteout at \(path)"
    }
}
