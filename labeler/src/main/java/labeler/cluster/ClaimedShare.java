package labeler.cluster;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import labeler.journal.FileRecord;
import labeler.lifecycle.hold.Holdings;
import labeler.lifecycle.hold.OtherHosts;
import labeler.linux.FileIdentity;
import labeler.plan.HeldFiles;
import labeler.problem.Problem;
import labeler.registry.Claim;
import labeler.registry.Refusal;
import labeler.registry.SharedFile;
import labeler.selinux.Level;
import labeler.selinux.StoredLabel;

/** The pair and the files that the registry has granted to one VM. */
final class ClaimedShare implements OtherHosts.Share {
    private final RegistryLink link;
    private final Holdings holdings;
    private final Grant grant;
    private final AtomicBoolean isRecorded = new AtomicBoolean();
    private final AtomicBoolean isOver = new AtomicBoolean();

    ClaimedShare(RegistryLink link, Holdings holdings, Grant grant) {
        this.link = link;
        this.holdings = holdings;
        this.grant = grant;
    }

    /**
     * The facts of a grant.
     *
     * @param level that was drawn; empty if somebody else had chosen it
     * @param wereGoingBack files that this host was about to give back
     * @param end what becomes of it
     */
    record Grant(Claim claim, Optional<Level> level, SharedWishes wishes, Set<SharedFile> wereGoingBack, End end) {}

    /**
     * The end of a grant.
     *
     * @param giveBack the VM has failed, and its labels are about to go back
     * @param failed the VM has failed and is off the record
     */
    record End(PendingClaims claims, PendingClaims.PendingClaim pending, Runnable giveBack, Runnable failed) {
        /** The VM has it, or has failed and is off the record. */
        void over(boolean isKept) {
            if (!isKept) {
                failed.run();
            }
            claims.over(pending, isKept);
        }

        /** The files of it that the VM has left since, or is leaving. */
        Set<SharedFile> lost() {
            return claims.lost(pending);
        }
    }

    @Override
    public Optional<Level> level() {
        return grant.level();
    }

    @Override
    public HeldFiles held(HeldFiles here) {
        return new SharedHolds(here, grant.claim(), grant.wishes().files(), grant.wereGoingBack());
    }

    /** The VM and its files are on the local record by now, and nothing leaves them from here on. */
    @Override
    public Optional<Problem> record(Map<FileIdentity, Optional<StoredLabel>> originals) {
        Optional<SharedFile> lost = grant.end().lost().stream().findFirst();
        return lost.isPresent() ? lost.map(this::lost) : tell(originals);
    }

    private Problem lost(SharedFile file) {
        String why =
                "the cluster's registry does not have it for this VM any more, since it was left meanwhile; try again";
        return Optional.ofNullable(grant.wishes().paths().get(file))
                .map(path -> Problem.of(Problem.Kind.IN_USE, path, why))
                .orElseGet(() -> Problem.of(Problem.Kind.IN_USE, "file " + file + ": " + why));
    }

    private Optional<Problem> tell(Map<FileIdentity, Optional<StoredLabel>> originals) {
        if (grant.claim().fresh().isEmpty() || isRecorded.get()) {
            return Optional.empty();
        }
        Set<SharedFile> unread = grant.claim().unread();
        Map<SharedFile, Optional<StoredLabel>> read = new HashMap<>();
        grant.wishes().files().forEach((identity, shared) -> {
            if (unread.contains(shared.file())) {
                read.put(
                        shared.file(),
                        originals.containsKey(identity)
                                ? originals.get(identity)
                                : holdings.file(identity).flatMap(FileRecord::original));
            }
        });
        Optional<Refusal> refusal = link.registry().originals(grant.claim(), read);
        refusal.ifPresent(link::note);
        isRecorded.set(refusal.isEmpty());
        return refusal.map(one -> Refusals.problem(one, grant.wishes().paths()));
    }

    @Override
    public void giveBack() {
        grant.end().giveBack().run();
    }

    @Override
    public void over(boolean isKept) {
        if (isOver.compareAndSet(false, true)) {
            grant.end().over(isKept);
        }
    }
}
