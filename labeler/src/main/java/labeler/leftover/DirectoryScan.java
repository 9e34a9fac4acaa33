package labeler.leftover;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import labeler.leftover.DirectoryPolicy.Answer;
import labeler.leftover.DirectoryPolicy.Known;
import labeler.leftover.DirectoryPolicy.Unknown;
import labeler.leftover.Leftover.Fate;
import labeler.linux.AttributeName;
import labeler.linux.DirectoryEntries.Entry;
import labeler.linux.Errno;
import labeler.linux.FileType;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.OpenRefusal;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.plan.HeldFile;
import labeler.selinux.SecurityContext;
import labeler.selinux.StoredLabel;

/** One part of one directory: depth first, each directory's names in the order of their bytes. */
final class DirectoryScan {
    /** Each level holds a descriptor and a piece of the stack. */
    private static final int DEEPEST = 64;

    /** Each mended file costs a reading of all processes and running domains. The next part does the rest. */
    private static final Duration LONGEST_MENDING = Duration.ofSeconds(5);

    /** All names of a directory are in memory at once: 20 MB. */
    private static final int MOST_NAMES = 200_000;

    private final Scan all;
    private final OpenedFile root;
    private final boolean apply;
    private final PairsInUse.Known inUse;
    private final Scan.Asker asker;
    private final MountPoints mounts;
    private final List<Leftover> files = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();
    private final long begun = System.nanoTime();
    private long looked;
    private long unseen;
    private Optional<HostPath> stopped = Optional.empty();

    DirectoryScan(Scan all, OpenedFile root, boolean apply, PairsInUse.Known inUse, Scan.Asker asker) {
        this.all = all;
        this.root = root;
        this.apply = apply;
        this.inUse = inUse;
        this.asker = asker;
        this.mounts = new MountPoints(all.linux().fileSystems(), root.status().mountId(), warnings::add);
        warnings.addAll(inUse.warnings());
        inUse.remark().ifPresent(warnings::add);
    }

    ScanPage run(Optional<ScanPosition> after) {
        walk(root, after, DEEPEST);
        return new ScanPage(files, looked, Optional.of(unseen), warnings, stopped);
    }

    private void walk(OpenedFile directory, Optional<ScanPosition> after, int levels) {
        for (Entry entry : entries(directory, after)) {
            if (stopped.isPresent() || asker.hasGone()) {
                return;
            }
            HostPath path = directory.path().child(entry.name().bytes());
            if (mounts.has(path)) {
                // Another file system is asked for nothing: its server may be gone, and would be taken for this one's.
                continue;
            }
            boolean isOnTheWay =
                    after.filter(place -> place.first().equals(entry.name())).isPresent();
            if (!isOnTheWay) {
                look(directory, entry, path);
            }
            below(
                    path,
                    entry,
                    isOnTheWay ? after.map(ScanPosition::rest).filter(place -> !place.isEnd()) : Optional.empty(),
                    levels);
        }
    }

