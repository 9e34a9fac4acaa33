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
 * A file that a VM holds, or that may still carry a label of ours. The record outlives the last holder until what was
 * given back is known to be on disk: a power cut in between could bring our label back.
 *
 * @param id the journal's own number for it
 * @param fileSystem which one it is on, by {@link labeler.linux.FileSystemStatus#id}, whatever device that is on; empty where
 *     nothing but the device tells
 * @param path as the definition or a header named it
 * @param realPath the kernel's name for it at that time, without symbolic links: where it is looked for again
 * @param handle the file system's own name for it, which finds it under another name; empty where there is none
 * @param bootId of the boot in which all this was seen: device numbers mean something in that one alone
 * @param original what it had before, or what its file system shows for a file that is handed over; empty for no label
 * @param applied what it has from us; empty for a file that was handed over as a descriptor, and never labelled
 * @param earlier other labels that we gave it since its last write to disk was certain
 * @param givenBackIn the boot in which its last holder left it with what it had before, or with somebody else's label;
 *     empty while a label of ours is to be taken off it
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

    /** With another label of ours, and what it had from us before among the earlier ones. */
    public FileRecord labelledAnew(StoredLabel label) {
        return with(Optional.of(label), everApplied(), Optional.empty());
    }

    /** With what it had before, since this boot. */
    public FileRecord givenBack(String boot) {
        return with(applied, earlier, Optional.of(boot));
    }

    private FileRecord with(Optional<StoredLabel> label, Set<StoredLabel> before, Optional<String> boot) {
        return new FileRecord(
                id, identity, fileSystem, path, realPath, handle, bootId, original, label, before, sharing, boot);
    }

    /** All labels of ours that the file may have on disk. */
    public Set<StoredLabel> everApplied() {
        Set<StoredLabel> all = new HashSet<>(earlier);
        applied.ifPresent(all::add);
        return all;
    }

    /** Whether it may carry a label of ours, so that there is something to give back. */
    public boolean isLabelled() {
        return applied.isPresent() || !earlier.isEmpty();
    }

    /**
     * The labels that are ours where the file carries them in this boot. One with a category pair says whose it is. One
     * without may be any tool's: on a file that was given back it is the label of whoever came next.
     */
    public Set<StoredLabel> ours(String boot) {
        Set<StoredLabel> ours = new HashSet<>(everApplied());
        if (givenBackIn.equals(Optional.of(boot))) {
            ours.removeIf(label -> label.level().isEmpty());
        }
        return ours;
    }
}
