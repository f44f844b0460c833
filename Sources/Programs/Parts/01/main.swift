import LabNamespaces
import PartPipe

serve(Namespaces(), tests: NamespacesTests())
