import Testing

@testable import Kinds

@Suite struct Tables {
    @Test func `Every line of every table is read and every type it names has a table`() {
        for message in FieldTables.builtIn.messages.values {
            #expect(!message.doc.isEmpty, "\(message.name)")
            for field in message.fields {
                let place = "\(message.name).\(field.name)"
                #expect(field.number > 0, "\(place)")
                #expect(!field.doc.isEmpty, "\(place)")
                if let name = field.type.messageName {
                    #expect(FieldTables.builtIn[name] != nil, "\(place): \(name)")
                }
                if let key = field.mergeKey, let element = field.type.messageName {
                    #expect(FieldTables.builtIn[element]?[key] != nil, "\(place): merge key \(key)")
                }
                for key in field.listMapKeys {
                    let element = field.type.messageName.flatMap { FieldTables.builtIn[$0] }
                    #expect(element?[key] != nil, "\(place): list key \(key)")
                }
            }
        }
    }

    @Test func `No message has a number or a name twice`() {
        for message in FieldTables.builtIn.messages.values {
            let numbers = message.fields.map { "\($0.within ?? 0).\($0.number)" }
            #expect(Set(numbers).count == numbers.count, "\(message.name)")
            let plain = Set(message.fields.filter { $0.within == nil }.map(\.number))
            let wrappers = Set(message.fields.compactMap(\.within))
            #expect(plain.isDisjoint(with: wrappers), "\(message.name)")
        }
    }

    @Test func `Every kind has a table, and no path twice`() {
        for kind in KindRegistry.builtIn.all where !kind.plural.isEmpty {
            #expect(FieldTables.builtIn[kind.message]?.isObject == true, "\(kind.kind)")
        }
        let paths = KindRegistry.builtIn.all.filter { !$0.plural.isEmpty }.map { "\($0.apiVersion)/\($0.plural)" }
        #expect(Set(paths).count == paths.count)
    }

    @Test func `A pod's spec knows the fields of an ephemeral container`() {
        let message = FieldTables.builtIn["EphemeralContainer"]
        #expect(message?["image"]?.within == 1)
        #expect(message?["targetContainerName"]?.within == nil)
    }
}
