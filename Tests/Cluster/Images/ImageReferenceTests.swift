import Images
import Testing

@Suite struct ImageReferenceTests {
    private static let hex = String(repeating: "0a", count: 32)

    @Test(arguments: [
        ("web", "docker.io/library/web:latest"),
        ("web:v1", "docker.io/library/web:v1"),
        ("drydock/web:v1", "docker.io/drydock/web:v1"),
        ("docker.io/drydock/web:v1", "docker.io/drydock/web:v1"),
        ("docker.io/web", "docker.io/library/web:latest"),
        ("localhost/web", "localhost/web:latest"),
        ("host:5000/a/b", "host:5000/a/b:latest"),
        ("registry.k8s.io/pause:3.10", "registry.k8s.io/pause:3.10"),
        ("web@sha256:\(hex)", "docker.io/library/web@sha256:\(hex)"),
        ("a/web:v1@sha256:\(hex)", "docker.io/a/web:v1@sha256:\(hex)"),
    ])
    func `a name is completed as Docker completes it`(short: String, full: String) throws {
        #expect(try ImageReference(short).text == full)
        #expect(try ImageReference(full).text == full)
    }

    @Test(arguments: [
        ("", #"invalid image name "": an empty part"#),
        ("Web", #"invalid image name "Web": "Web" is not lower-case letters, digits, . _ -"#),
        ("a//b", #"invalid image name "a//b": an empty part"#),
        ("web:", #"invalid image name "web:": "" is not a tag"#),
        ("web:-x", #"invalid image name "web:-x": "-x" is not a tag"#),
        ("../etc", #"invalid image name "../etc": ".." is not a host"#),
        (
            "web@sha256:12",
            #"invalid image name "web@sha256:12": "sha256:12" is not sha256: and 64 hex digits"#
        ),
    ])
    func `what is no name is refused with the reason`(name: String, words: String) {
        #expect {
            _ = try ImageReference(name)
        } throws: {
            "\($0)" == words
        }
    }
}
