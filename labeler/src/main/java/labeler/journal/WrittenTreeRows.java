package labeler.journal;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import labeler.linux.HostPath;
import labeler.reference.ImageHold;
import labeler.reference.WrittenTree;
import labeler.vm.VmName;
import org.jspecify.annotations.Nullable;

/**
 * The table of trees that VMs could write. A row has the token of its start or join until that has come to pass, another word
 * until the VM goes off the record, and none from then on: it stays for ever, since an attacker could simply wait. So each
 * tree of each VM has one row, or two while the VM runs.
 */
final class WrittenTreeRows {
    static final String TABLE = """
            CREATE TABLE written_tree (
              root BLOB NOT NULL,
              vm TEXT NOT NULL,
              token TEXT NOT NULL,
              PRIMARY KEY (root, vm, token)
            ) WITHOUT ROWID""";

    /** The same for a journal of an earlier version, with the trees of the VMs that are on record there. */
    static final String WITH_TREES_ON_RECORD = TABLE + """
            ;
            INSERT OR IGNORE INTO written_tree (root, vm, token)
              SELECT coalesce(file.real_path, hold.path), hold.vm, 'now'
              FROM hold LEFT JOIN file ON file.id = hold.file
              WHERE hold.uses LIKE '%"role":"TREE"%' AND hold.uses LIKE '%"access":"READ_WRITE"%'""";

    private static final String LASTING = "";

    /** In place of a token, which is longer. */
    private static final String NOW = "now";

    /** The byte after the slash that is between a directory's name and those of the files below it. */
    private static final byte AFTER_SLASH = '/' + 1;

    private final Statements sql;

    /** Roots that rows may have; a root whose rows are gone stays. Null until it is needed. */
    private @Nullable Set<HostPath> roots;

    WrittenTreeRows(Statements sql) {
        this.sql = sql;
    }

    private Set<HostPath> roots() throws SQLException {
        Set<HostPath> known = roots;
        if (known == null) {
            known = new HashSet<>(sql.query("SELECT DISTINCT root FROM written_tree", row -> row.path("root")));
            roots = known;
        }
        return known;
    }

    /** All trees around this file, the innermost first. A file that is in none, as most are, costs no question. */
    List<WrittenTree> around(HostPath realPath) throws SQLException {
        List<WrittenTree> trees = new ArrayList<>();
        for (HostPath name = realPath.parent(); !name.equals(name.parent()); name = name.parent()) {
            HostPath root = name;
            if (!roots().contains(root)) {
                continue;
            }
            trees.addAll(sql.query(
                    "SELECT vm, max(token <> '') AS now FROM written_tree WHERE root = ? GROUP BY vm ORDER BY vm",
                    row -> new WrittenTree(root, new VmName(row.text("vm")), row.number("now") != 0),
                    root));
        }
        return trees;
    }

    void put(Collection<HostPath> taken, ImageHold hold) throws SQLException {
        for (HostPath root : taken) {
            roots().add(root);
            sql.change(
                    "INSERT OR IGNORE INTO written_tree (root, vm, token) VALUES (?, ?, ?)",
                    root,
                    hold.vm(),
                    hold.token());
        }
    }

    void keep(ImageHold hold) throws SQLException {
        sql.change(
                "INSERT OR IGNORE INTO written_tree (root, vm, token) SELECT root, vm, ? FROM written_tree"
                        + " WHERE token = ?",
                NOW,
                hold.token());
        remove(hold);
    }

    /** The VM has them no more. What waits for this end in order to start has a token of its own. */
    void end(VmName vm) throws SQLException {
        sql.change("UPDATE OR REPLACE written_tree SET token = ? WHERE vm = ? AND token = ?", LASTING, vm, NOW);
    }

    void remove(ImageHold hold) throws SQLException {
        sql.change("DELETE FROM written_tree WHERE token = ?", hold.token());
    }

    /**
     * Has the VM hold the known images below these roots.
     *
     * @param most the number of images that it holds at each
     * @return whether there are more
     */
    boolean holdBelow(Collection<HostPath> roots, ImageHold hold, int most) throws SQLException {
        boolean areMore = false;
        for (HostPath root : roots) {
            byte[] first = root.child("").bytes();
            byte[] past = first.clone();
            past[past.length - 1] = AFTER_SLASH;
            List<Long> images = sql.query(
                    "SELECT id FROM known_image WHERE real_path > ? AND real_path < ? ORDER BY id LIMIT ?",
                    row -> row.number("id"),
                    first,
                    past,
                    most + 1);
            areMore |= images.size() > most;
            for (long image : images.stream().limit(most).toList()) {
                sql.change(
                        "INSERT OR REPLACE INTO image_hold (image, vm, disk, token) VALUES (?, ?, ?, ?)",
                        image,
                        hold.vm(),
                        hold.disk(),
                        hold.token());
            }
        }
        return areMore;
    }
}
