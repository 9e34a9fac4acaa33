package labeler.guard.judge;

import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.stream.Stream;
import labeler.config.GuardConfig;
import labeler.guard.emulator.DomainLabels;
import labeler.guard.record.AuditLog;
import labeler.guard.relay.Judge;
import labeler.guard.relay.Judges;
import labeler.guard.relay.Questions;
import labeler.guard.sense.NameRules;
import labeler.guard.sense.Permissions;
import labeler.guard.sense.Rule;
import labeler.journal.FileHold;
import labeler.journal.Journal;
import labeler.journal.JournalException;
import labeler.journal.VmRecord;
import labeler.launch.RuntimeDirectories;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.follow.FollowedFiles;
import labeler.lifecycle.follow.VmRun;
import labeler.linux.HostPath;
import labeler.vm.VmName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the judge of each VM that is on record. */
public final class LiveJudges implements Judges {
    private static final Logger LOG = LoggerFactory.getLogger(LiveJudges.class);

    private final FollowedFiles files;
    private final AuditLog log;
    private final CommandTables tables;
    private final GuardConfig settings;
    private final RuntimeDirectories runtime;
    private final Journal journal;
    private final DomainLabels labels;

    @Inject
    LiveJudges(
            FollowedFiles files,
            AuditLog log,
            CommandTables tables,
            GuardConfig settings,
            RuntimeDirectories runtime,
            Journal journal,
            DomainLabels labels) {
        this.files = files;
        this.log = log;
        this.tables = tables;
        this.settings = settings;
        this.runtime = runtime;
        this.journal = journal;
        this.labels = labels;
    }

    @Override
    public Judge of(VmName vm, Questions qemu) {
        Permissions permissions = Permissions.of(settings.allow());
        VmRun run = files.run(vm);
        Optional<VmRecord> record = files.vm(run);
        List<HostPath> images = record.stream()
                .flatMap(held -> held.files().stream())
                .filter(LiveJudges::isImage)
                .flatMap(hold -> names(hold.path().parent()))
                .distinct()
                .toList();
        NameRules names = new NameRules(
                NameRules.Places.of(images, settings.roots()),
                HostPath.of(runtime.path(vm)),
                !permissions.isAllowed(Rule.N4.name()));
        JudgeMeans means = new JudgeMeans(run, new QemuDialogue(qemu), files, log, names, permissions, owner(record));
        SortedSet<Long> commands = files.commands(vm);
        return new VmJudge(means, tables, state(run, commands.isEmpty() ? 0 : commands.last()));
    }

    private VmState state(VmRun run, long count) {
        VmName vm = run.name();
        boolean isObserved = labels.of(vm) == GuardConfig.Labels.LIBVIRT;
        SetRecord record = new SetRecord(run, files, journal);
        try {
            return new VmState(count, isObserved, journal.sets(vm), record);
        } catch (JournalException e) {
            LOG.error("VM {}: its descriptors are not known: {}", vm, e.getMessage());
            return new VmState(count, isObserved, Map.of(), record);
        }
    }

    /** A directory as the VM names it, and the name that it has without links and {@code ..}. */
    private static Stream<HostPath> names(HostPath directory) {
        try {
            return Stream.of(directory, HostPath.of(directory.jdkPath().toRealPath()));
        } catch (IOException e) {
            // It is not there any more; nothing can be named in it.
            return Stream.of(directory);
        }
    }

    private static boolean isImage(FileHold hold) {
        return !NamelessFiles.isDirectory(hold)
                && hold.uses().stream().anyMatch(use -> use.role().isImage());
    }

    /** The user of qemu's process, who has to be able to open the files that are made for it. */
    private static StartRequest.Owner owner(Optional<VmRecord> vm) {
        Path process = Path.of("/proc/"
                + vm.flatMap(VmRecord::process).map(one -> one.pid().toString()).orElse("self"));
        try {
            return new StartRequest.Owner(
                    (int) Files.getAttribute(process, "unix:uid"), (int) Files.getAttribute(process, "unix:gid"));
        } catch (IOException e) {
            // It has ended. Nothing is made for it any more.
            return new StartRequest.Owner(0, 0);
        }
    }
}
