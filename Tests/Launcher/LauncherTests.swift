import Dock
import Linux
import Testing
import Tour

@testable import Launcher
@testable import suites

@Suite struct KubectlSearchTests {
    @Test(arguments: [
        ("Client Version: v1.32.4-dispatcher\nKustomize Version: v5.5.0\n", "1.32"),
        ("Client Version: v1.25.0\n", "1.25"),
        (
            #"Client Version: version.Info{Major:"1", Minor:"24+", GitVersion:"v1.24.17-eks"}"#,
            "1.24"
        ),
        ("Client Version: v2.0.1\n", "2.0"),
    ])
    func `the version is read from what kubectl prints, now and before 1 28`(
        said: String, version: String
    ) { #expect(KubectlVersion(said: said)?.description == version) }

    @Test(arguments: ["", "kubectl: command not found", "version unknown", "v1", "v.1.2"])
    func `what is no version is none`(said: String) { #expect(KubectlVersion(said: said) == nil) }

    @Test func `1 25 is new enough, 1 24 and 0 99 are not, 2 0 is`() {
        let isEnough = { KubectlVersion(said: $0)! >= .needed }
        #expect(["v1.25.0", "v1.32.4", "v2.0.0"].allSatisfy(isEnough))
        #expect(!["v1.24.17", "v1.9.0", "v0.99.0"].contains(where: isEnough))
    }

    @Test func `the first that is new enough is taken, and those before it are named`() {
        let versions = [
            "/old/kubectl": "v1.24.0", "/new/kubectl": "v1.30.1", "/newer/kubectl": "v1.33.0",
        ]
        let search = KubectlSearch(
            among: ["/old/kubectl", "/mute/kubectl", "/new/kubectl", "/newer/kubectl"]
        ) { versions[$0].flatMap { KubectlVersion(said: $0) } }
        #expect(search.found == "/new/kubectl")
        #expect(
            search.passedOver == [
                "/old/kubectl is 1.24; 1.25 or newer is needed",
                "/mute/kubectl does not say its version; 1.25 or newer is needed",
            ])
    }

    @Test func `where all are too old none is found`() {
        let search = KubectlSearch(among: ["/old/kubectl"]) { _ in KubectlVersion(said: "v1.20.0") }
        #expect(search.found == nil && search.passedOver.count == 1)
    }
}

@Suite struct SetupTests {
    /// The words of .ci/run between `install` and the end of that command, without options.
    @Test func `the script for bare machines installs what the launcher's lists name, and no more`()
        throws
    {
        let root = #filePath.split(separator: "/Tests/", maxSplits: 1)[0]
        let script = try Files.readText("\(root)/.ci/run")
        let command = script.split(separator: "install -y --no-install-recommends")[1]
            .split(separator: ">/dev/null")[0]
        let installed = Set(command.split { " \\\n".contains($0) }.map(String.init))
        #expect(installed == Set(Setup.installedForTests.map(\.name)))
    }
}

@Suite struct SkippedTests {
    @Test func `a skipped test is known by its name and reason`() {
        let line = #"➜ Test "skopeo reads the layout" skipped: "needs skopeo""#
        let skip = Skipped(swiftTestingSaid: line)
        #expect(skip == Skipped(name: "skopeo reads the layout", reason: "needs skopeo"))
        #expect(
            Skipped(swiftTestingSaid: "➜ Test aPlainOne() skipped.")
                == Skipped(name: "aPlainOne()", reason: "no reason is given"))
        let others = [
            "✔ Test aPlainOne() passed after 0.1 seconds.",
            #"➜ Suite Kernels skipped: "needs root""#,
            #"◇ Test "a skipped test is known by its name" started."#,
        ]
        #expect(others.allSatisfy { Skipped(swiftTestingSaid: $0) == nil })
        #expect(
            Skipped(studySaid: "  skipped the solution at 14.8: nft is not there: install nftables")
                == Skipped(
                    name: "the solution at 14.8", reason: "nft is not there: install nftables"))
    }

    @Test func `for want of a tool of the script a skip fails in CI, and nowhere else`() {
        let outcome = Outcome(
            passed: 5,
            skipped: [
                Skipped(name: "a", reason: "needs root, etcd, kubectl and iptables"),
                Skipped(name: "b", reason: "takes root and a cgroup of version 2"),
            ])
        #expect(outcome.judged(inCI: false).failed == 0)
        let judged = outcome.judged(inCI: true)
        #expect(judged.failed == 1 && judged.skipped.map(\.name) == ["b"] && judged.passed == 5)
        #expect(judged.complaint.contains("a: needs root, etcd, kubectl and iptables"))
    }

    @Test func `what study does not name is counted all the same`() {
        let lines = ["  skipped the solution at 14.8: nft is not there"]
        let outcome = StudyTest.count("sum: 12 passed, 0 failed, 3 skipped", after: lines)
        #expect(outcome.passed == 12 && outcome.failed == 0)
        #expect(outcome.skipped.map(\.name) == ["the solution at 14.8", "2 that need a cluster"])
    }
}

@Suite struct WishesTests {
    @Test func `a wish that was typed and differs is named, others are not`() {
        var running = Up.Wishes()
        running.mine = ["10", "06"]
        var wishes = Up.Wishes()
        wishes.mine = ["06", "10"]
        #expect(wishes.differences(from: running, in: [.mine, .nodes]).isEmpty)
        wishes.mine = ["10"]
        wishes.nodes = 1
        #expect(
            wishes.differences(from: running, in: [.mine])
                == ["--mine 10 (it runs with 06,10)"])
        #expect(Up.Wishes().differences(from: running, in: []).isEmpty)
    }

    @Test func `whose parts run is read from the programs' environment`() {
        func spec(_ environment: [String]) -> DockSpec {
            let kubelet = DockSpec.Component(
                name: "kubelet-1", command: ["/x/kubelet"], environment: environment)
            return DockSpec(
                state: "/s", tag: "1",
                nodes: [.init(name: "node-1", address: "10.88.0.11", components: [kubelet])],
                components: [])
        }
        #expect(WhoseParts(spec(["A=b"])).sentence == "all the reference's")
        #expect(
            WhoseParts(spec(["DRYDOCK_PART_10=/x/part-10", "DRYDOCK_PART_06=/x/reference-06"]))
                .sentence
                == "the reference's, but for: yours 10 behind the pipe 06")
    }
}
