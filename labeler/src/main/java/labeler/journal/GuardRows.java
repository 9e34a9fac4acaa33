package labeler.journal;

import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import labeler.vm.VmName;

/** The tables of guards: a row for each socket, and one for each set of descriptors. */
record GuardRows(Statements sql) {
    void put(GuardRecord guard) throws SQLException {
        remove(guard.vm());
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

    void remove(VmName vm) throws SQLException {
        sql.change("DELETE FROM guard WHERE vm = ?", vm);
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

    void putSets(VmName vm, Map<Long, GuardSet> sets) throws SQLException {
        for (Map.Entry<Long, GuardSet> set : sets.entrySet()) {
            removeSet(vm, set.getKey());
            sql.insert(
                    "guard_set",
                    new Values()
                            .with("vm", vm)
                            .with("number", set.getKey())
                            .with("path", set.getValue().file())
                            .with("own", set.getValue().isOwn()));
        }
    }

    void removeSets(VmName vm, Collection<Long> numbers) throws SQLException {
        for (long number : numbers) {
            removeSet(vm, number);
        }
    }

    private void removeSet(VmName vm, long number) throws SQLException {
        sql.change("DELETE FROM guard_set WHERE vm = ? AND number = ?", vm, number);
    }

    Map<Long, GuardSet> sets(VmName vm) throws SQLException {
        Map<Long, GuardSet> sets = new HashMap<>();
        sql.query(
                        "SELECT number, path, own FROM guard_set WHERE vm = ?",
                        row -> Map.entry(row.number("number"), new GuardSet(row.path("path"), row.isSet("own"))),
                        vm)
                .forEach(set -> sets.put(set.getKey(), set.getValue()));
        return sets;
    }

    private static GuardRecord one(Row row) throws SQLException {
        return new GuardRecord(
                new VmName(row.text("vm")),
                Math.toIntExact(row.number("owner")),
                row.isSet("whole"),
                List.of(row.path("place")));
    }
}
