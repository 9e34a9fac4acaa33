package labeler.journal;

import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import labeler.fileset.External;
import labeler.fileset.FileUse;
import labeler.linux.FileHandle;
import labeler.linux.HostPath;
import labeler.linux.Pid;
import labeler.linux.ProcessIdentity;
import labeler.openfiles.OpenMode;
import labeler.plan.Sharing;
import labeler.plan.Treatment;
import labeler.plan.VmContexts;
import labeler.selinux.Level;
import labeler.selinux.SecurityContext;
import labeler.selinux.StoredLabel;
import labeler.vm.StartedBy;
import labeler.vm.VmName;

/** The tables of VMs and their files: turns records into rows and back. */
final class JournalRows {
    /** The value of {@code applied} for a file that was handed over and not labelled. */
    private static final byte[] NO_LABEL = {};

    private final Statements sql;

    /** The rows that {@code earlier_label} certainly has. After a failed transaction, a new object knows none. */
    private final Map<Long, Set<StoredLabel>> writtenEarlier = new HashMap<>();

    JournalRows(Statements sql) {
        this.sql = sql;
    }

    void putFiles(Collection<FileRecord> files) throws SQLException {
        for (FileRecord file : files) {
            put(file);
        }
    }

    private void put(FileRecord file) throws SQLException {
        sql.replace(
                "file",
                new Values()
                        .with("id", file.id())
                        .with(file.identity())
                        .with("path", file.path())
                        .with("real_path", file.realPath())
                        .with("original", file.original())
                        .with("applied", file.applied().map(StoredLabel::bytes).orElse(NO_LABEL))
                        .with("sharing", file.sharing())
                        .with("handle", file.handle().map(FileHandle::stored))
                        .with("boot_id", file.bootId())
                        .with("given_back_in", file.givenBackIn())
                        .with("file_system", file.fileSystem()));
        putEarlier(file);
    }

    private void putEarlier(FileRecord file) throws SQLException {
        Set<StoredLabel> written = writtenEarlier.getOrDefault(file.id(), Set.of());
        for (StoredLabel label : file.earlier()) {
            if (!written.contains(label)) {
                sql.change("INSERT OR IGNORE INTO earlier_label (file, label) VALUES (?, ?)", file.id(), label);
            }
        }
        writtenEarlier.put(file.id(), file.earlier());
    }

    /** Nothing else has changed in a record of a file that was given back, or that a VM has left. */
    void giveBack(Collection<FileRecord> files) throws SQLException {
        for (FileRecord file : files) {
            sql.change("UPDATE file SET given_back_in = ? WHERE id = ?", file.givenBackIn(), file.id());
            putEarlier(file);
        }
    }

    void insertVm(VmRecord vm) throws SQLException {
        Optional<ProcessIdentity> process = vm.process();
        sql.insert(
                "vm",
                new Values()
                        .with("name", vm.name())
                        .with("phase", vm.phase())
                        .with("level", vm.contexts().level().toString())
                        .with("process_context", vm.contexts().process().toString())
                        .with("image_context", vm.contexts().image().toString())
                        .with("content_context", vm.contexts().content().toString())
                        .with("shared_context", vm.contexts().shared().toString())
                        .with("pid", process.map(each -> each.pid().value()))
                        .with("process_start", process.map(ProcessIdentity::startTime))
                        .with("landlock", vm.landlock())
                        .with("boot_id", vm.start().bootId())
                        .with("external", ListJson.of(vm.external()))
                        .with("selinux", vm.confinement().selinux())
                        .with("started_by", vm.startedBy())
                        .with("directory", vm.start().directory()));
        for (DiskRecord disk : vm.disks()) {
            insertDisk(vm.name(), disk);
        }
        insertHolds(vm.name(), vm.files());
    }

