package labeler.guard.table;

import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** All texts that the commands of a qemu take: each of them must have a role. */
final class SchemaLeaves {
    private final Schema schema;
    private final Map<String, ArgumentPath> leaves = new TreeMap<>();
    private final Set<String> entered = new HashSet<>();

    private SchemaLeaves(Schema schema) {
        this.schema = schema;
    }

    static Iterable<ArgumentPath> of(Schema schema) {
        SchemaLeaves leaves = new SchemaLeaves(schema);
        for (String command : schema.commands()) {
            schema.argumentsOf(command)
                    .ifPresent(type -> leaves.walk(type, new ArgumentPath(command, ""), new HashSet<>()));
        }
        return leaves.leaves.values();
    }

    /** @param above the types around, in which a type is not entered again */
    private void walk(String name, ArgumentPath at, Set<String> above) {
        Optional<String> shared = schema.sharedName(name);
        if (shared.isPresent() && !at.equals(new ArgumentPath(shared.get(), ""))) {
            if (entered.add(shared.get())) {
                walk(name, new ArgumentPath(shared.get(), ""), new HashSet<>());
            }
            return;
        }
        Optional<SchemaType> type = schema.type(name);
        if (type.isEmpty()) {
            return;
        }
        switch (type.get()) {
            case SchemaType.Text _, SchemaType.Anything _ -> leaves.put(at.toString(), at);
            case SchemaType.Plain _ -> {}
            case SchemaType.ListOf(String element) -> walk(element, at.element(), above);
            case SchemaType.OneOf one ->
                one.alternatives().forEach(alternative -> walk(alternative, at.alternative(), above));
            case SchemaType.Members members -> {
                if (above.add(name)) {
                    members.members().forEach((member, of) -> walk(of, at.member(member), above));
                    members.variants().forEach((word, of) -> walk(of, at.variant(word), above));
                    above.remove(name);
                }
            }
        }
    }
}
