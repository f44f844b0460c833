import Grading

runChecks([
    asManyPodsAsAreWanted, everyPodIsCountedOnce, aJobEndsOnce, .open("19.9"),
])
