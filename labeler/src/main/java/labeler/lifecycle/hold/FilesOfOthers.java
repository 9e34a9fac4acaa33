package labeler.lifecycle.hold;

import jakarta.inject.Inject;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import labeler.journal.FileHold;
import labeler.journal.FileRecord;
import labeler.journal.VmRecord;
import labeler.leftover.OtherFiles;
import labeler.linux.FileIdentity;
import labeler.linux.FileStatus;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.LinuxException;
import labeler.work.FileSystemWork;
import labeler.work.WhenLate;

/**
 * Looks at the names of other domains, each file system by itself. Where one does not answer, the record of its domain says
 * which file it has: so a dead file system keeps no file of others.
 */
record FilesOfOthers(Holdings holdings, Linux linux, FileSystemWork work) implements OtherFiles {
    @Inject
    FilesOfOthers {}

    @Override
    public Optional<Set<FileIdentity>> under(Set<HostPath> names) {
        Set<FileIdentity> found = new HashSet<>();
        Set<HostPath> silent = new HashSet<>(names);
        work.apart(names, Function.identity(), WhenLate.END, (name, _) -> look(name))
                .forEach((name, outcome) -> {
                    if (outcome instanceof FileSystemWork.Done<Look>(Seen(Optional<FileIdentity> file))) {
                        file.ifPresent(found::add);
                        silent.remove(name);
                    }
                });
        Map<HostPath, Set<FileIdentity>> recorded = silent.isEmpty() ? Map.of() : recorded(silent);
        recorded.values().forEach(found::addAll);
        return recorded.keySet().containsAll(silent) ? Optional.of(found) : Optional.empty();
    }

    private sealed interface Look {}

    private record Seen(Optional<FileIdentity> file) implements Look {}

    private record Unseen() implements Look {}

    private Look look(HostPath name) {
        try {
            return new Seen(linux.open().look(name).map(FileStatus::identity));
        } catch (LinuxException e) {
            return new Unseen();
        }
    }

    private Map<HostPath, Set<FileIdentity>> recorded(Set<HostPath> names) {
        Map<HostPath, Set<FileIdentity>> recorded = new HashMap<>();
        for (VmRecord vm : holdings.vms()) {
            if (vm.startedBy().isLibvirt()) {
                for (FileHold hold : vm.files()) {
                    if (names.contains(hold.path())) {
                        record(hold)
                                .ifPresent(file -> recorded.computeIfAbsent(hold.path(), _ -> new HashSet<>())
                                        .add(file.identity()));
                    }
                }
            }
        }
        return recorded;
    }

    private Optional<FileRecord> record(FileHold hold) {
        return hold.file().stream()
                .boxed()
                .flatMap(id -> holdings.file(id).stream())
                .findFirst();
    }
}
