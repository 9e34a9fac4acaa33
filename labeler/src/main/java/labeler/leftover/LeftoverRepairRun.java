package labeler.leftover;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import labeler.apply.Reverter;
import labeler.fileset.FileSet;
import labeler.fileset.VmFile;
import labeler.journal.FileRecord;
import labeler.linux.AttributeName;
import labeler.linux.DirectoryEntries.Entry;
import labeler.linux.FileIdentity;
import labeler.linux.FileStatus;
import labeler.linux.FileType;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.OpenRefusal;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.plan.HeldFile;
import labeler.plan.HeldFiles;
import labeler.selinux.SecurityContext;
import labeler.selinux.StoredLabel;
import org.jspecify.annotations.Nullable;

/** The files that one VM leaves behind: recorded files, then its last definition's, then the directories of all. */
final class LeftoverRepairRun {
    /** A VM's disks are in one or two directories. */
    private static final int MOST_DIRECTORIES = 64;

    /** To look at each file of a pool of images with so many takes a second. */
    private static final int MOST_ENTRIES = 100_000;

    /** Names of a directory that cannot be looked at, and are told one by one. */
    private static final int MOST_TOLD = 10;

    private final LeftoverRepair all;
    private final EndedVm vm;
    private final HeldFiles held;
    private final BooleanSupplier isStill;
    private final HostsBeside beside;
    private final Word word;
    private final List<RepairResult> mended = new ArrayList<>();
    private final Set<FileIdentity> judged = new HashSet<>();
    private final Set<HostPath> directories = new LinkedHashSet<>();
    private @Nullable Elsewhere elsewhere;

    /** The knowledge of the manager's part in this end. */
    enum Word {
        /** The manager has told of it: what it does to the files that it leaves may be seen on them. */
        TOLD,
        /** Nobody has told, and an administrator may have labelled the files since: after a reboot, with all others. */
        UNTOLD
    }

    LeftoverRepairRun(LeftoverRepair all, EndedVm vm, LeftoverRepair.OnRecord record, Word word) {
        this.word = word;
        this.all = all;
        this.vm = vm;
        this.held = record.files();
        this.isStill = record.isStill();
        this.beside = record.beside();
    }

    List<RepairResult> run(FileSet last, Set<HostPath> named) {
        for (FileRecord record : vm.files()) {
            directories.add(record.realPath().parent());
            if (all.reverter().find(record) instanceof Reverter.Same(OpenedFile file)) {
                try (file) {
                    recorded(file, record);
                }
            }
        }
        Set<HostPath> namedFiles = new HashSet<>();
        named.forEach(name -> namedFiles.add(last.names().getOrDefault(name, name)));
        for (VmFile file : last.files()) {
            file.file().ifPresent(open -> {
                directories.add(open.realPath().parent());
                foreign(open, namedFiles.contains(file.path()) && !keepsItsLabel(file, open));
            });
        }
        directories.stream().limit(MOST_DIRECTORIES).forEach(this::directory);
        directories.stream()
                .skip(MOST_DIRECTORIES)
                .forEach(directory -> notLookedThrough(directory, "one directory too many"));
        return mended;
    }

    /**
     * Whether the label is the administrator's: the definition says that it stays (relabel='no'), or chooses this very one, or
     * the start has left it. A label with the VM's pair goes all the same.
     */
    private boolean keepsItsLabel(VmFile file, OpenedFile open) {
        if (file.leaveReason().isPresent() || vm.left().contains(file.path())) {
            return true;
        }
        try {
            Optional<SecurityContext> present = all.labels().get(open).flatMap(StoredLabel::context);
            return present.filter(file.chosen()::contains).isPresent();
        } catch (LinuxException e) {
            // The look at the file itself tells of it.
            return false;
        }
    }

    /** One file of its record alone. */
    List<RepairResult> run(OpenedFile file, FileRecord record) {
        recorded(file, record);
        return mended;
    }

