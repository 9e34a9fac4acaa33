package labeler.tree;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.linux.DirectoryEntries;
import labeler.linux.ExtendedAttributes;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.selinux.Level;
import labeler.selinux.StoredLabel;

/**
 * Sets and gives back the labels of directory trees. What the files had is durable before the first label changes. The
 * root itself is the caller's: it gets its label after all others, and gets its own back after all others.
 */
public final class Trees {
    /** While a tree is labelled: more than people make. */
    private static final int MOST_LEVELS = 256;

    /** While a tree is given back: a guest has had it, and may have made many. Two thousand open descriptors. */
    private static final int MOST_LEVELS_BACK = 1024;

    /**
     * In bytes: names of the guest's, as long as its own kernel lets it write them, below a name of the host's. Without a
     * bound, each level would hold the whole path again.
     */
    private static final int LONGEST_PATH_BACK = 2 * HostPath.MAXIMUM_LENGTH;

    /** It ends a walk behind which somebody makes files without end; after hours. Memory does not depend on it. */
    private static final long MOST_NAMES_BACK = 100_000_000;

    private final TreeTables tables;
    private final TreeMeans means;
    private final TreeWalk walk;
    private final TreeWalk walkBack;

    /** The files on record. Any thread may ask. */
    public interface OnRecord {
        /** Whether a VM has this very file for itself. */
        boolean isHeld(FileIdentity identity);

        /** Whether this very file is on record for itself, so that its label is given back for itself. */
        boolean isOnRecord(FileIdentity identity);

        /** Whether a VM has this level, or a file on record may have it. */
        boolean isReserved(Level level);

        /** The numbers of the tree's records: the present one first, then those of its file system's earlier devices. */
        List<Long> numbers(FileIdentity root);

        /** Whether the tree with this root is on record under this number, on any device: its originals may be needed. */
        boolean isKnown(long number, FileIdentity root);

        /** Whether the root has this label from us, and not from before. */
        boolean isOurs(FileIdentity root, StoredLabel label);
    }

    /**
     * Trees whose tables are in this directory.
     *
     * @param most files in one tree
     */
    public Trees(Path directory, ExtendedAttributes attributes, DirectoryEntries entries, OnRecord records, int most) {
        this.tables = new TreeTables(directory);
        this.means = new TreeMeans(attributes, entries, records);
        this.walk = new TreeWalk(entries, most, MOST_LEVELS, HostPath.MAXIMUM_LENGTH);
        this.walkBack = new TreeWalk(entries, MOST_NAMES_BACK, MOST_LEVELS_BACK, LONGEST_PATH_BACK);
    }

    /**
     * The result.
     *
     * @param outside names of files that have, or may have, other names outside of the tree; these keep their labels
     * @param others files that came or went while labels were set, or whose paths are too long to tell; they keep theirs
     * @param devices device nodes, which keep theirs
     */
    public record Labelled(int outside, int others, int devices) {}

    private TreeTables.Tree tree(OpenedFile root) {
        return known(root, means.records().numbers(root.identity())).getFirst();
    }

    private static List<TreeTables.Tree> known(OpenedFile root, List<Long> numbers) {
        return numbers.stream()
                .distinct()
                .map(number -> new TreeTables.Tree(number, root.identity()))
                .toList();
    }

    /** Whether this tree has been labelled to its end, so that there is nothing to do. */
    public boolean isLabelled(OpenedFile root, StoredLabel label) throws LinuxException {
        return tables.isLabelled(tree(root)) && means.label(root).equals(Optional.of(label));
    }

    private List<TreeTables.Tree> known(OpenedFile root, long number) {
        List<Long> numbers = new ArrayList<>(List.of(number));
        numbers.addAll(means.records().numbers(root.identity()));
        return known(root, numbers);
    }

