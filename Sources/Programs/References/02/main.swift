import PartPipe
import SolutionControlGroups

serve(ControlGroups(), tests: ControlGroupsTests())
