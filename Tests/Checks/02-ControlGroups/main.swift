import Grading

runChecks([
    quantitiesAreExact, resourcesAreTranslated, versionOneFiles, versionTwoFiles, placementFiles,
    groupIsEnteredLast, usageIsRead, groupIsEnded, .open("02.9"),
])