    /** The entries that are still to be read, and the one on the way there. */
    private List<Entry> entries(OpenedFile directory, Optional<ScanPosition> after) {
        try {
            return all.linux().entries().list(directory, MOST_NAMES).stream()
                    .filter(entry -> after.isEmpty()
                            || entry.name().compareTo(after.get().first()) >= 0)
                    .sorted(Comparator.comparing(Entry::name))
                    .toList();
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENOENT) {
                // Removed since it was opened.
                return List.of();
            }
            notLookedThrough("not looked through: "
                    + (e.errno() == Errno.E2BIG
                            ? directory.path().printable() + " has more than " + MOST_NAMES + " names"
                            : String.valueOf(e.getMessage())));
            return List.of();
        }
    }

    private void below(HostPath path, Entry entry, Optional<ScanPosition> after, int levels) {
        if (stopped.isPresent()
                || entry.type().filter(type -> type != FileType.DIRECTORY).isPresent()) {
            return;
        }
        switch (all.linux().open().open(path, OpenRequest.DIRECTORY)) {
            case OpenRefusal refusal -> closed(refusal);
            case OpenedFile directory -> below(directory, after, levels);
        }
    }

    private void closed(OpenRefusal refusal) {
        switch (refusal.reason()) {
            case MISSING, WRONG_TYPE, LINK -> {
                // Removed in the meantime, or no directory: its file system does not tell which names are directories.
            }
            case CHANGED, UNREADABLE -> {
                notLookedThrough("not looked through: " + refusal.path().printable() + ": " + refusal.detail());
            }
        }
    }

    private void notLookedThrough(String warning) {
        warnings.add(warning);
        unseen++;
    }

    private void below(OpenedFile directory, Optional<ScanPosition> after, int levels) {
        try (directory) {
            if (directory.status().mountId() != root.status().mountId()) {
                return;
            }
            if (levels == 0) {
                notLookedThrough(directory.path().printable() + ": not looked through: more than " + DEEPEST
                        + " directories deep");
                return;
            }
            walk(directory, after, levels - 1);
        }
    }

    private void look(OpenedFile directory, Entry entry, HostPath path) {
        looked++;
        try {
            all.linux()
                    .entries()
                    .attribute(directory, entry.name(), AttributeName.SECURITY_SELINUX)
                    .map(StoredLabel::of)
                    .filter(label -> isNobodys(label, inUse))
                    .ifPresent(label -> files.add(judged(directory, entry, path, label)));
        } catch (LinuxException e) {
            warnings.add(String.valueOf(e.getMessage()));
        }
        if (takesLong()
                || looked >= all.size().names()
                || files.size() >= all.size().files()) {
            stopped = Optional.of(path);
        }
    }

    private boolean takesLong() {
        return apply && System.nanoTime() - begun > LONGEST_MENDING.toNanos();
    }

    private static boolean isNobodys(StoredLabel label, PairsInUse.Known pairs) {
        return label.level().filter(level -> !pairs.contains(level)).isPresent();
    }

    private Leftover judged(OpenedFile directory, Entry entry, HostPath path, StoredLabel label) {
        boolean isImage = label.context()
                .filter(context -> context.type().equals(all.image().type()))
                .isPresent();
        if (!isImage) {
            return left(
                    path, label, "not a VM's image by its type: a container's, perhaps, that does not run just now");
        }
        if (entry.type().filter(type -> type != FileType.REGULAR).isPresent()) {
            return left(
                    path, label, "a " + entry.type().get().text() + "; restorecon -F gives it what the policy says");
        }
        return switch (all.linux().open().open(path, OpenRequest.RECORDED)) {
            case OpenRefusal refusal -> failed(path, label, refusal.detail());
            case OpenedFile file -> {
                try (file) {
                    yield judged(directory, file, label);
                } catch (LinuxException e) {
                    yield failed(path, label, String.valueOf(e.getMessage()));
                }
            }
        };
    }

    /** The open file counts: the name may lead to another file than a moment ago. */
    private Leftover judged(OpenedFile directory, OpenedFile file, StoredLabel label) throws LinuxException {
        Optional<HeldFile> held = all.held().find(file.identity());
        if (held.isPresent()) {
            return left(file.path(), label, "on labeler's own record; labeler verify and labeler recover are for it");
        }
        if (file.status().type() != FileType.REGULAR) {
            return left(file.path(), label, "not a regular file; restorecon -F gives it what the policy says");
        }
        if (file.status().mountId() != root.status().mountId()) {
            return left(file.path(), label, "on another file system");
        }
        Optional<String> need =
                label.level().flatMap(level -> all.pairs().beside().mayNeed(file, level));
        if (need.isPresent()) {
            return left(file.path(), label, need.get());
        }
        Answer answer = all.policy().of(directory);
        return switch (answer) {
            case Unknown(String reason) -> left(file.path(), label, reason);
            case Known(SecurityContext context) ->
                apply
                        ? mended(file, label, context)
                        : new Leftover(file.path(), label, Optional.of(context), Fate.FOUND, "would have " + context);
        };
    }

    /**
     * Asks for each file who holds which pair. A VM may have started since the label was read, and the label be its own:
     * libvirt writes the state of a domain before it labels the files, and the process comes later.
     */
    private Leftover mended(OpenedFile file, StoredLabel label, SecurityContext context) throws LinuxException {
        PairsInUse.Known latest = all.pairs().ofRunning();
        if (!all.labels().get(file).equals(Optional.of(label)) || !isNobodys(label, latest)) {
            return left(file.path(), label, "somebody has taken it up since");
        }
        if (asker.hasGone()) {
            return left(file.path(), label, "the client that asked has gone");
        }
        all.labels().put(file, Optional.of(StoredLabel.of(context)));
        Leftover mended = new Leftover(file.path(), label, Optional.of(context), Fate.MENDED, "has " + context);
        asker.hears(mended);
        return mended;
    }

    private static Leftover failed(HostPath path, StoredLabel label, String why) {
        return new Leftover(path, label, Optional.empty(), Fate.FAILED, why);
    }

    private static Leftover left(HostPath path, StoredLabel label, String why) {
        return new Leftover(path, label, Optional.empty(), Fate.LEFT, why);
    }
}