    /** A file of the VM's record. */
    private void recorded(OpenedFile file, FileRecord record) {
        try {
            Optional<StoredLabel> label = all.labels().get(file);
            if (label.isEmpty() || label.equals(record.original())) {
                return;
            }
            if (isHeldByOthers(file)) {
                // The manager has made the file this VM's own while others use it: it needs their label.
                if (isOwn(label.get()) && record.applied().isPresent()) {
                    put(file, record.applied(), "other VMs hold it");
                }
                return;
            }
            if (record.everApplied().contains(label.get())) {
                // A label of ours, which goes back with the VM's end.
                return;
            }
            if (isOwn(label.get()) && isSharedAway(file, record)) {
                // The last of all hosts gives it back, and knows the label that they share, but not this host's pair.
                put(file, record.applied(), "other hosts may need it");
                return;
            }
            boolean isForAll = isForAll(label.get());
            if (isForAll && isUsedElsewhere(file)) {
                return;
            }
            if (isOwn(label.get()) || isForAll || isFromThePolicy(file, label.get())) {
                give(file, record.original(), "what it had before");
            }
        } catch (LinuxException e) {
            failed(file.path(), String.valueOf(e.getMessage()));
        }
    }

    private boolean isForAll(StoredLabel label) {
        return switch (word) {
            case TOLD -> all.isForAll(label);
            case UNTOLD -> all.isContent(label);
        };
    }

    /**
     * Whether libvirt has forgotten the file's earlier label and has given it the policy's. libvirt does so after a
     * restart. Where it has not told, it is an administrator who has given it (restorecon).
     */
    private boolean isFromThePolicy(OpenedFile file, StoredLabel label) {
        return switch (word) {
            case TOLD ->
                policy(file) instanceof DirectoryPolicy.Known(var context) && LeftoverRepair.isLike(label, context);
            case UNTOLD -> false;
        };
    }

    /** A file of its last definition, or of one of the directories. */
    private void foreign(OpenedFile file, boolean named) {
        if (vm.file(file.identity()).isPresent() || !judged.add(file.identity())) {
            return;
        }
        try {
            Optional<StoredLabel> label = all.labels().get(file);
            boolean forAll = label.isPresent() && named && all.isForAll(label.get());
            if (label.isEmpty() || !(forAll || isOwn(label.get()))) {
                return;
            }
            if (isHeldByOthers(file)) {
                if (isOwn(label.get())) {
                    failed(
                            file.path(),
                            "has this VM's pair, and another VM holds it; labeler relabel mends that one's");
                }
                return;
            }
            if (forAll && isUsedElsewhere(file)) {
                return;
            }
            Optional<HeldFile> known = held.find(file.identity());
            if (known.isPresent()) {
                give(file, known.get().original(), "what it had before");
                return;
            }
            switch (policy(file)) {
                case DirectoryPolicy.Known(var context) -> {
                    if (!LeftoverRepair.isLike(label.get(), context)) {
                        give(file, Optional.of(StoredLabel.of(context)), "what the policy gives new files beside it");
                    }
                }
                case DirectoryPolicy.Unknown(String reason) ->
                    failed(file.path(), "keeps " + label.get() + ": " + reason);
            }
        } catch (LinuxException e) {
            failed(file.path(), String.valueOf(e.getMessage()));
        }
    }

    /** Searches for the VM's pair only: a label without one may be anybody's. */
    private void directory(HostPath path) {
        switch (all.linux().open().open(path, OpenRequest.DIRECTORY)) {
            case OpenRefusal refusal -> {
                // Without the directory its files are gone as well.
                if (refusal.reason() == OpenRefusal.Reason.UNREADABLE) {
                    notLookedThrough(path, refusal.detail());
                }
            }
            case OpenedFile directory -> names(path, directory);
        }
    }

    private void names(HostPath path, OpenedFile directory) {
        int notLookedAt = 0;
        try (directory) {
            for (Entry entry : all.linux().entries().list(directory, MOST_ENTRIES)) {
                // Each further name could take as long as the one that was too slow, and nobody waits for them.
                if (!isStill.getAsBoolean()) {
                    return;
                }
                HostPath file = path.child(entry.name().bytes());
                try {
                    name(file, directory, entry);
                } catch (LinuxException e) {
                    notLookedAt++;
                    if (notLookedAt <= MOST_TOLD) {
                        notLookedAt(file, String.valueOf(e.getMessage()));
                    }
                }
            }
        } catch (LinuxException e) {
            notLookedThrough(path, String.valueOf(e.getMessage()));
        }
        if (notLookedAt > MOST_TOLD) {
            notLookedAt(path, (notLookedAt - MOST_TOLD) + " more names in it");
        }
    }

