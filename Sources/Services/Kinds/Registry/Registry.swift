extension Kinds {
    static let coreKinds: [Kind] = []
    static let appsKinds: [Kind] = []
    static let otherKinds: [Kind] = []
    static let requestKinds: [Kind] = []
}
