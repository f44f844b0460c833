import LabSelectors
import PartPipe

serve(Selectors(), tests: SelectorsTests())
