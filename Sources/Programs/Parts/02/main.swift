import LabControlGroups
import PartPipe

serve(ControlGroups())
