package labeler.registry.etcd.value;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import labeler.plan.Sharing;
import labeler.registry.Claim;
import labeler.registry.ClaimId;
import labeler.registry.HostName;
import labeler.registry.SharedFile;
import labeler.registry.ToRestore;
import labeler.selinux.StoredLabel;

/**
 * A file, at {@code files/STORAGE/HANDLE}.
 *
 * @param by the host that claims it, has claimed it first, or gives it back
 * @param claim of the state's beginning
 * @param original its earlier label; empty for no label, and while it is {@link State#NEW}
 * @param applied the label of ours; empty for a file that is only handed over
 * @param earlier other labels of ours that it may have on disk
 * @param path relative to the storage's root
 */
public record FileEntry(
        State state,
        HostName by,
        ClaimId claim,
        Sharing sharing,
        Optional<StoredLabel> original,
        Optional<StoredLabel> applied,
        Set<StoredLabel> earlier,
        String path) {
    public FileEntry {
        earlier = Set.copyOf(earlier);
    }

    public enum State {
        /** Claimed, and nobody has read its label. */
        NEW,
        /** Its earlier label is known, and hosts hold it. */
        HELD,
        /** One host gives its label back, and nobody holds it. */
        RESTORING
    }

    public static FileEntry fresh(HostName by, ClaimId claim, Claim.FreshFile file) {
        return new FileEntry(
                State.NEW, by, claim, file.sharing(), Optional.empty(), file.applied(), Set.of(), file.path());
    }

    public FileEntry read(Optional<StoredLabel> label) {
        return new FileEntry(State.HELD, by, claim, sharing, label, applied, earlier, path);
    }

    public FileEntry restoring(HostName host, ClaimId turn) {
        return new FileEntry(State.RESTORING, host, turn, sharing, original, applied, earlier, path);
    }

    /** Held by this host alone, for another use. */
    public FileEntry heldAnew(HostName host, ClaimId id, Sharing now, Optional<StoredLabel> label) {
        Set<StoredLabel> before = new HashSet<>(earlier);
        if (!applied.equals(label)) {
            applied.ifPresent(before::add);
        }
        return new FileEntry(State.HELD, host, id, now, original, label, before, path);
    }

    public Claim.JoinedFile joined() {
        return new Claim.JoinedFile(original, applied, earlier);
    }

    public boolean isRestoredBy(HostName host) {
        return state == State.RESTORING && by.equals(host);
    }

    public ToRestore toRestore(SharedFile file) {
        Set<StoredLabel> ours = new HashSet<>(earlier);
        applied.ifPresent(ours::add);
        return new ToRestore(file, claim, path, original, ours);
    }
}
