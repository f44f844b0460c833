import PartPipe
import SolutionNamespaces

serve(Namespaces(), tests: NamespacesTests())
