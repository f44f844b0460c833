import LabControlGroups
import PartPipe

serve(ControlGroups(), tests: ControlGroupsTests())
