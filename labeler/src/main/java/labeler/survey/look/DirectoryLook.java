package labeler.survey.look;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import labeler.chain.FileName;
import labeler.chain.detect.ContentProbe;
import labeler.linux.Access;
import labeler.linux.DirectoryEntries.Child;
import labeler.linux.DirectoryEntries.Entry;
import labeler.linux.DirectoryEntries.Listing;
import labeler.linux.FileIdentity;
import labeler.linux.FileType;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.OpenOutcome;
import labeler.linux.OpenRefusal;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.selinux.StoredLabel;
import labeler.survey.FileFacts;
import labeler.survey.Unseen;
import labeler.work.FileSystemTask;

/**
 * Looks through directories for images. Links are not followed, and other file systems not entered. What is no regular file
 * is not opened.
 */
final class DirectoryLook {
    /** Some seconds of work; more directories can be named another time. */
    private static final int MOST_NAMES = 200_000;

    /** Each level holds a descriptor and a piece of the stack. */
    private static final int DEEPEST = 64;

    /** Each is opened again, with the files that it names. */
    private static final int MOST_IMAGES = 20_000;

    /** Names between two lines of progress. */
    private static final int TOLD = 500;

    private static final OpenRequest PLAIN =
            new OpenRequest(Access.READ_ONLY, EnumSet.of(FileType.REGULAR), OpenRequest.Links.NONE);

    private final HostSources host;
    private final LabelLook labels;
    private final Limits limits;
    private final Consumer<String> progress;

    // The walk is on a thread of its own, for which nobody waits for ever.
    private final List<FileFacts> files = Collections.synchronizedList(new ArrayList<>());
    private final Map<FileIdentity, FileFacts> images = Collections.synchronizedMap(new LinkedHashMap<>());
    private final List<Unseen> unseen = Collections.synchronizedList(new ArrayList<>());
    private final AtomicLong looked = new AtomicLong();
    private final AtomicLong hidden = new AtomicLong();
    private final Missed denied = new Missed("the content");

    /** How far it goes. */
    record Limits(int names, int depth, int images) {
        static final Limits DEFAULT = new Limits(MOST_NAMES, DEEPEST, MOST_IMAGES);
    }

    /**
     * The result.
     *
     * @param files whose label may matter
     * @param images that have a header, each once, whatever its names
     * @param looked the number of names, without the files whose label could not be read
     */
    record Found(List<FileFacts> files, List<FileFacts> images, long looked, List<Unseen> unseen) {}

    DirectoryLook(HostSources host, LabelLook labels, Limits limits, Consumer<String> progress) {
        this.host = host;
        this.labels = labels;
        this.limits = limits;
        this.progress = progress;
    }

    Found look(List<HostPath> directories) {
        for (HostPath directory : directories) {
            boolean _ = host.work()
                    .run(
                            List.of(directory),
                            task -> {
                                enter(directory, task);
                                return true;
                            },
                            _ -> {})
                    .or(place -> {
                        unseen.add(new Unseen("the content of " + directory.printable(), place.doesNotAnswer()));
                        return false;
                    });
        }
        denied.line().ifPresent(unseen::add);
        synchronized (images) {
            return new Found(copy(files), List.copyOf(images.values()), looked.get() - hidden.get(), copy(unseen));
        }
    }

    private static <T> List<T> copy(List<T> all) {
        synchronized (all) {
            return List.copyOf(all);
        }
    }

    private void enter(HostPath named, FileSystemTask task) {
        HostPath directory;
        switch (host.linux().open().open(named, OpenRequest.NAMED_DIRECTORY)) {
            case OpenRefusal refusal -> {
                unseen.add(new Unseen(named.printable(), refusal.detail()));
                return;
            }
            case OpenedFile found -> {
                directory = found.realPath();
                found.close();
            }
        }
        switch (host.linux().open().open(directory, OpenRequest.DIRECTORY)) {
            case OpenRefusal refusal -> unseen.add(new Unseen(named.printable(), refusal.detail()));
            case OpenedFile root -> {
                try (root) {
                    walk(root, task, limits.depth());
                }
            }
        }
    }

    private void walk(OpenedFile directory, FileSystemTask task, int levels) {
        try (Listing listing = host.linux().entries().read(directory)) {
            for (Optional<Entry> entry = listing.next(); entry.isPresent(); entry = listing.next()) {
                if (task.isLate() || isFull()) {
                    return;
                }
                tell(directory);
                look(directory, entry.get().name(), task, levels);
            }
        } catch (LinuxException e) {
            unseen.add(new Unseen("the content of " + directory.path().printable(), String.valueOf(e.getMessage())));
        }
    }