    /** Inserts holds after those that the VM has. */
    void insertHolds(VmName vm, List<FileHold> holds) throws SQLException {
        long position = next("hold", vm);
        for (FileHold hold : holds) {
            sql.insert(
                    "hold",
                    new Values()
                            .with("vm", vm)
                            .with("position", position++)
                            .with("file", hold.file())
                            .with("path", hold.path())
                            .with("treatment", hold.treatment())
                            .with("reason", hold.reason())
                            .with("uses", ListJson.of(hold.uses()))
                            .with("disk", hold.disk())
                            .with("ends_with", endsWith(hold.trigger()))
                            .with("handed", ListJson.of(hold.handed()))
                            .with("made", hold.made()));
        }
    }

    /** Puts these holds in place of all that the VM has. */
    void replaceHolds(VmName vm, List<FileHold> holds) throws SQLException {
        sql.change("DELETE FROM hold WHERE vm = ?", vm);
        insertHolds(vm, holds);
    }

    void insertDisk(VmName vm, DiskRecord disk) throws SQLException {
        sql.insert(
                "disk",
                new Values()
                        .with("vm", vm)
                        .with("position", next("disk", vm))
                        .with("name", disk.name())
                        .with("device", disk.device())
                        .with("nodes", ListJson.ofNames(disk.nodes()))
                        .with("monitor", disk.monitor())
                        .with("joined", disk.hasJoined()));
    }

    void updateJoined(VmName vm, DiskRecord disk) throws SQLException {
        sql.changeOne(
                "disk " + disk.name() + " of VM " + vm,
                "UPDATE disk SET joined = ? WHERE vm = ? AND name = ?",
                disk.hasJoined(),
                vm,
                disk.name());
    }

    private long next(String table, VmName vm) throws SQLException {
        return sql.query(
                        "SELECT coalesce(max(position) + 1, 0) AS next FROM " + table + " WHERE vm = ?",
                        row -> row.number("next"),
                        vm)
                .getFirst();
    }

    void deleteDisk(VmName vm, DiskRecord disk) throws SQLException {
        sql.change("DELETE FROM hold WHERE vm = ? AND disk = ?", vm, disk.name());
        sql.change("DELETE FROM disk WHERE vm = ? AND name = ?", vm, disk.name());
    }

    void updatePhase(VmName name, VmRecord.Phase phase) throws SQLException {
        sql.changeOne("VM " + name, "UPDATE vm SET phase = ? WHERE name = ?", phase, name);
    }

    void deleteVm(VmName name) throws SQLException {
        sql.change("DELETE FROM vm WHERE name = ?", name);
    }

    void deleteFiles(Collection<Long> files) throws SQLException {
        for (long file : files) {
            sql.change("DELETE FROM file WHERE id = ?", file);
            writtenEarlier.remove(file);
        }
    }

    /** Shares common values row by row: all rows as read take several times the memory of the result. */
    Journal.Recorded load() throws SQLException {
        CommonValues common = new CommonValues();
        KnownLists<FileUse> uses = new KnownLists<>(FileUse.class);
        KnownLists<OpenMode> handed = new KnownLists<>(OpenMode.class);
        Map<Long, FileRecord> files = files(common);
        Map<String, List<FileHold>> holds = sql.queryBy(
                "vm",
                "SELECT * FROM hold ORDER BY vm, position",
                row -> common.hold(hold(row, uses, handed), id -> Optional.ofNullable(files.get(id))));
        Map<String, List<DiskRecord>> disks =
                sql.queryBy("vm", "SELECT * FROM disk ORDER BY vm, position", JournalRows::disk);
        List<VmRecord> vms = sql.query("SELECT * FROM vm ORDER BY name", row -> {
            String name = row.text("name");
            List<FileHold> held = Optional.ofNullable(holds.remove(name)).orElse(List.of());
            return common.vm(vm(row, held, disks.getOrDefault(name, List.of())), held);
        });
        return new Journal.Recorded(vms, List.copyOf(files.values()), common);
    }

    private Map<Long, FileRecord> files(CommonValues common) throws SQLException {
        Map<String, List<StoredLabel>> earlier =
                sql.queryBy("file", "SELECT * FROM earlier_label", row -> StoredLabel.of(row.bytes("label")));
        Map<Long, FileRecord> files = new LinkedHashMap<>();
        for (FileRecord file : sql.query(
                "SELECT * FROM file ORDER BY id",
                row -> common.file(file(row, earlier.getOrDefault(row.text("id"), List.of()))))) {
            files.put(file.id(), file);
        }
        return files;
    }

