import ContractAutoscaler
import Grading

/// 17.7: what was recommended is remembered, and a noisy load moves nothing to and fro.
let noThrashing = Check.seeded("17.7", usually: 5) { bench, seed in
    let part = RemoteAutoscaler(asking: bench.part)
    if seed.seed == bench.options.seed { try remembers(part) }
    var run = LoadRun(seed, part: part)
    while !run.isOver {
        let before = run.view.current
        try run.look()
        try keepsTheBounds(run)
        try keepsStill(run, before: before)
        if run.looks.count == run.scene.risen { try metTheRise(run) }
    }
    bench.show(run.timeline)
    try fitsAtTheEnd(run)
}

private func keepsTheBounds(_ run: LoadRun) throws {
    let (now, scene) = (run.view.current, run.scene)
    if now > scene.high {
        throw run.failed(
            "never more pods than the highest load asks for, which are \(scene.high)",
            seen: "\(now) pods after \(run.time) s",
            idea:
                "Pods that start burn cpu and carry nothing yet. Who counts that as load, makes "
                + "pods because it makes pods."
        )
    }
    if now < 1 {
        throw run.failed(
            "never below minReplicas", seen: "\(now) pods", idea: "The bounds hold at every look.")
    }
    let kept = run.view.recommendations.filter {
        run.view.now - $0.at > max(scene.windowSeconds, LoadScene.lookSeconds)
    }
    if !kept.isEmpty {
        throw run.failed(
            "recommendations that no window reaches any more are forgotten",
            seen:
                "one of \(run.view.now - (kept.first?.at ?? 0)) s ago is kept; the window is "
                + "\(scene.windowSeconds) s",
            idea: "An autoscaler runs for years. What no window can reach decides nothing.")
    }
}

/// No fall from the first high load until a window after the last one.
private func keepsStill(_ run: LoadRun, before: Int) throws {
    let scene = run.scene
    let calm = scene.lastHigh + scene.windowSeconds / LoadScene.lookSeconds
    guard run.looks.count > 3, run.looks.count <= calm, run.view.current < before else { return }
    throw run.failed(
        "lulls shorter than the window shrink nothing",
        seen:
            "\(before) -> \(run.view.current) pods at \(run.time) s, the window is "
            + "\(scene.windowSeconds) s",
        idea:
            "Each look needs to know what was recommended at those before it: what was "
            + "*recommended*, not what was done."
    )
}

private func metTheRise(_ run: LoadRun) throws {
    let load = run.looks[run.looks.count - 1].load
    let value = load / run.view.current
    if (value - LoadScene.target) * 100 > LoadScene.target * autoscalerTolerancePercent {
        throw run.failed(
            "a load that stays is met within \((run.scene.risen - 2) * LoadScene.lookSeconds) s",
            seen: "\(run.view.current) pods at \(value) %, target \(LoadScene.target) %",
            idea: "Pods that start hold growth back only until they are ready.")
    }
}

private func fitsAtTheEnd(_ run: LoadRun) throws {
    if run.view.current > run.scene.low {
        throw run.failed(
            "when the load is gone for longer than the window, the pods go too",
            seen: "\(run.view.current) pods where \(run.scene.low) are enough",
            idea:
                "Is it the recommendation that is remembered, before it was held back? What was "
                + "held back, remembered as a wish, holds itself up for ever."
        )
    }
}

/// What is kept for the next look, one look at a time.
private func remembers(_ part: RemoteAutoscaler) throws {
    var view = AutoscalerView(
        minReplicas: 2, maxReplicas: 5, current: 9, metrics: [cpu(pods([90]))], now: 100_000)
    view.recommendations = [Past(4, at: view.now - 100)]
    view.changes = [Past(1, at: view.now - 10)]
    let cut = try part.plan(view)
    try expect(
        cut.replicas, is: 5, "a number outside the bounds is brought inside at once",
        idea: "No metric is asked, and no window waits: somebody changed the bounds.")
    try expect(
        cut.changes.last, is: Past(-4, at: view.now), "every change is remembered with its moment",
        idea: "The rate policies count what was done, whatever the reason.")
    try expect(
        cut.recommendations, is: view.recommendations,
        "what a window still reaches is kept, and nothing is added where nothing was recommended",
        idea:
            "The metrics were not asked. What was recommended 100 s ago stays: the longer window "
            + "has 300 s."
    )
    // Each direction has its window, and the longer one counts, whichever it is.
    for (up, down) in [(600, 300), (0, 600)] {
        var long = view
        (long.up.windowSeconds, long.down.windowSeconds) = (up, down)
        long.recommendations = [Past(3, at: view.now - 700), Past(4, at: view.now - 450)]
        try expect(
            try part.plan(long).recommendations, is: [Past(4, at: view.now - 450)],
            "what either window still reaches is kept, and nothing older: up \(up) s, down \(down) s",
            idea:
                "A recommendation of 450 s ago still counts where a window has 600 s, upwards as downwards."
        )
    }
    view.current = 4
    view.metrics = [cpu(pods([10, 10, 10, 10]))]
    let held = try part.plan(view)
    try expect(
        held.recommendations.last, is: Past(1, at: view.now),
        "what was recommended is remembered, not what came of it",
        idea: "Four pods stay since a window holds them; but what the load asked for is one.")
    try expect(
        held.changes, is: view.changes, "where nothing changes, no change is remembered",
        idea: "A change of 0 is none; and one of 10 s ago still counts in a period of 15 s.")
    view.metrics = [cpu(pods([nil, nil]))]
    try expect(
        try part.plan(view).recommendations, is: view.recommendations,
        "a look without metrics forgets nothing",
        idea: "What was recommended 100 s ago is still inside the window.")
}
