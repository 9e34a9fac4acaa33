package labeler.journal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import labeler.linux.FileHandle;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.Pid;
import labeler.linux.ProcessIdentity;
import labeler.linux.Timestamp;
import labeler.plan.Sharing;
import labeler.plan.Treatment;
import labeler.plan.VmContexts;
import labeler.selinux.Level;
import labeler.selinux.SecurityContext;
import labeler.selinux.StoredLabel;
import labeler.vm.VmName;
import org.jspecify.annotations.Nullable;

/** The journal's tables: records to rows and back. Its statements are prepared once and used by one thread at a time. */
final class JournalRows implements AutoCloseable {
    /** In {@code applied}, of a file that was handed over and not labelled. */
    private static final byte[] NO_LABEL = {};

    private final Connection connection;
    private final Map<String, PreparedStatement> statements = new HashMap<>();

    /** What is in {@code earlier_label} for sure. A failed transaction is followed by new rows, which know of nothing. */
    private final Map<Long, Set<StoredLabel>> writtenEarlier = new HashMap<>();

    private String synchronous = "FULL";

    JournalRows(Connection connection) {
        this.connection = connection;
    }

    private PreparedStatement statement(String sql) throws SQLException {
        PreparedStatement prepared = statements.get(sql);
        if (prepared == null) {
            prepared = connection.prepareStatement(sql);
            statements.put(sql, prepared);
        }
        return prepared;
    }

    /** Takes effect with the next transaction; SQLite ignores the pragma inside one. */
    void setSynchronous(String mode) throws SQLException {
        if (!mode.equals(synchronous)) {
            connection.setAutoCommit(true);
            try (var pragma = connection.createStatement()) {
                pragma.executeUpdate("PRAGMA synchronous = " + mode);
            } finally {
                connection.setAutoCommit(false);
            }
            synchronous = mode;
        }
    }

    void putFile(FileRecord file) throws SQLException {
        PreparedStatement insert =
                statement("INSERT INTO file VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT(id) DO UPDATE SET"
                        + " device=excluded.device, path=excluded.path, real_path=excluded.real_path, original=excluded.original,"
                        + " applied=excluded.applied, sharing=excluded.sharing, handle=excluded.handle, boot_id=excluded.boot_id,"
                        + " given_back_in=excluded.given_back_in, file_system=excluded.file_system");
        insert.setLong(1, file.id());
        insert.setLong(2, file.identity().device());
        insert.setLong(3, file.identity().inode());
        Optional<Timestamp> birth = file.identity().birth();
        insert.setObject(4, birth.map(Timestamp::seconds).orElse(null));
        insert.setObject(5, birth.map(Timestamp::nanoseconds).orElse(null));
        insert.setBytes(6, file.path().bytes());
        insert.setBytes(7, file.realPath().bytes());
        insert.setBytes(8, file.original().map(StoredLabel::bytes).orElse(null));
        insert.setBytes(9, file.applied().map(StoredLabel::bytes).orElse(NO_LABEL));
        insert.setString(10, file.sharing().name());
        insert.setBytes(11, file.handle().map(FileHandle::stored).orElse(null));
        insert.setString(12, file.bootId());
        insert.setString(13, file.givenBackIn().orElse(null));
        insert.setObject(
                14, file.fileSystem().isPresent() ? (Long) file.fileSystem().getAsLong() : null);
        insert.executeUpdate();
        Set<StoredLabel> written = writtenEarlier.getOrDefault(file.id(), Set.of());
        for (StoredLabel label : file.earlier()) {
            if (written.contains(label)) {
                continue;
            }
            PreparedStatement earlier = statement("INSERT OR IGNORE INTO earlier_label VALUES (?,?)");
            earlier.setLong(1, file.id());
            earlier.setBytes(2, label.bytes());
            earlier.executeUpdate();
        }
        writtenEarlier.put(file.id(), file.earlier());
    }

    void insertVm(VmRecord vm) throws SQLException {
        PreparedStatement insert = statement("INSERT INTO vm VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)");
        insert.setString(1, vm.name().value());
        insert.setString(2, vm.phase().name());
        insert.setString(3, vm.contexts().level().toString());
        insert.setString(4, vm.contexts().process().toString());
        insert.setString(5, vm.contexts().image().toString());
        insert.setString(6, vm.contexts().content().toString());
        insert.setString(7, vm.contexts().shared().toString());
        insert.setObject(8, vm.process().map(process -> process.pid().value()).orElse(null));
        insert.setObject(9, vm.process().map(ProcessIdentity::startTime).orElse(null));
        insert.setBoolean(10, vm.landlock());
        insert.setString(11, vm.bootId());
        insert.setString(12, UsesJson.write(vm.external()));
        insert.setBoolean(13, vm.confinement().selinux());
        insert.executeUpdate();
        for (DiskRecord disk : vm.disks()) {
            insertDisk(vm.name(), disk);
        }
        insertHolds(vm.name(), vm.files());
    }