    private boolean isFull() {
        if (looked.get() < limits.names() && images.size() < limits.images()) {
            return false;
        }
        Unseen rest = new Unseen(
                "the rest below the directories",
                "more than " + limits.names() + " files or " + limits.images() + " images: name fewer directories");
        if (!unseen.contains(rest)) {
            unseen.add(rest);
        }
        return true;
    }

    private void tell(OpenedFile directory) {
        if (looked.incrementAndGet() % TOLD == 0) {
            progress.accept(looked.get() + " files looked at, " + images.size() + " images; at "
                    + directory.path().printable());
        }
    }

    /** The file with this name is held without being opened, and its kind says what to do with it. */
    private void look(OpenedFile directory, HostPath name, FileSystemTask task, int levels) throws LinuxException {
        HostPath path = directory.path().child(name.bytes());
        // Known without asking the file system: its server may be gone, and would be taken for this directory's. A
        // mount
        // on another one than this directory's is covered here.
        if (host.linux().fileSystems().mounts().stream()
                .anyMatch(mount -> mount.parent() == directory.status().mountId()
                        && mount.mountPoint().equals(path))) {
            unseen.add(elsewhere(path));
            return;
        }
        Optional<Child> child = host.linux().entries().find(directory, name);
        if (child.isEmpty()) {
            return;
        }
        try (OpenedFile found = child.get().file()) {
            switch (found.status().type()) {
                case REGULAR -> file(directory, path, name, found);
                case DIRECTORY -> below(directory, path, found, task, levels);
                case SYMBOLIC_LINK, BLOCK_DEVICE, CHARACTER_DEVICE, FIFO, SOCKET -> {
                    // Not an image in this tree: a device is one of a VM that names it.
                }
            }
        }
    }

    private static Unseen elsewhere(HostPath path) {
        return new Unseen("the content of " + path.printable(), "another file system: name it as well");
    }

    private void below(OpenedFile directory, HostPath path, OpenedFile found, FileSystemTask task, int levels) {
        if (found.status().mountId() != directory.status().mountId()) {
            unseen.add(elsewhere(path));
            return;
        }
        if (levels == 0) {
            unseen.add(new Unseen(
                    "the content of " + path.printable(), "more than " + limits.depth() + " directories deep"));
            return;
        }
        switch (host.linux().open().open(path, OpenRequest.DIRECTORY)) {
            case OpenRefusal refusal -> unseen.add(new Unseen("the content of " + path.printable(), refusal.detail()));
            case OpenedFile inner -> {
                try (inner) {
                    if (inner.identity().equals(found.identity())) {
                        walk(inner, task, levels - 1);
                    } else {
                        unseen.add(new Unseen(
                                "the content of " + path.printable(), "it became another directory meanwhile"));
                    }
                }
            }
        }
    }

    private void file(OpenedFile directory, HostPath path, HostPath name, OpenedFile found) {
        boolean isImage = hasHeader(path, found);
        LabelLook.Seen seen = labels.of(directory, name);
        FileFacts facts = new FileFacts(
                path,
                found.identity().withoutBirth(),
                seen.label(),
                isImage ? labels.expected(directory, path, seen.label()) : Optional.empty(),
                labels.sharedType(directory));
        // Its header is read all the same.
        if (isImage) {
            images.putIfAbsent(facts.identity(), facts);
        }
        switch (seen) {
            case LabelLook.Known _ -> {
                if (isImage || matters(facts)) {
                    files.add(facts);
                }
            }
            case LabelLook.Hidden _ -> hidden.incrementAndGet();
        }
    }

    private boolean matters(FileFacts file) {
        boolean isImage = file.label()
                .flatMap(StoredLabel::context)
                .filter(context -> context.type().equals(host.contexts().image().type()))
                .isPresent();
        return isImage || file.label().flatMap(StoredLabel::level).isPresent();
    }

    /** Whether its first bytes are those of an image with a header, which may name other files. */
    private boolean hasHeader(HostPath path, OpenedFile found) {
        OpenOutcome outcome = found.status().size() == 0
                ? new OpenRefusal(path, OpenRefusal.Reason.MISSING, "is empty")
                : host.linux().open().open(path, PLAIN);
        return switch (outcome) {
            case OpenRefusal refusal -> {
                // One that is gone has left nothing to look at.
                if (refusal.reason() != OpenRefusal.Reason.MISSING) {
                    denied.add(path, refusal.detail());
                }
                yield false;
            }
            case OpenedFile file -> hasHeader(file);
        };
    }

    private boolean hasHeader(OpenedFile file) {
        try (file) {
            ByteBuffer start = ByteBuffer.allocate(ContentProbe.LENGTH);
            int length = file.read(start, 0);
            return !ContentProbe.claims(
                            start.clear().limit(length), FileName.of(file.path().bytes()))
                    .isEmpty();
        } catch (LinuxException e) {
            denied.add(file.path(), String.valueOf(e.getMessage()));
            return false;
        }
    }
}
