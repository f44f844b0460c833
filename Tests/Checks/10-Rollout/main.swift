import Grading

runChecks(
    [
        theHashNamesTheTemplate, boundsAndGrowth, oldPodsGo, whatComesBackIsNew,
        mindsChangeInTheMiddle, aStalledRolloutSaysSo, brokenReadinessStalls, .open("10.8"),
    ], trying: tryRollout)
