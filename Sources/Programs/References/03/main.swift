import PartPipe
import SolutionOverlay

serve(Overlay())
