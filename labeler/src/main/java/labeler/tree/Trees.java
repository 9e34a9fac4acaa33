package labeler.tree;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.linux.AttributeName;
import labeler.linux.DirectoryEntries;
import labeler.linux.ExtendedAttributes;
import labeler.linux.FileIdentity;
import labeler.linux.FileType;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.selinux.StoredLabel;

/**
 * Sets and gives back the labels of directory trees. What the files had is durable before the first label changes. The
 * root itself is the caller's: it gets its label after all others, and gets its own back after all others.
 */
public final class Trees {
    private final TreeTables tables;
    private final ExtendedAttributes attributes;
    private final TreeWalk walk;
    private final OnRecord records;

    /** The files on record. Any thread may ask. */
    public interface OnRecord {
        /** Whether a VM has this very file for itself. */
        boolean isHeld(FileIdentity identity);

        /** Whether the tree with this root is on record, on any device: its originals may be needed. */
        boolean isKnown(FileIdentity root);
    }

    /**
     * Trees whose tables are in this directory.
     *
     * @param most files in one tree
     */
    public Trees(Path directory, ExtendedAttributes attributes, DirectoryEntries entries, OnRecord records, int most) {
        this.tables = new TreeTables(directory);
        this.attributes = attributes;
        this.walk = new TreeWalk(entries, most);
        this.records = records;
    }

    /**
     * The result.
     *
     * @param labelled the number of files below the root that have the label now
     * @param hardLinked files with names outside of the tree, which keep their labels
     * @param mounted places at which other file systems are mounted, which keep theirs
     */
    public record Labelled(int labelled, int hardLinked, int mounted) {}

    /** Whether this tree has been labelled to its end, so that there is nothing to do. */
    public boolean isLabelled(OpenedFile root, StoredLabel label) throws LinuxException {
        return tables.isLabelled(root.identity()) && label(root).equals(Optional.of(label));
    }

    private Optional<StoredLabel> label(OpenedFile file) throws LinuxException {
        return attributes.get(file, AttributeName.SECURITY_SELINUX).map(StoredLabel::of);
    }

    /**
     * Gives everything below the root this label.
     *
     * @throws ForeignFile if a file in it may not be labelled with it, since a VM has it for itself; then nothing has
     *     changed
     */
    public Labelled label(OpenedFile root, StoredLabel label) throws IOException, ForeignFile {
        tables.removeUnless(records::isKnown);
        Optional<Originals> before = tables.read(root.identity());
        Collected collected = new Collected(before.orElse(Originals.NONE));
        walk.go(root, collected);
        collected.throwIfForeign();
        Set<StoredLabel> applied = new HashSet<>(before.map(Originals::applied).orElse(Set.of()));
        applied.add(label);
        tables.write(root.identity(), collected.originals, applied);
        Setting setting = new Setting(label, collected.outside());
        walk.go(root, setting);
        return new Labelled(setting.labelled, collected.outside().size(), collected.mounted);
    }

    /** The root has its label as well. */
    public void finish(OpenedFile root) throws IOException {
        tables.labelled(root.identity());
    }

    /**
     * Gives everything below the root back what it had. A file that the VM made gets what its directory has.
     *
     * @param rootsOriginal what the root itself will get
     * @return the number of files that got another label
     */
    public int giveBack(OpenedFile root, Optional<StoredLabel> rootsOriginal) throws IOException {
        Optional<Originals> originals = tables.read(root.identity());
        if (originals.isEmpty()) {
            return 0;
        }
        tables.unfinished(root.identity());
        Returning returning = new Returning(originals.get(), rootsOriginal);
        walk.go(root, returning);
        return returning.changed;
    }

    /** A file of a tree that somebody has for itself: a disk of a VM, a file of the service. */
    public static final class ForeignFile extends Exception {
        private static final long serialVersionUID = 1;

        ForeignFile(String path) {
            super(path + " in it is in use by itself");
        }
    }

    /** Reads what everything has. */
    private final class Collected implements TreeWalk.Visitor {
        private final OriginalsBuilder originals = new OriginalsBuilder();
        private final Originals before;

        /** Of files with several names: how many were seen, and how many there are. */
        private final Map<FileIdentity, int[]> names = new HashMap<>();

        private Optional<String> foreign = Optional.empty();
        private int mounted;

        Collected(Originals before) {
            this.before = before;
        }

        @Override
        public void visit(DirectoryEntries.Child child) throws LinuxException {
            OpenedFile file = child.file();
            FileIdentity identity = file.identity();
            if (records.isHeld(identity)) {
                foreign = foreign.or(() -> Optional.of(file.path().printable()));
            }
            if (child.links() > 1 && file.status().type() != FileType.DIRECTORY) {
                int[] seen = names.computeIfAbsent(identity, _ -> new int[2]);
                seen[0]++;
                seen[1] = child.links();
                if (seen[0] > 1) {
                    return;
                }
            }
            Optional<StoredLabel> label = label(file);
            if (!before.isOurs(label)) {
                originals.add(identity, label);
            } else {
                // A file that the VM made has no entry, and gets none: its directory decides.
                before.of(identity).ifPresent(original -> originals.add(identity, original));
            }
        }

        @Override
        public void passedOver(OpenedFile mounted) {
            this.mounted++;
        }

        void throwIfForeign() throws ForeignFile {
            if (foreign.isPresent()) {
                throw new ForeignFile(foreign.get());
            }
        }

        /** Files with a name outside of the tree. */
        Set<FileIdentity> outside() {
            Set<FileIdentity> outside = new HashSet<>();
            names.forEach((identity, seen) -> {
                if (seen[0] < seen[1]) {
                    outside.add(identity);
                }
            });
            return outside;
        }
    }

    private final class Setting implements TreeWalk.Visitor {
        private final byte[] label;
        private final Set<FileIdentity> outside;
        private int labelled;

        Setting(StoredLabel label, Set<FileIdentity> outside) {
            this.label = label.bytes();
            this.outside = outside;
        }

        @Override
        public void visit(DirectoryEntries.Child child) throws LinuxException {
            boolean isOfSeveralNames =
                    child.links() > 1 && child.file().status().type() != FileType.DIRECTORY;
            if (!isOfSeveralNames || !outside.contains(child.file().identity())) {
                attributes.set(child.file(), AttributeName.SECURITY_SELINUX, label);
                labelled++;
            }
        }
    }

    private final class Returning implements TreeWalk.Visitor {
        private final Originals originals;

        /** The originals of the directories on the way, the root's last. */
        private final Deque<Optional<StoredLabel>> directories = new ArrayDeque<>();

        private int changed;

        Returning(Originals originals, Optional<StoredLabel> rootsOriginal) {
            this.originals = originals;
            directories.push(rootsOriginal);
        }

        @Override
        public void visit(DirectoryEntries.Child child) throws LinuxException {
            OpenedFile file = child.file();
            Optional<StoredLabel> found = label(file);
            Optional<StoredLabel> original = originals.of(file.identity()).orElseGet(directories::element);
            boolean isOurs = originals.isOurs(found);
            if (isOurs && !found.equals(original)) {
                if (original.isPresent()) {
                    attributes.set(
                            file, AttributeName.SECURITY_SELINUX, original.get().bytes());
                } else {
                    attributes.remove(file, AttributeName.SECURITY_SELINUX);
                }
                changed++;
            }
            if (file.status().type() == FileType.DIRECTORY) {
                directories.push(isOurs ? original : found);
            }
        }

        @Override
        public void left(OpenedFile directory) {
            directories.pop();
        }
    }
}
