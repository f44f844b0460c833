import Grading

runChecks(
    [
        selectorsSelect, endedPodsDoNotCount, newPodHasAnOwner, ownersAndLabelsDecide,
        whomNobodyMissesGoesFirst, differenceIsMadeOnce, nothingTwice, strangerIsAdopted,
        .open("09.9"),
    ], trying: playScene)
