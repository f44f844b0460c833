import Testing
import Images
