/// Which of one's parts breaks the cluster: starts from none of them, where everything works, and puts them back
/// one by one.
///
/// Each question boots a cluster, so few are asked: with n parts of which one is wrong, n + 2.
enum BlameSearch {
    enum Finding: Equatable {
        /// With all of one's parts the cluster works.
        case nothing
        /// It does not work with the reference alone: no part of one's own is to blame.
        case reference
        /// Each breaks it: a lab by itself, or several that only fail together.
        case culprits([[String]])
    }

    /// - Parameter breaks: whether a cluster with these parts of one's own, and the reference for the rest, fails.
    static func run(_ labs: [String], breaks: ([String]) throws -> Bool) rethrows -> Finding {
        guard try breaks(labs) else { return .nothing }
        if try breaks([]) { return .reference }
        var culprits: [[String]] = []
        var harmless: [String] = []
        for lab in labs {
            guard try breaks(harmless + [lab]) else {
                harmless.append(lab)
                continue
            }
            // It stays out from here on, so that another one can be found too.
            culprits.append(try company(of: lab, among: harmless, breaks: breaks))
        }
        return .culprits(culprits)
    }

    /// With whom a lab breaks the cluster: alone, with one other, or with all that were there.
    private static func company(
        of lab: String, among others: [String], breaks: ([String]) throws -> Bool
    ) rethrows -> [String] {
        if try others.isEmpty || breaks([lab]) { return [lab] }
        for other in others where try breaks([other, lab]) { return [other, lab] }
        return others + [lab]
    }
}
