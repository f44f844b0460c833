import ContractControlGroups
import Grading

/// 02.1: what `500m` and `64Mi` are in numbers.
let quantitiesAreExact = Check("02.1") { bench in
    let part = RemoteControlGroups(bench.part)
    let processors = [
        ("500m", 500), ("2", 2000), ("0.1", 100), ("1.5", 1500), ("100u", 1), ("250000u", 250),
        ("0.0005", 1),
        ("1n", 1), ("1e3", 1_000_000), ("2.5e-1", 250), ("0", 0), ("1k", 1_000_000), (".5", 500),
    ]
    for (text, expected) in processors {
        try expect(
            try part.milliCPUs(text), is: expected,
            "\(text) of a processor is \(expected) thousandths",
            idea:
                "Keep the value exact (a numerator and a denominator), and round up once, at the end: a request is never less than asked for."
        )
    }
    let sizes = [
        ("128", 128), ("64Mi", 67_108_864), ("64M", 64_000_000), ("1k", 1000), ("1Ki", 1024),
        ("1e3", 1000),
        ("1E3", 1000), ("1E", 1_000_000_000_000_000_000), ("1.5Gi", 1_610_612_736),
        ("1Ti", 1_099_511_627_776),
        ("1P", 1_000_000_000_000_000), ("1Pi", 1_125_899_906_842_624),
        ("1Ei", 1_152_921_504_606_846_976),
        ("0.1Ki", 103), ("100m", 1), ("1500m", 2), ("1G", 1_000_000_000), ("1T", 1_000_000_000_000),
        ("9223372036854775807", 9_223_372_036_854_775_807),
    ]
    for (text, expected) in sizes {
        try expect(
            try part.bytes(text), is: expected, "\(text) is \(expected) bytes",
            idea:
                "Ki, Mi, Gi … are powers of 1024; k, M, G … of 1000; m, u, n divide; e and a number is an exponent, E alone is 10^18."
        )
    }
    for text in [
        "", ".", "m", "abc", "1.2.3", "5x", " 1", "1 ", "1K", "64MiB", "1ee3", "1e", "-1", "16Ei",
        "1e400", "0.00000000000000000001", "1." + String(repeating: "0", count: 64),
    ] {
        do {
            let number = try part.bytes(text)
            throw Failed(
                "\"\(text)\" is no quantity", expected: "BadQuantity", seen: "\(number)",
                idea:
                    "What can't be read, is below zero or doesn't fit is refused, by the text that was given: half-read limits are worse than none."
            )
        } catch PartFailure.threw(let text_) {
            try expect(
                text_, is: "\(BadQuantity(text))", "the refusal of \"\(text)\" names it",
                idea: "Throw BadQuantity with the whole text as it was written.")
        }
    }
}

/// 02.2: requests and limits become what the runtime is told.
let resourcesAreTranslated = Check("02.2") { bench in
    let part = RemoteControlGroups(bench.part)
    let shares = [
        ("250m", 256), ("1", 1024), ("2", 2048), ("1m", 2), ("0", 2), ("100m", 102),
        ("1000", 262_144),
    ]
    for (request, expected) in shares {
        try expect(
            try part.resources(ContainerResources(cpuRequest: request)).cpu?.shares, is: expected,
            "a request of \(request) is \(expected) shares",
            idea:
                "1024 shares a processor, and 2 to 262144 in all: shares say who gets how much when there is not enough."
        )
        try expect(
            try part.resources(ContainerResources(cpuRequest: request)).cpu?.quota, is: nil,
            "a request of \(request) sets no quota",
            idea: "A request is not a limit: who only requests may use what is idle.")
        try expect(
            try part.resources(ContainerResources(cpuRequest: request)).cpu?.period, is: nil,
            "a request of \(request) sets no period",
            idea:
                "Nothing is said that was not wanted: a period without a quota is somebody else's to choose."
        )
    }
    for (limit, expected) in [
        ("500m", 50_000), ("2", 200_000), ("1m", 1000), ("10m", 1000), ("15m", 1500),
    ] {
        let seen = try part.resources(ContainerResources(cpuRequest: "100m", cpuLimit: limit)).cpu
        try expect(
            seen?.quota, is: expected, "a limit of \(limit) is \(expected) microseconds a period",
            idea:
                "The quota is the limit's part of a period of 100000; the kernel takes none below 1000."
        )
        try expect(
            seen?.period, is: 100_000, "a limit has a period of 100000",
            idea: "A quota means nothing without the period that it is counted in.")
        try expect(
            seen?.shares, is: 102, "the shares come from the request, where there is one",
            idea: "Shares and quota answer two questions: how much at least, how much at most.")
    }
    try expect(
        try part.resources(ContainerResources(cpuLimit: "2")).cpu?.shares, is: 2048,
        "a limit without a request is a request as well",
        idea: "Kubernetes fills in the request from the limit.")
    try expect(
        try part.resources(ContainerResources()), is: LinuxResources(),
        "nothing wanted, nothing said",
        idea: "What has no value stays nil: the group keeps what its parent gives.")
    let rest = try part.resources(ContainerResources(memoryLimit: "64Mi", pidsLimit: 20))
    try expect(
        rest, is: LinuxResources(memory: .init(limit: 67_108_864), pids: .init(limit: 20)),
        "64Mi and 20 processes", idea: "Memory in bytes, processes as they are.")
}
