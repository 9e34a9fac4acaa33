package labeler.journal;

import java.util.HashSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import labeler.linux.FileHandle;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.plan.Sharing;
import labeler.selinux.StoredLabel;

/**
 * A file that a VM holds, or that may still carry a label of ours. The record outlives the last holder until the
 * reversion is known to be on disk: a power cut in between could bring our label back.
 *
 * @param id the journal's own number for it
 * @param fileSystem the id of its file system, by {@link labeler.linux.FileSystemStatus#id}, on any device; empty if
 *     nothing but the device tells
 * @param path as the definition or a header named it
 * @param realPath the kernel's name for it at that time, without symbolic links; a search starts there
 * @param handle the file system's own name for it, which finds it under another name; empty if there is none
 * @param bootId of the boot in which all this was recorded: device numbers have a meaning only in that boot
 * @param original its earlier label, or the one that its file system shows if it is handed over; empty for no label
 * @param applied its label from us; empty for a file that was handed over as a descriptor, and never labelled
 * @param earlier other labels that we gave it since its last write to disk was certain, and those that a VM's manager may
 *     have given it
 * @param givenBackIn the boot in which its last holder left it with its earlier label, or with somebody else's; empty
 *     while a label of ours is to be removed
 */
public record FileRecord(
        long id,
        FileIdentity identity,
        OptionalLong fileSystem,
        HostPath path,
        HostPath realPath,
        Optional<FileHandle> handle,
        String bootId,
        Optional<StoredLabel> original,
        Optional<StoredLabel> applied,
        Set<StoredLabel> earlier,
        Sharing sharing,
        Optional<String> givenBackIn) {
    public FileRecord {
        earlier = Set.copyOf(earlier);
    }

    /** The record with another label of ours, for this sharing; the last one is added to the earlier ones. */
    public FileRecord labelledAnew(StoredLabel label, Sharing now) {
        return with(original, Optional.of(label), everApplied(), now, Optional.empty());
    }

    /** The record of a file without a label of ours, with another sharing. */
    public FileRecord sharedAs(Sharing now) {
        return with(original, applied, earlier, now, givenBackIn);
    }

    /**
     * The record of a file that a VM leaves, with one more label which may be on it: what the VM's manager gives it for this
     * VM goes back as our own labels do. Until the file is settled, the label's pair is nobody else's.
     */
    public FileRecord leftWith(StoredLabel label) {
        if (label.isFor(everApplied())) {
            return this;
        }
        Set<StoredLabel> all = new HashSet<>(earlier);
        all.add(label);
        return with(original, applied, all, sharing, givenBackIn);
    }

    /** The record with its earlier label back, since this boot. */
    public FileRecord givenBack(String boot) {
        return with(original, applied, earlier, sharing, Optional.of(boot));
    }

    /** The record with what other hosts know of the file. */
    public FileRecord goingBackTo(Optional<StoredLabel> known, Set<StoredLabel> oursAsWell) {
        Set<StoredLabel> all = new HashSet<>(earlier);
        all.addAll(oursAsWell);
        return with(known, applied, all, sharing, givenBackIn);
    }

    /** The same file with other labels. */
    private FileRecord with(
            Optional<StoredLabel> original,
            Optional<StoredLabel> applied,
            Set<StoredLabel> earlier,
            Sharing sharing,
            Optional<String> givenBackIn) {
        return new FileRecord(
                id,
                identity,
                fileSystem,
                path,
                realPath,
                handle,
                bootId,
                original,
                applied,
                earlier,
                sharing,
                givenBackIn);
    }

    /** All labels of ours that the file may have on disk. */
    public Set<StoredLabel> everApplied() {
        Set<StoredLabel> all = new HashSet<>(earlier);
        applied.ifPresent(all::add);
        return all;
    }

    /** Whether the file may carry a label of ours, so that there is something to give back. */
    public boolean isLabelled() {
        return applied.isPresent() || !earlier.isEmpty();
    }

    /**
     * The labels that are ours if the file carries them in this boot, see {@link StoredLabel#isFor}. One with a category pair
     * tells whose it is. One without may be any tool's: on a file that was given back, it is the label of the next user.
     */
    public Set<StoredLabel> ours(String boot) {
        Set<StoredLabel> ours = new HashSet<>(everApplied());
        if (givenBackIn.equals(Optional.of(boot))) {
            ours.removeIf(label -> label.level().isEmpty());
        }
        return ours;
    }
}
