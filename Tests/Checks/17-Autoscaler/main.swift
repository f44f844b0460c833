import Grading

runChecks(
    [
        usageOverRequests, boundsHold, unknownPodsHoldBack, theHighestWishWins,
        moveWaitsForItsWindow,
        policiesLimitThePace, noThrashing, .open("17.8"),
    ], trying: plotRun)
