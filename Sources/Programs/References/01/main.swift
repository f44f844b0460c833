import PartPipe
import SolutionNamespaces

serve(Namespaces())
