package labeler.registry.etcd;

import java.util.Optional;
import labeler.plan.Sharing;
import labeler.registry.Claim;
import labeler.registry.ClaimId;
import labeler.registry.HostName;
import labeler.registry.WantedFile;
import labeler.registry.etcd.value.FileEntry;
import labeler.selinux.CategoryPair;
import labeler.selinux.StoredLabel;

/** The effect of a claim on one file, as far as the registry shows the file now. */
sealed interface FileDecision {
    /** Nobody holds it. */
    record Make(Claim.FreshFile file) implements FileDecision {}

    /** Others hold it in the same way. */
    record Join(FileEntry entry) implements FileDecision {}

    /**
     * Nobody else holds it, and its earlier label is known.
     *
     * @param isHeld whether this host holds it already; otherwise it was about to give it back
     */
    record HoldAnew(FileEntry entry, boolean isHeld) implements FileDecision {}

    /** A host is about to do something with it, which takes seconds. */
    record Wait(HostName host, String doing) implements FileDecision {}

    /** Others hold it in another way. */
    record Refuse(Sharing sharing) implements FileDecision {}

    /**
     * The claim's side.
     *
     * @param isMoving whether the VM runs on another host already, and has the file there: both have it for a while
     */
    record Claimant(HostName host, ClaimId id, CategoryPair pair, boolean isMoving) {}

    /**
     * Decides.
     *
     * @param isOwn whether this VM has the file, and no other VM of this host
     */
    static FileDecision of(WantedFile wanted, Optional<FileEntry> found, Claimant claimant, boolean isOwn) {
        Optional<StoredLabel> label = wanted.label().apply(claimant.pair());
        if (found.isEmpty()) {
            return new Make(new Claim.FreshFile(wanted.file(), wanted.path(), wanted.sharing(), label));
        }
        FileEntry entry = found.get();
        return switch (entry.state()) {
            case NEW -> new Wait(entry.by(), "is claiming");
            case RESTORING ->
                entry.by().equals(claimant.host())
                        ? new HoldAnew(entry.heldAnew(claimant.host(), claimant.id(), wanted.sharing(), label), false)
                        : new Wait(entry.by(), "is giving back");
            case HELD -> {
                boolean isAlike =
                        entry.sharing() == wanted.sharing() && entry.applied().equals(label);
                if (isAlike && (entry.sharing().allowsOthers() || claimant.isMoving() || isOwn)) {
                    yield new Join(entry);
                }
                yield isOwn
                        ? new HoldAnew(entry.heldAnew(claimant.host(), claimant.id(), wanted.sharing(), label), true)
                        : new Refuse(entry.sharing());
            }
        };
    }
}
