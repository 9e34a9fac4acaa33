package labeler.it;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import labeler.fileset.FileUse;
import labeler.journal.FileHold;
import labeler.journal.FileRecord;
import labeler.journal.HoldTrigger;
import labeler.journal.JournalException;
import labeler.journal.SqliteJournal;
import labeler.journal.VmRecord;
import labeler.linux.FileHandle;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.Timestamp;
import labeler.plan.Sharing;
import labeler.plan.Treatment;
import labeler.plan.VmContexts;
import labeler.selinux.CategoryPair;
import labeler.selinux.Level;
import labeler.selinux.SecurityContext;
import labeler.selinux.StoredLabel;
import labeler.vm.FileRole;
import labeler.vm.Origin;
import labeler.vm.StartedBy;
import labeler.vm.UseAccess;
import labeler.vm.VmName;

/** A journal of many running VMs, written by the journal's own code, as after starts in this boot. */
final class ManyVms {
    private static final StoredLabel ORIGINAL =
            StoredLabel.of(new SecurityContext("unconfined_u", "object_r", "virt_image_t", "s0"));

    private ManyVms() {}

    static void record(Path state, int vms, int files) throws IOException {
        String boot = Files.readString(Path.of("/proc/sys/kernel/random/boot_id"), StandardCharsets.US_ASCII)
                .strip();
        try (SqliteJournal journal = SqliteJournal.open(state)) {
            for (int vm = 0; vm < vms; vm++) {
                record(journal, boot, vm, files);
            }
        }
    }

    private static void record(SqliteJournal journal, String boot, int number, int files) throws JournalException {
        Level level = new Level(0, CategoryPair.of(number % 500, 500 + number / 500));
        SecurityContext image = new SecurityContext("system_u", "object_r", "svirt_image_t", level.toString());
        List<FileRecord> records = new ArrayList<>();
        List<FileHold> holds = new ArrayList<>();
        for (int file = 0; file < files; file++) {
            long id = (long) number * files + file + 1;
            HostPath path =
                    HostPath.of("/var/lib/libvirt/images/pool-%d/vm-%05d-disk-%d.qcow2".formatted(file, number, file));
            records.add(new FileRecord(
                    id,
                    new FileIdentity(
                            64769, 1_000_000 + id, Optional.of(new Timestamp(1_750_000_000 + id, 123_456_789))),
                    OptionalLong.of(0x1234_5678_9abc_def0L),
                    path,
                    path,
                    Optional.of(new FileHandle(0x81, new byte[24])),
                    boot,
                    Optional.of(ORIGINAL),
                    Optional.of(StoredLabel.of(image)),
                    Set.of(),
                    Sharing.EXCLUSIVE,
                    Optional.empty()));
            holds.add(new FileHold(
                    OptionalLong.of(id),
                    path,
                    Treatment.LABEL,
                    "a disk that it writes",
                    List.of(new FileUse(new Origin("-drive[" + file + "]"), FileRole.DISK, UseAccess.READ_WRITE)),
                    new HoldTrigger.Start(),
                    List.of(),
                    false));
        }
        VmName name = new VmName("vm-%05d".formatted(number));
        journal.recordStart(
                new VmRecord(
                        name,
                        VmRecord.Phase.STARTING,
                        new VmContexts(
                                level,
                                new SecurityContext("system_u", "system_r", "svirt_t", level.toString()),
                                image,
                                new SecurityContext("system_u", "object_r", "virt_content_t", "s0"),
                                new SecurityContext("system_u", "object_r", "svirt_image_t", "s0")),
                        Optional.empty(),
                        new VmRecord.Confinement(true, false),
                        holds,
                        List.of(),
                        List.of(),
                        new VmRecord.Start(boot, StartedBy.LAUNCHER, Optional.empty())),
                records);
        journal.recordPhase(name, VmRecord.Phase.RUNNING);
    }
}
