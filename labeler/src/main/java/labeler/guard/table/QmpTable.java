package labeler.guard.table;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import labeler.json.Json.JsonObject;

/** The commands of the qemu at hand, as the hand-kept table judges them: what either does not know is not understood. */
public final class QmpTable {
    private final Schema schema;
    private final Roles roles;

    public QmpTable(Schema schema, Roles roles) {
        this.schema = schema;
        this.roles = roles;
    }

    /** What is known of a command. */
    public sealed interface Reading {}

    /** All of it is known; these are the texts in it. */
    public record Known(List<Mention> mentions) implements Reading {
        public Known {
            mentions = List.copyOf(mentions);
        }
    }

    /**
     * The table does not know it, or an argument of it.
     *
     * @param what the argument, and why
     */
    public record NotKnown(String what) implements Reading {}

    /** Whether this qemu has the command: what it has not, it refuses best itself. */
    public boolean isOfThisQemu(String command) {
        return schema.commands().contains(command);
    }

    /** What a command does; one that the table does not know could do anything. */
    public CommandClass classOf(String command) {
        return roles.of(command).orElse(CommandClass.DENY);
    }

    /** Finds every text in a command's arguments. */
    public Reading read(String command, JsonObject arguments) {
        Optional<String> type = schema.argumentsOf(command);
        if (type.isEmpty() || roles.of(command).isEmpty()) {
            return new NotKnown(command);
        }
        return new ArgumentReader(schema, roles).read(command, type.get(), arguments);
    }

    /** What this qemu has and the table does not know: commands, and arguments that could be names of files. */
    public List<String> unknown() {
        List<String> unknown = new ArrayList<>();
        for (String command : schema.commands()) {
            if (roles.of(command).isEmpty()) {
                unknown.add(command);
            }
        }
        for (Argument leaf : SchemaLeaves.of(schema)) {
            if (roles.of(leaf).isEmpty()) {
                unknown.add(leaf.toString());
            }
        }
        return unknown;
    }
}
