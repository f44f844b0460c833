import Linux

/// The questions of lab 02, on the pipe.
public enum ControlGroupsQuestions {
    public static let milliCPUs = Question<String, Int>("milliCPUs")
    public static let bytes = Question<String, Int>("bytes")
    public static let resources = Question<ContainerResources, LinuxResources>("resources")
    public static let controlFiles = Question<ControlFilesRequest, [ControlFile]>("controlFiles")
    public static let enterGroup = Question<GroupRequest, Done>("enterGroup")
    public static let readUsage = Question<ControlGroupFiles, ControlGroupUsage>("readUsage")
    public static let freeze = Question<FreezeRequest, Done>("freeze")
    public static let remove = Question<GroupPlace, Done>("remove")

    public struct FreezeRequest: Codable, Sendable {
        public var group: GroupPlace
        public var isFrozen: Bool
    }
}

extension ControlGroupsPart {
    public var desk: Desk {
        var desk = Desk()
        desk.answer(ControlGroupsQuestions.milliCPUs, with: milliCPUs)
        desk.answer(ControlGroupsQuestions.bytes, with: bytes)
        desk.answer(ControlGroupsQuestions.resources, with: resources)
        desk.answer(ControlGroupsQuestions.controlFiles, with: controlFiles)
        desk.answer(ControlGroupsQuestions.enterGroup) { input, kernel in
            try enterGroup(input, kernel: kernel)
            return Done()
        }
        desk.answer(ControlGroupsQuestions.readUsage, with: readUsage)
        desk.answer(ControlGroupsQuestions.freeze) { input, kernel in
            try freeze(input.group, input.isFrozen, kernel: kernel)
            return Done()
        }
        desk.answer(ControlGroupsQuestions.remove) { input, kernel in
            try remove(input, kernel: kernel)
            return Done()
        }
        return desk
    }
}

/// A part for lab 02 that runs as a program of its own.
public struct RemoteControlGroups: ControlGroupsPart {
    private let part: any KernelAsker
    public init(_ part: any KernelAsker) { self.part = part }

    public func milliCPUs(_ quantity: String) throws -> Int {
        try part.ask(ControlGroupsQuestions.milliCPUs, quantity)
    }
    public func bytes(_ quantity: String) throws -> Int {
        try part.ask(ControlGroupsQuestions.bytes, quantity)
    }
    public func resources(_ wanted: ContainerResources) throws -> LinuxResources {
        try part.ask(ControlGroupsQuestions.resources, wanted)
    }
    public func controlFiles(_ request: ControlFilesRequest) throws -> [ControlFile] {
        try part.ask(ControlGroupsQuestions.controlFiles, request)
    }
    public func enterGroup(_ request: GroupRequest, kernel: any Kernel) throws {
        _ = try part.ask(ControlGroupsQuestions.enterGroup, request, kernel: kernel)
    }
    public func readUsage(_ files: ControlGroupFiles) throws -> ControlGroupUsage {
        try part.ask(ControlGroupsQuestions.readUsage, files)
    }
    public func freeze(_ group: GroupPlace, _ isFrozen: Bool, kernel: any Kernel) throws {
        let request = ControlGroupsQuestions.FreezeRequest(group: group, isFrozen: isFrozen)
        _ = try part.ask(ControlGroupsQuestions.freeze, request, kernel: kernel)
    }
    public func remove(_ group: GroupPlace, kernel: any Kernel) throws {
        _ = try part.ask(ControlGroupsQuestions.remove, group, kernel: kernel)
    }
}
