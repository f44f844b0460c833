import Grading

runChecks([
    layersAreStackedTheRightWayRound, lookupSeesWhatTheKernelShows, copyUpRaisesThePath,
    replacingHidesWhatIsBelow, whatBreaks, layersSurviveTheTar, layerTurnsOneTreeIntoTheOther,
    tenContainersShareOneImage, .open("03.9"),
])