    private static DiskRecord disk(Row row) throws SQLException {
        return new DiskRecord(
                row.text("name"),
                row.optionalText("device"),
                ListJson.names(row.text("nodes")),
                row.path("monitor"),
                row.isSet("joined"));
    }

    private static FileRecord file(Row row, List<StoredLabel> earlier) throws SQLException {
        return new FileRecord(
                row.number("id"),
                row.identity(),
                row.optionalNumber("file_system"),
                row.path("path"),
                row.path("real_path"),
                row.optionalBytes("handle").flatMap(FileHandle::read),
                row.text("boot_id"),
                row.optionalBytes("original").map(StoredLabel::of),
                Optional.of(row.bytes("applied"))
                        .filter(label -> label.length > 0)
                        .map(StoredLabel::of),
                Set.copyOf(earlier),
                row.constant(Sharing.class, "sharing"),
                row.optionalText("given_back_in"));
    }

    private static FileHold hold(Row row, KnownLists<FileUse> uses, KnownLists<OpenMode> handed) throws SQLException {
        return new FileHold(
                row.optionalNumber("file"),
                row.path("path"),
                row.constant(Treatment.class, "treatment"),
                row.text("reason"),
                uses.read(row.text("uses")),
                trigger(row),
                handed.read(row.text("handed")),
                row.isSet("made"));
    }

    /** The column {@code disk}, which is older, tells of starts and disks. */
    private static Optional<String> endsWith(HoldTrigger trigger) {
        return switch (trigger) {
            case HoldTrigger.Start _, HoldTrigger.Disk _ -> Optional.empty();
            case HoldTrigger.Graph _,
                    HoldTrigger.Node _,
                    HoldTrigger.Command _,
                    HoldTrigger.Job _,
                    HoldTrigger.QemuObject _,
                    HoldTrigger.CharacterDevice _,
                    HoldTrigger.Migration _,
                    HoldTrigger.Dump _,
                    HoldTrigger.LiveDefinition _,
                    HoldTrigger.Settling _ -> Optional.of(trigger.text());
        };
    }

    private static HoldTrigger trigger(Row row) throws SQLException {
        Optional<String> text = row.optionalText("ends_with");
        if (text.isPresent()) {
            return HoldTrigger.parse(text.get())
                    .orElseThrow(() -> new SQLException("hold.ends_with is no trigger: " + text.get()));
        }
        return row.optionalText("disk").<HoldTrigger>map(HoldTrigger.Disk::new).orElseGet(HoldTrigger.Start::new);
    }

    private static VmRecord vm(Row row, List<FileHold> holds, List<DiskRecord> disks) throws SQLException {
        OptionalLong pid = row.optionalNumber("pid");
        Optional<ProcessIdentity> process = pid.isEmpty()
                ? Optional.empty()
                : Optional.of(new ProcessIdentity(new Pid((int) pid.getAsLong()), row.number("process_start")));
        return new VmRecord(
                new VmName(row.text("name")),
                row.constant(VmRecord.Phase.class, "phase"),
                new VmContexts(
                        Level.parse(row.text("level")).orElseThrow(() -> new SQLException("vm.level is no level")),
                        context(row, "process_context"),
                        context(row, "image_context"),
                        context(row, "content_context"),
                        context(row, "shared_context")),
                process,
                new VmRecord.Confinement(row.isSet("selinux"), row.isSet("landlock")),
                holds,
                ListJson.read(External.class, row.text("external")),
                disks,
                new VmRecord.Start(
                        row.text("boot_id"),
                        row.constant(StartedBy.class, "started_by"),
                        row.optionalBytes("directory").map(HostPath::of)));
    }

    private static SecurityContext context(Row row, String column) throws SQLException {
        return SecurityContext.parse(row.text(column))
                .orElseThrow(() -> new SQLException("vm." + column + " is no security context"));
    }
}
