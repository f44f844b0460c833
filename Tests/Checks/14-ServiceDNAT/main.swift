import Grading

runChecks(
    [
        oneServiceOneEndpoint, everyEndpointHasTheSameShare, everyCallerGetsIntoTheChains,
        onlyTheReadyAreServed, masqueradedIsWhoMustBe, affinityAndNodePorts, aMapIsAskedOnce,
        realConnections, .open("14.9"),
    ], trying: tryRules)
