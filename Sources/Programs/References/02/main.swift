import PartPipe
import SolutionControlGroups

serve(ControlGroups())
