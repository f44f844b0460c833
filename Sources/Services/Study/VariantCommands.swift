import Grading
import Linux

/// Started by `Jobs` side by side with others, a process of its own: a step's mutants, a proof's variants.
package func buildVariant(_ kit: Kit, _ words: [String]) throws -> Bool {
    let (lab, variant) = try variant(kit, words)
    do { _ = try Variants(kit).build(variant, of: lab) } catch let errors
        as CompilerErrors
    {
        guard let first = errors.complaints.first else { throw errors }
        print("\(first.file):\(first.line): \(first.message)")
        return false
    }
    return true
}

package func variant(_ kit: Kit, _ words: [String]) throws -> (Lab, Variants.Variant) {
    guard words.count > 1, let variant = Variants.Variant(named: words[1]) else {
        throw StudyError(
            "usage: proving build-variant NN reference|emptied/STEP|weak/STEP|mutants/NAME")
    }
    return (try kit.lab(words[0]), variant)
}
