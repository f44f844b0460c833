import Linux

/// `v1.32.4` of what `kubectl version --client` prints.
struct KubectlVersion: Comparable, CustomStringConvertible {
    let major: Int
    let minor: Int

    /// What the kit's server is tested with: older ones don't ask for strict validation of fields.
    static let needed = KubectlVersion(major: 1, minor: 25)

    init(major: Int, minor: Int) { (self.major, self.minor) = (major, minor) }

    /// Reads `Client Version: v1.32.4`, and as it was before 1.28
    /// `Client Version: version.Info{Major:"1", Minor:"24", GitVersion:"v1.24.0", …}`.
    init?(said text: String) {
        for rest in text.split(separator: "v", omittingEmptySubsequences: false).dropFirst() {
            let words = rest.split(separator: ".", omittingEmptySubsequences: false)
            if words.count > 1, let major = Int(words[0]),
                let minor = Int(words[1].prefix { $0.isNumber })
            {
                self.init(major: major, minor: minor)
                return
            }
        }
        return nil
    }

    /// Asks the program itself; nil where it does not say.
    init?(of program: String) {
        guard let result = try? capture(program, [program, "version", "--client"]),
            result.ending.succeeded
        else { return nil }
        self.init(said: String(decoding: result.output, as: UTF8.self))
    }

    static func < (one: KubectlVersion, other: KubectlVersion) -> Bool {
        (one.major, one.minor) < (other.major, other.minor)
    }
    var description: String { "\(major).\(minor)" }
}

/// Which kubectl the kit uses: the first on the PATH that is new enough, or else the one that it fetched.
package struct KubectlSearch {
    /// Its path; nil where there is none that will do.
    private(set) var found: String?
    /// Why others that come first were not taken, a sentence each.
    private(set) var passedOver: [String] = []

    /// - Parameter version: how a program is asked for its version.
    init(
        among candidates: [String],
        version: (String) -> KubectlVersion? = KubectlVersion.init(of:)
    ) {
        for candidate in candidates {
            let version = version(candidate)
            if let version, version >= .needed {
                found = candidate
                return
            }
            passedOver.append(
                "\(candidate) \(version.map { "is \($0)" } ?? "does not say its version"); "
                    + "\(KubectlVersion.needed) or newer is needed")
        }
    }

    /// The PATH's own, in its order, then the one in the state directory.
    init(fetched: String) {
        let path = environmentVariable("PATH") ?? "/usr/bin:/bin"
        let onPath = path.split(separator: ":").map { "\($0)/kubectl" }
        var candidates: [String] = []
        for candidate in onPath + [fetched]
        where access(candidate, X_OK) == 0 && !candidates.contains(candidate) {
            candidates.append(candidate)
        }
        self.init(among: candidates)
    }

    /// Whether a shell with this PATH runs it by its bare name.
    var isFirstOnPath: Bool { found != nil && which("kubectl") == found }

    /// The directory that a program stands in.
    static func directory(of program: String) -> String {
        "/" + program.split(separator: "/").dropLast().joined(separator: "/")
    }

    /// Puts the directory of `program` at the front of this process's PATH, for the suites that call kubectl by its
    /// bare name. Where it is found so already nothing changes.
    package static func putFirst(_ program: String) {
        if which("kubectl") == program { return }
        setenv(
            "PATH", "\(directory(of: program)):\(environmentVariable("PATH") ?? "/usr/bin:/bin")", 1
        )
    }
}