    private void name(HostPath file, OpenedFile directory, Entry entry) throws LinuxException {
        boolean own = all.linux()
                .entries()
                .attribute(directory, entry.name(), AttributeName.SECURITY_SELINUX)
                .map(StoredLabel::of)
                .filter(this::isOwn)
                .isPresent();
        if (own) {
            left(file, entry.type());
        }
    }

    private void notLookedAt(HostPath path, String why) {
        failed(path, "not looked at for a label of this VM: " + why + "; labeler recover --scan does");
    }

    private void notLookedThrough(HostPath path, String why) {
        failed(path, "not looked through for labels of this VM: " + why + "; labeler recover --scan does");
    }

    private void left(HostPath path, Optional<FileType> type) throws LinuxException {
        if (type.isPresent() && type.get() != FileType.REGULAR && type.get() != FileType.BLOCK_DEVICE) {
            if (isOnRecord(path)) {
                // A tree or a socket of its own, which goes back with the VM's end.
                return;
            }
            failed(
                    path,
                    "a " + type.get().text() + " with this VM's pair; restorecon -F gives it what the policy says");
            return;
        }
        switch (all.linux().open().open(path, OpenRequest.RECORDED)) {
            case OpenRefusal refusal -> failed(path, refusal.detail());
            case OpenedFile file -> {
                try (file) {
                    foreign(file, false);
                }
            }
        }
    }

    private boolean isOnRecord(HostPath path) throws LinuxException {
        return all.linux()
                .open()
                .lookAtName(path)
                .map(FileStatus::identity)
                .flatMap(vm::file)
                .isPresent();
    }

    private DirectoryPolicy.Answer policy(OpenedFile file) {
        if (file.status().type() != FileType.REGULAR) {
            return new DirectoryPolicy.Unknown(
                    "for a " + file.status().type().text() + " the policy goes by its name; restorecon -F does");
        }
        return switch (all.linux().open().open(file.realPath().parent(), OpenRequest.DIRECTORY)) {
            case OpenRefusal refusal -> new DirectoryPolicy.Unknown(refusal.detail());
            case OpenedFile directory -> {
                try (directory) {
                    yield all.policy().of(directory);
                }
            }
        };
    }

    private boolean isOwn(StoredLabel label) {
        return label.level().equals(Optional.of(vm.level()));
    }

    private boolean isHeldByOthers(OpenedFile file) {
        return held.find(file.identity()).stream()
                .flatMap(known -> known.holders().stream())
                .anyMatch(holder -> !holder.equals(vm.name()));
    }

    /** Whether other hosts may have a file that no VM has for itself. */
    private boolean isSharedAway(OpenedFile file, FileRecord record) {
        return record.applied().filter(applied -> applied.level().isEmpty()).isPresent()
                && beside.mayNeed(file, vm.level()).isPresent();
    }

    /** Whether a VM that is not on our record may read it, or that cannot be known. */
    private boolean isUsedElsewhere(OpenedFile file) {
        if (elsewhere == null) {
            elsewhere = all.elsewhere(vm.name());
            elsewhere.remark().ifPresent(remark -> failed(all.others().libvirt().directory(), remark));
        }
        elsewhere
                .unknown()
                .ifPresent(why -> failed(
                        file.path(),
                        "keeps its label: what else libvirt runs could not be read, and may use it (" + why + ")"));
        return elsewhere.mayUse(file.identity());
    }

    /** Takes the VM's label from a file, unless other hosts may need it: its last host looks at all of this again. */
    private void give(OpenedFile file, Optional<StoredLabel> label, String why) throws LinuxException {
        Optional<String> need = beside.mayNeed(file, vm.level());
        if (need.isEmpty()) {
            put(file, label, why);
        } else {
            failed(file.path(), "keeps its label: " + need.get());
        }
    }

    private void put(OpenedFile file, Optional<StoredLabel> label, String why) throws LinuxException {
        if (!isStill.getAsBoolean()) {
            // A file system has answered too late: the VM's pair may be another VM's by now.
            failed(file.path(), "keeps its label: the VM is gone");
            return;
        }
        all.labels().put(file, label);
        mended.add(new RepairResult(
                file.path(),
                true,
                "libvirt left another label; has "
                        + label.map(StoredLabel::printable).orElse("none") + " now: " + why));
    }

    private void failed(HostPath path, String message) {
        mended.add(new RepairResult(path, false, message));
    }
}
