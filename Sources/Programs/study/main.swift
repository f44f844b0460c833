import Study

studyMain(studentCommands)