    /** After those that the VM has. */
    void insertHolds(VmName vm, List<FileHold> holds) throws SQLException {
        PreparedStatement holdInsert = statement("INSERT INTO hold VALUES (?,?,?,?,?,?,?,?,?)");
        int position = next("SELECT max(position) FROM hold WHERE vm = ?", vm);
        for (FileHold hold : holds) {
            holdInsert.setString(1, vm.value());
            holdInsert.setInt(2, position++);
            holdInsert.setObject(3, hold.file().isPresent() ? (Long) hold.file().getAsLong() : null);
            holdInsert.setBytes(4, hold.path().bytes());
            holdInsert.setString(5, hold.treatment().name());
            holdInsert.setString(6, hold.reason());
            holdInsert.setString(7, UsesJson.writeUses(hold.uses()));
            holdInsert.setString(8, hold.disk().orElse(null));
            holdInsert.setString(9, UsesJson.writeModes(hold.handed()));
            holdInsert.executeUpdate();
        }
    }

    void insertDisk(VmName vm, DiskRecord disk) throws SQLException {
        int position = next("SELECT max(position) FROM disk WHERE vm = ?", vm);
        PreparedStatement insert = statement("INSERT INTO disk VALUES (?,?,?,?,?,?)");
        insert.setString(1, vm.value());
        insert.setInt(2, position);
        insert.setString(3, disk.name());
        insert.setString(4, disk.device().orElse(null));
        insert.setString(5, UsesJson.writeNames(disk.nodes()));
        insert.setBytes(6, disk.monitor().bytes());
        insert.executeUpdate();
    }

    private int next(String sql, VmName vm) throws SQLException {
        PreparedStatement last = statement(sql);
        last.setString(1, vm.value());
        try (ResultSet row = last.executeQuery()) {
            int position = row.next() ? row.getInt(1) : 0;
            return row.wasNull() ? 0 : position + 1;
        }
    }

    void deleteDisk(VmName vm, DiskRecord disk) throws SQLException {
        for (String sql :
                List.of("DELETE FROM hold WHERE vm = ? AND disk = ?", "DELETE FROM disk WHERE vm = ? AND name = ?")) {
            PreparedStatement delete = statement(sql);
            delete.setString(1, vm.value());
            delete.setString(2, disk.name());
            delete.executeUpdate();
        }
    }

    void updatePhase(VmName name, VmRecord.Phase phase) throws SQLException {
        PreparedStatement update = statement("UPDATE vm SET phase = ? WHERE name = ?");
        update.setString(1, phase.name());
        update.setString(2, name.value());
        update.executeUpdate();
    }

    void deleteVm(VmName name) throws SQLException {
        PreparedStatement delete = statement("DELETE FROM vm WHERE name = ?");
        delete.setString(1, name.value());
        delete.executeUpdate();
    }

    void deleteFiles(List<Long> files) throws SQLException {
        PreparedStatement delete = statement("DELETE FROM file WHERE id = ?");
        for (long file : files) {
            delete.setLong(1, file);
            delete.executeUpdate();
            writtenEarlier.remove(file);
        }
    }

    /** Made common row by row: all rows as they come are several times what is kept of them. */
    Journal.Recorded load() throws SQLException {
        CommonValues common = new CommonValues();
        Map<Long, FileRecord> files = files(common);
        Map<String, List<FileHold>> holds = new HashMap<>();
        try (ResultSet row =
                statement("SELECT * FROM hold ORDER BY vm, position").executeQuery()) {
            while (row.next()) {
                holds.computeIfAbsent(text(row, 1), vm -> new ArrayList<>())
                        .add(common.hold(hold(row), id -> Optional.ofNullable(files.get(id))));
            }
        }
        Map<String, List<DiskRecord>> disks = disks();
        List<VmRecord> vms = new ArrayList<>();
        try (ResultSet row = statement("SELECT * FROM vm ORDER BY name").executeQuery()) {
            while (row.next()) {
                String name = text(row, 1);
                List<FileHold> held = Optional.ofNullable(holds.remove(name)).orElse(List.of());
                vms.add(vm(row, held, disks.getOrDefault(name, List.of())));
            }
        }
        return new Journal.Recorded(vms, List.copyOf(files.values()));
    }