    /** The first table that there is; empty if no file of the tree has been labelled. */
    private Optional<Originals> read(OpenedFile root, List<TreeTables.Tree> trees) throws IOException {
        for (TreeTables.Tree tree : trees) {
            Optional<Originals> found = tables.read(tree);
            if (found.isPresent()) {
                return found;
            }
        }
        if (isLabelledByUs(root)) {
            throw new IOException("the table of the tree's labels is missing; " + TreeTables.WAY_OUT);
        }
        return Optional.empty();
    }

    private boolean isLabelledByUs(OpenedFile root) throws LinuxException {
        return means.label(root)
                .filter(label -> means.records().isOurs(root.identity(), label))
                .isPresent();
    }

    /**
     * Gives everything below the root this label.
     *
     * @throws UnfitTree if something in it keeps it from being labelled; then nothing has changed, or, if that came
     *     meanwhile, the caller gives it back
     */
    public Labelled label(OpenedFile root, StoredLabel label) throws IOException, UnfitTree {
        tables.removeUnless(tree -> means.records().isKnown(tree.number(), tree.root()));
        List<TreeTables.Tree> trees = known(root, means.records().numbers(root.identity()));
        Optional<Originals> before = read(root, trees);
        CollectingWalk collecting = new CollectingWalk(means, label, before.orElse(Originals.NONE));
        walk.go(root, collecting);
        Originals met = collecting.met();
        Set<StoredLabel> applied = new HashSet<>(before.map(Originals::applied).orElse(Set.of()));
        applied.add(label);
        tables.write(trees.getFirst(), collecting.originals(), applied);
        SettingWalk setting = new SettingWalk(means, label, met, collecting.linked());
        walk.go(root, setting);
        return setting.result(collecting.devices());
    }

    /** The root has its label as well. */
    public void finish(OpenedFile root) throws IOException {
        tables.labelled(tree(root));
    }

    /**
     * The purpose of a return.
     *
     * @param number of the root's record
     * @param original what the root itself will get
     * @param isAgain whether all of it was given back before, in this boot
     * @param isAnew whether labels may have been lost on their way to the disk: then those of the files in the table are
     *     written though they seem to be there
     */
    public record Return(long number, Optional<StoredLabel> original, boolean isAgain, boolean isAnew) {}

    /**
     * Gives everything below the root back what it had. A file that the VM made gets what its directory has.
     *
     * @throws IOException if something was not given back; everything else was
     */
    public void giveBack(OpenedFile root, Return back) throws IOException {
        List<TreeTables.Tree> trees = known(root, back.number());
        Optional<Originals> originals = read(root, trees);
        if (originals.isEmpty()) {
            return;
        }
        tables.unfinished(trees.getFirst());
        ReturningWalk returning = new ReturningWalk(means, originals.get(), back);
        try {
            walkBack.go(root, returning);
        } catch (UnfitTree e) {
            throw new IllegalStateException("what is unfit is given back as well", e);
        }
        returning.throwFailures();
    }

    /**
     * Puts another table in the place of one that is missing or damaged: one that there is for the tree on an earlier
     * device, or else one without files; then everything in the tree counts as made by a VM.
     *
     * @param number of the root's record
     * @param applied labels of ours that files of the tree may have
     * @return whether that was necessary
     */
    public boolean replaceLost(OpenedFile root, long number, Set<StoredLabel> applied) throws IOException {
        List<TreeTables.Tree> trees = known(root, number);
        OriginalsBuilder left = new OriginalsBuilder();
        Set<StoredLabel> labels = new HashSet<>(applied);
        boolean isDamaged = false;
        for (TreeTables.Tree tree : trees) {
            try {
                Optional<Originals> found = tables.read(tree);
                if (found.isPresent() && !isDamaged) {
                    return false;
                }
                found.ifPresent(table -> table.addMissingTo(left));
                found.ifPresent(table -> labels.addAll(table.applied()));
            } catch (TreeTables.Damaged e) {
                // That is why somebody asks.
                isDamaged = true;
            }
        }
        if (!isDamaged && !isLabelledByUs(root)) {
            return false;
        }
        tables.write(trees.getFirst(), left, labels);
        return true;
    }
}
