import Grading

runChecks([
    theHashNamesTheTemplate, boundsAndGrowth, oldPodsGo, whatComesBackIsNew,
    mindsChangeInTheMiddle, aStalledRolloutSaysSo, .open("10.8"),
])