    private Map<Long, FileRecord> files(CommonValues common) throws SQLException {
        Map<Long, Set<StoredLabel>> earlier = new HashMap<>();
        try (ResultSet row = statement("SELECT file, label FROM earlier_label").executeQuery()) {
            while (row.next()) {
                earlier.computeIfAbsent(row.getLong(1), id -> new HashSet<>()).add(StoredLabel.of(bytes(row, 2)));
            }
        }
        Map<Long, FileRecord> files = new LinkedHashMap<>();
        try (ResultSet row = statement("SELECT * FROM file ORDER BY id").executeQuery()) {
            while (row.next()) {
                FileRecord file = common.file(file(row, earlier.getOrDefault(row.getLong(1), Set.of())));
                files.put(file.id(), file);
            }
        }
        return files;
    }

    private Map<String, List<DiskRecord>> disks() throws SQLException {
        Map<String, List<DiskRecord>> disks = new HashMap<>();
        try (ResultSet row =
                statement("SELECT * FROM disk ORDER BY vm, position").executeQuery()) {
            while (row.next()) {
                disks.computeIfAbsent(text(row, 1), vm -> new ArrayList<>())
                        .add(new DiskRecord(
                                text(row, 3),
                                Optional.ofNullable(row.getString(4)),
                                UsesJson.readNames(text(row, 5)),
                                HostPath.of(bytes(row, 6))));
            }
        }
        return disks;
    }

    private static FileRecord file(ResultSet row, Set<StoredLabel> earlier) throws SQLException {
        long birthSeconds = row.getLong(4);
        Optional<Timestamp> birth =
                row.wasNull() ? Optional.empty() : Optional.of(new Timestamp(birthSeconds, row.getInt(5)));
        return new FileRecord(
                row.getLong(1),
                new FileIdentity(row.getLong(2), row.getLong(3), birth),
                fileSystem(row),
                HostPath.of(bytes(row, 6)),
                HostPath.of(bytes(row, 7)),
                Optional.ofNullable(row.getBytes(11)).flatMap(FileHandle::read),
                text(row, 12),
                Optional.ofNullable(row.getBytes(8)).map(StoredLabel::of),
                Optional.of(bytes(row, 9)).filter(label -> label.length > 0).map(StoredLabel::of),
                earlier,
                constant(Sharing.class, text(row, 10)),
                Optional.ofNullable(row.getString(13)));
    }

    private static OptionalLong fileSystem(ResultSet row) throws SQLException {
        long id = row.getLong(14);
        return row.wasNull() ? OptionalLong.empty() : OptionalLong.of(id);
    }

    private static FileHold hold(ResultSet row) throws SQLException {
        long file = row.getLong(3);
        return new FileHold(
                row.wasNull() ? OptionalLong.empty() : OptionalLong.of(file),
                HostPath.of(bytes(row, 4)),
                constant(Treatment.class, text(row, 5)),
                text(row, 6),
                UsesJson.readUses(text(row, 7)),
                Optional.ofNullable(row.getString(8)),
                UsesJson.readModes(text(row, 9)));
    }

    private static VmRecord vm(ResultSet row, List<FileHold> holds, List<DiskRecord> disks) throws SQLException {
        int pid = row.getInt(8);
        Optional<ProcessIdentity> process =
                row.wasNull() ? Optional.empty() : Optional.of(new ProcessIdentity(new Pid(pid), row.getLong(9)));
        return new VmRecord(
                new VmName(text(row, 1)),
                constant(VmRecord.Phase.class, text(row, 2)),
                new VmContexts(
                        Level.parse(text(row, 3)).orElseThrow(() -> new SQLException("vm.level is no level")),
                        context(row, 4),
                        context(row, 5),
                        context(row, 6),
                        context(row, 7)),
                process,
                new VmRecord.Confinement(row.getBoolean(13), row.getBoolean(10)),
                text(row, 11),
                holds,
                UsesJson.readExternal(text(row, 12)),
                disks);
    }

    private static SecurityContext context(ResultSet row, int column) throws SQLException {
        return SecurityContext.parse(text(row, column))
                .orElseThrow(() -> new SQLException("column " + column + " of vm is no security context"));
    }

    static <E extends Enum<E>> E constant(Class<E> type, String name) throws SQLException {
        try {
            return Enum.valueOf(type, name);
        } catch (IllegalArgumentException e) {
            throw new SQLException("unknown " + type.getSimpleName() + " " + name, e);
        }
    }

    private static String text(ResultSet row, int column) throws SQLException {
        return present(row.getString(column));
    }

    private static byte[] bytes(ResultSet row, int column) throws SQLException {
        return present(row.getBytes(column));
    }

    private static <T> T present(@Nullable T value) throws SQLException {
        if (value == null) {
            throw new SQLException("a column is NULL that may not be");
        }
        return value;
    }

    @Override
    public void close() throws SQLException {
        for (PreparedStatement statement : statements.values()) {
            statement.close();
        }
    }
}
