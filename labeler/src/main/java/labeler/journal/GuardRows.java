package labeler.journal;

import java.sql.SQLException;
import java.util.List;
import labeler.vm.VmName;

/** The table of guards: a row for each socket. */
final class GuardRows {
    private final Statements sql;

    GuardRows(Statements sql) {
        this.sql = sql;
    }

    void put(GuardRecord guard) throws SQLException {
        sql.change("DELETE FROM guard WHERE vm = ?", guard.vm());
        for (int i = 0; i < guard.places().size(); i++) {
            sql.insert(
                    "guard",
                    new Values()
                            .with("vm", guard.vm())
                            .with("position", i)
                            .with("place", guard.places().get(i))
                            .with("owner", guard.owner())
                            .with("whole", guard.isWhole()));
        }
    }

    List<GuardRecord> all() throws SQLException {
        return sql.queryBy("vm", "SELECT * FROM guard ORDER BY vm, position", GuardRows::one).entrySet().stream()
                .map(of -> new GuardRecord(
                        new VmName(of.getKey()),
                        of.getValue().getFirst().owner(),
                        of.getValue().getFirst().isWhole(),
                        of.getValue().stream()
                                .flatMap(row -> row.places().stream())
                                .toList()))
                .toList();
    }

    private static GuardRecord one(Row row) throws SQLException {
        return new GuardRecord(
                new VmName(row.text("vm")),
                Math.toIntExact(row.number("owner")),
                row.isSet("whole"),
                List.of(row.path("place")));
    }
}
