import Grading

runChecks(
    [
        theClusterRunsOnOnesOwnParts, drill(1, step: "19.2"), drill(2, step: "19.3"),
        drill(3, step: "19.4"), asManyPodsAsAreWanted, everyPodIsCountedOnce, aJobEndsOnce,
        aJobSurvivesItsController, .open("19.9"),
    ],
    trying: { _, words in try tryDrills(words) })
