import JSON
import Testing

@testable import Kinds

@Suite struct FieldRulesTests {
    /// A pod with more in its spec, or in its container.
    static func pod(_ spec: String = "", container: String = "") -> String {
        #"{"metadata":{"name":"p"},"spec":{\#(spec)"containers":[{\#(container)"name":"c","image":"i"}]}}"#
    }

    private static func env(_ source: String) -> String {
        pod(container: #""env":[{"name":"A","valueFrom":{\#(source)}}],"#)
    }

    private static func volume(_ source: String) -> String {
        pod(#""volumes":[{"name":"v",\#(source)}],"#)
    }

    private static let c = "spec.containers[0]"

    @Test(
        "A pod that the stock server refuses is refused in its words",
        arguments: [
            (
                env(#""configMapKeyRef":{"name":"m"}"#),
                "\(c).env[0].valueFrom.configMapKeyRef.key: Required value"
            ),
            (
                env(#""secretKeyRef":{"key":"k"}"#),
                "\(c).env[0].valueFrom.secretKeyRef.name: Required value"
            ),
            (env(#""fieldRef":{}"#), "\(c).env[0].valueFrom.fieldRef.fieldPath: Required value"),
            (env(""), "\(c).env[0].valueFrom: Invalid value: \"\": must specify one of"),
            (
                pod(container: #""envFrom":[{"configMapRef":{}}],"#),
                "\(c).envFrom[0].configMapRef.name: Required value"
            ),
            (volume(#""hostPath":{}"#), "spec.volumes[0].hostPath.path: Required value"),
            (volume(#""configMap":{}"#), "spec.volumes[0].configMap.name: Required value"),
            (
                volume(#""configMap":{"name":"m","items":[{"key":"a"}]}"#),
                "spec.volumes[0].configMap.items[0].path: Required value"
            ),
            (
                volume(#""configMap":{"name":"m","items":[{"key":"a","path":"../b"}]}"#),
                "items[0].path: Invalid value: \"../b\": must not contain '..'"
            ),
            (
                volume(#""configMap":{"name":"m","defaultMode":512}"#),
                "spec.volumes[0].configMap.defaultMode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive"
            ),
            (
                volume(#""secret":{"secretName":"s","defaultMode":-1}"#),
                "defaultMode: Invalid value: -1: must be a number between 0 and 0777"
            ),
            (
                pod(container: #""lifecycle":{"preStop":{"httpGet":{"path":"/x"}}},"#),
                "\(c).lifecycle.preStop.httpGet.port: Invalid value: 0: must be between 1 and 65535, inclusive"
            ),
            (
                pod(container: #""readinessProbe":{"tcpSocket":{"port":"8080"}},"#),
                "\(c).readinessProbe.tcpSocket.port: Invalid value: \"8080\": must contain at least one letter (a-z)"
            ),
            (
                pod(container: #""readinessProbe":{"tcpSocket":{"port":80},"timeoutSeconds":-1},"#),
                "\(c).readinessProbe.timeoutSeconds: Invalid value: -1: must be greater than or equal to 0"
            ),
            (
                pod(#""securityContext":{"seccompProfile":{}},"#),
                "spec.securityContext.seccompProfile.type: Required value"
            ),
            (
                pod(#""securityContext":{"runAsUser":-1},"#),
                "spec.securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive"
            ),
            (
                pod(#""securityContext":{"supplementalGroups":[1,4294967296]},"#),
                "spec.securityContext.supplementalGroups[1]: Invalid value: 4294967296: must be between"
            ),
            (
                pod(#""securityContext":{"sysctls":[{"name":"Kernel!","value":"1"}]},"#),
                "spec.securityContext.sysctls[0].name: Invalid value: \"Kernel!\": must have at most 253 characters and match regex"
            ),
            (
                pod(container: #""securityContext":{"runAsGroup":2147483648},"#),
                "\(c).securityContext.runAsGroup: Invalid value: 2147483648"
            ),
            (
                pod(#""activeDeadlineSeconds":9223372036854775807,"#),
                "spec.activeDeadlineSeconds: Invalid value: 9223372036854775807: must be between 1 and 2147483647, inclusive"
            ),
            (
                pod(#""terminationGracePeriodSeconds":-1,"#),
                "spec.terminationGracePeriodSeconds: Invalid value: -1: must be greater than or equal to 0"
            ),
            (
                pod(container: #""resources":{"limits":{"cpus":"1"}},"#),
                "\(c).resources.limits[cpus]: Invalid value: \"cpus\": must be a standard resource type or fully qualified"
            ),
            (
                pod(container: #""resources":{"limits":{"cpu":"-1"}},"#),
                "\(c).resources.limits[cpu]: Invalid value: \"-1\": must be greater than or equal to 0"
            ),
            (
                pod(#""hostAliases":[{"ip":"1.2.3"}],"#),
                "spec.hostAliases[0].ip: Invalid value: \"1.2.3\": must be a valid IP address"
            ),
            (
                pod(
                    #""volumes":[{"name":"v"}],"#,
                    container: #""volumeMounts":[{"name":"v","mountPath":"/a","subPath":"../.."}],"#
                ), "\(c).volumeMounts[0].subPath: Invalid value: \"../..\": must not contain '..'"
            ),
            (
                pod(
                    #""volumes":[{"name":"v"}],"#,
                    container: #""volumeMounts":[{"name":"v","mountPath":"/a","subPath":"/b"}],"#),
                "subPath: Invalid value: \"/b\": must be a relative path"
            ),
            (
                pod(container: #""ports":[{"containerPort":0}],"#),
                "\(c).ports[0].containerPort: Required value"
            ),
        ])
    func refused(body: String, message: String) {
        let text = refusal { _ = try kind("v1", "Pod").created(body) }
        #expect(text.contains(message), "\(text)")
    }

    @Test(
        "What is legal is taken",
        arguments: [
            pod(
                container:
                    #""readinessProbe":{"httpGet":{"port":80,"httpHeaders":[{"name":"X-Empty"}]}},"#
            ),
            pod(
                container: #""readinessProbe":{"tcpSocket":{"port":80},"timeoutSeconds":3000000},"#),
            pod(
                container: #""resources":{"limits":{"memory":"10Pi","cpu":"9223372036854775807"}},"#
            ),
            pod(
                container: #""resources":{"limits":{"example.com/gpu":"1","hugepages-2Mi":"2Mi"}},"#
            ),
            pod(#""terminationGracePeriodSeconds":9223372036854775807,"#),
            pod(
                #""hostAliases":[{"ip":"2001:db8::ffff","hostnames":["a.b"]},{"ip":"::"},{"ip":"::ffff:1.2.3.4"}],"#
            ),
        ])
    func taken(body: String) {
        #expect(refusal { _ = try kind("v1", "Pod").created(body) } == "")
    }

    @Test func `A header without a value is stored with the empty one`() throws {
        let pod = try kind("v1", "Pod").created(
            Self.pod(
                container:
                    #""readinessProbe":{"httpGet":{"port":80,"httpHeaders":[{"name":"X"}]}},"#))
        let probe = pod.at("spec", "containers")?[0]?["readinessProbe"]
        #expect(probe?.at("httpGet", "httpHeaders") == [["name": "X", "value": ""]])
    }

    @Test func `IPv6 addresses are told from other texts`() {
        for text in [
            "1::2::3", "12345::", ":1", "1:", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "g::",
            "::1.2.3",
        ] {
            #expect(!Names.isIPv6(text), "\(text)")
        }
        for text in ["::1", "1::", "1:2:3:4:5:6:7:8", "fe80::1:2", "64:ff9b::1.2.3.4"] {
            #expect(Names.isIPv6(text), "\(text)")
        }
    }
}
