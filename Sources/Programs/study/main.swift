import Study

studyMain()
