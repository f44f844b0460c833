import Proving
import Study

studyMain(provingCommands)
