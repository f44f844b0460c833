import PartPipe
import SolutionSelectors

serve(Selectors(), tests: SelectorsTests())
