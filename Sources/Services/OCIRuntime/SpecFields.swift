import JSON

/// What config.json may say that this runtime does not do. Such a member is refused by its name, unless it is empty:
/// a wish that is accepted and dropped is a lie. Members that the specification doesn't have are ignored, as it asks.
enum SpecFields {
    /// By path, `[]` for each element of a list, with the reason.
    static let refused: KeyValuePairs<String, String> = [
        "process.scheduler": "scheduling policies are not set",
        "process.ioPriority": "priorities of input and output are not set",
        "process.execCPUAffinity": "processors are chosen by linux.resources.cpu.cpus",
        "process.selinuxLabel": "this runtime sets no SELinux labels",
        "mounts[].uidMappings": "mounts are not mapped to other users",
        "mounts[].gidMappings": "mounts are not mapped to other groups",
        "linux.mountLabel": "this runtime sets no SELinux labels",
        "linux.timeOffsets": "clocks are not shifted",
        "linux.personality": "the personality is not changed",
        "linux.intelRdt": "Intel RDT is not used",
        "linux.memoryPolicy": "memory policies are not set",
        "linux.netDevices": "network devices are not moved",
        "linux.seccomp.listenerPath": "system calls are not handed to a listener",
        "linux.seccomp.listenerMetadata": "system calls are not handed to a listener",
        "linux.resources.rdma": "RDMA is not limited",
        "linux.resources.network": "network classes and priorities are not set",
        "linux.resources.memory.kernel": "the kernel has no such limit any more",
        "linux.resources.blockIO.leafWeight": "the kernel has no such weight any more",
        "linux.resources.blockIO.weightDevice": "weights of single devices are not set",
        "hooks.prestart": "this runtime runs no hooks",
        "hooks.createRuntime": "this runtime runs no hooks",
        "hooks.createContainer": "this runtime runs no hooks",
        "hooks.startContainer": "this runtime runs no hooks",
        "hooks.poststart": "this runtime runs no hooks",
        "hooks.poststop": "this runtime runs no hooks",
    ]

    /// - Parameters:
    ///   - file: the file's path, for the message.
    ///   - prefix: where in a configuration this is: `process`, or nothing.
    static func check(_ json: JSON, in file: String, at prefix: String = "") throws {
        for (path, reason) in refused {
            var names = path.fields(at: ".")[...]
            if !prefix.isEmpty, names.popFirst() != prefix { continue }
            guard values(at: names, in: json).allSatisfy(isEmpty) else {
                throw RuntimeFailure("\(file): \(path): \(reason)")
            }
        }
    }

    /// What is at a path, once for each element of the lists on the way.
    private static func values(at names: ArraySlice<String>, in json: JSON) -> [JSON] {
        guard let name = names.first else { return [json] }
        let rest = names.dropFirst()
        if let value = json[name] { return values(at: rest, in: value) }
        guard name.utf8.suffix(2).elementsEqual("[]".utf8) else { return [] }
        let elements = json[String(Substring(name.utf8.dropLast(2)))]?.array ?? []
        return elements.flatMap { values(at: rest, in: $0) }
    }

    /// Says nothing: null, an empty text or list, an object of such.
    private static func isEmpty(_ value: JSON) -> Bool {
        switch value {
        case .null: true
        case .string(let text): text.isEmpty
        case .array(let elements): elements.isEmpty
        case .object(let object): object.allSatisfy { isEmpty($0.value) }
        case .bool, .number: false
        }
    }
}
