package labeler.guard.judge;

import jakarta.inject.Inject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import labeler.guard.table.CommandClass;
import labeler.guard.table.CommandTable;
import labeler.guard.table.QmpTable;
import labeler.guard.table.Schema;
import labeler.json.Json;

/** The table of each qemu at hand. VMs of one program share one: a schema has thousands of types. */
public final class CommandTables {
    /** Hosts have one qemu, or two while it is upgraded. */
    private static final int MOST_KEPT = 4;

    private final CommandTable roles;
    private final QmpTable withoutSchema;
    private final Map<Json, QmpTable> tables = new LinkedHashMap<>();

    /** @throws IOException if the program has no table */
    @Inject
    CommandTables() throws IOException {
        this.roles = CommandTable.shipped();
        this.withoutSchema = new QmpTable(Schema.of(Json.nothing()), roles);
    }

    /** The effect of a command, of whichever qemu; one that the table does not know could do anything. */
    CommandClass classOf(String command) {
        return withoutSchema.classOf(command);
    }

    /** For commands without arguments: no schema is needed to read them. */
    QmpTable withoutSchema() {
        return withoutSchema;
    }

    /**
     * The table for a qemu.
     *
     * @param schema the answer to {@code query-qmp-schema}
     */
    synchronized QmpTable of(Json schema) {
        QmpTable table = tables.computeIfAbsent(schema, answer -> new QmpTable(Schema.of(answer), roles));
        List<Json> all = new ArrayList<>(tables.keySet());
        all.subList(0, Math.max(0, all.size() - MOST_KEPT)).forEach(tables::remove);
        return table;
    }
}
