import PartPipe
import SolutionSelectors

serve(Selectors())
