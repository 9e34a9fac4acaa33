package labeler.tree;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import labeler.linux.FileIdentity;
import labeler.linux.Timestamp;
import labeler.selinux.StoredLabel;

/**
 * The tables of originals, a file for each tree, beside the journal. A table is written as a whole, synced, and only then
 * given its name. The name has the number of the root's record, since two file systems may have equal inodes, and says
 * whether the tree is labelled to its end.
 */
record TreeTables(Path directory) {
    private static final int MAGIC = 0x4c425432;
    private static final String LABELLED = ".labelled";
    private static final String UNFINISHED = ".unfinished";

    /** As {@link #file} makes it. */
    private static final Pattern NAME = Pattern.compile(
            "([0-9]{1,18})-([0-9a-f]{1,16})-(-?[0-9]{1,18})\\.([0-9]{1,9})\\.(?:labelled|unfinished(?:\\.new)?)");

    /** As long as {@code XATTR_SIZE_MAX} allows; more labels than files are none of ours. */
    private static final int MOST_LABELS = 1 << 20;

    /** A table that is not as it was written. */
    static final class Damaged extends IOException {
        private static final long serialVersionUID = 1;

        private Damaged(Path path, Throwable... causes) {
            super(path + ": the table of the tree's labels is damaged; " + WAY_OUT);
            for (Throwable cause : causes) {
                addSuppressed(cause);
            }
        }
    }

    /** For a table that is damaged, or gone. */
    static final String WAY_OUT = "put it back from a backup, or give all of the tree the label that its root had with"
            + " labeler recover --lost-tables";

    /**
     * A tree.
     *
     * @param number of the root's record
     */
    record Tree(long number, FileIdentity root) {}

    private Path file(Tree tree, String ending) {
        Timestamp birth = tree.root().birth().orElseThrow();
        return directory.resolve(tree.number() + "-"
                + Long.toHexString(tree.root().inode()) + "-" + birth.seconds() + "." + birth.nanoseconds() + ending);
    }

    /** Whether every file of the tree has got its label, and none has been given back since. */
    boolean isLabelled(Tree tree) {
        return Files.exists(file(tree, LABELLED));
    }

    /** All files have their labels now. */
    void labelled(Tree tree) throws IOException {
        Files.move(file(tree, UNFINISHED), file(tree, LABELLED), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Some files may not have their labels from now on. */
    void unfinished(Tree tree) throws IOException {
        if (isLabelled(tree)) {
            Files.move(file(tree, LABELLED), file(tree, UNFINISHED), StandardCopyOption.ATOMIC_MOVE);
            sync();
        }
    }

    /**
     * Removes the tables of trees that are off the record: their originals are on disk. Giving back begins with another
     * name for the table. So one whose tree is labelled to its end went off the record with the journal, and is kept.
     */
    void removeUnless(Predicate<Tree> isKnown) throws IOException {
        if (!Files.isDirectory(directory)) {
            return;
        }
        List<Path> unknown;
        try (Stream<Path> files = Files.list(directory)) {
            unknown = files.filter(file -> !String.valueOf(file).endsWith(LABELLED))
                    .filter(file -> !tree(file).map(isKnown::test).orElse(true))
                    .toList();
        }
        for (Path file : unknown) {
            Files.deleteIfExists(file);
        }
    }

    /** Empty for another file than a table. */
    private static Optional<Tree> tree(Path file) {
        Matcher name = NAME.matcher(String.valueOf(file.getFileName()));
        return name.matches()
                ? Optional.of(new Tree(
                        Long.parseLong(name.group(1)),
                        new FileIdentity(
                                0,
                                Long.parseUnsignedLong(name.group(2), 16),
                                Optional.of(new Timestamp(
                                        Long.parseLong(name.group(3)), Integer.parseInt(name.group(4)))))))
                : Optional.empty();
    }

    /** The table on disk; empty if the tree has none. */
    Optional<Originals> read(Tree tree) throws IOException {
        Path path = isLabelled(tree) ? file(tree, LABELLED) : file(tree, UNFINISHED);
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            ByteBuffer all = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
            return Optional.of(parsed(all, path));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private static Originals parsed(ByteBuffer all, Path path) throws IOException {
        int content = all.limit() - Integer.BYTES;
        if (content < 2 * Integer.BYTES
                || all.getInt(content) != sum(all.duplicate().limit(content))) {
            throw new Damaged(path);
        }
        try {
            ByteBuffer in = all.duplicate().limit(content);
            if (in.getInt() != MAGIC) {
                throw new Damaged(path);
            }
            Set<StoredLabel> applied = new HashSet<>();
            labels(in).forEach(label -> label.ifPresent(applied::add));
            List<Optional<StoredLabel>> labels = labels(in);
            return new Originals(in.slice(), labels, applied);
        } catch (RuntimeException e) {
            throw new Damaged(path, e);
        }
    }

    private static List<Optional<StoredLabel>> labels(ByteBuffer in) {
        int count = in.getInt();
        if (count < 0 || count > MOST_LABELS) {
            throw new IllegalArgumentException("a table with " + count + " labels");
        }
        List<Optional<StoredLabel>> labels = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int length = in.getInt();
            if (length < 0) {
                labels.add(Optional.empty());
            } else {
                byte[] bytes = new byte[length];
                in.get(bytes);
                labels.add(Optional.of(StoredLabel.of(bytes)));
            }
        }
        return labels;
    }

    private static int sum(ByteBuffer bytes) {
        CRC32C sum = new CRC32C();
        sum.update(bytes);
        return (int) sum.getValue();
    }

    /** Writes the table so that a power cut leaves either this one or the one before. */
    void write(Tree tree, OriginalsBuilder originals, Collection<StoredLabel> applied) throws IOException {
        Files.createDirectories(directory);
        unfinished(tree);
        Path file = file(tree, UNFINISHED);
        Path half = file.resolveSibling(file.getFileName() + ".new");
        ByteBuffer head = head(originals.labels(), applied);
        ByteBuffer entries = originals.entries();
        CRC32C sum = new CRC32C();
        sum.update(head.duplicate());
        sum.update(entries.duplicate());
        try (FileChannel channel = FileChannel.open(
                half, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            for (ByteBuffer part : List.of(
                    head,
                    entries,
                    ByteBuffer.allocate(Integer.BYTES)
                            .putInt((int) sum.getValue())
                            .flip())) {
                while (part.hasRemaining()) {
                    channel.write(part);
                }
            }
            channel.force(true);
        }
        Files.move(half, file, StandardCopyOption.ATOMIC_MOVE);
        sync();
    }

    private static ByteBuffer head(List<Optional<StoredLabel>> labels, Collection<StoredLabel> applied)
            throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeInt(MAGIC);
        write(out, applied.stream().map(Optional::of).toList());
        write(out, labels);
        return ByteBuffer.wrap(bytes.toByteArray());
    }

    private static void write(DataOutputStream out, List<Optional<StoredLabel>> labels) throws IOException {
        out.writeInt(labels.size());
        for (Optional<StoredLabel> label : labels) {
            if (label.isEmpty()) {
                out.writeInt(-1);
            } else {
                byte[] bytes = label.get().bytes();
                out.writeInt(bytes.length);
                out.write(bytes);
            }
        }
    }

    /** The names in the directory. */
    private void sync() throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
