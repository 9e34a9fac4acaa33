package labeler.cluster;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import labeler.registry.SharedFile;
import labeler.vm.VmName;

/**
 * Claims of VMs that start, or take more files, until the files are on the local record. Meanwhile another thread may leave one of
 * the files, since nothing but this tells that it is wanted: then the claim has lost it, and fails.
 */
final class PendingClaims {
    /** In the order in which they began. */
    private final List<PendingClaim> claims = new ArrayList<>();

    /** Files that are being left now. */
    private final List<Leaving> leaving = new ArrayList<>();

    /** One start, or one request of a VM that runs. Its sets belong to the claims' monitor. */
    static final class PendingClaim {
        private final VmName vm;
        private final boolean isStart;
        private final Set<SharedFile> claimed = new HashSet<>();
        private final Set<SharedFile> lost = new HashSet<>();

        /** Files that other claims of the VM have brought it meanwhile. */
        private final Set<SharedFile> keptByOthers = new HashSet<>();

        private PendingClaim(VmName vm, boolean isStart) {
            this.vm = vm;
            this.isStart = isStart;
        }
    }

    /** A VM leaves files, until it is closed. */
    final class Leaving implements AutoCloseable {
        private final VmName vm;
        private final Set<SharedFile> files;
        private boolean isCancelled;

        private Leaving(VmName vm, Collection<SharedFile> files) {
            this.vm = vm;
            this.files = Set.copyOf(files);
        }

        /** Nobody was asked, and the VM keeps them. */
        void cancel() {
            isCancelled = true;
        }

        /** Also if nobody has answered: they may be left all the same. */
        @Override
        public void close() {
            isLeft(this);
        }
    }

    synchronized PendingClaim start(VmName vm) {
        return begun(new PendingClaim(vm, true));
    }

    synchronized PendingClaim join(VmName vm) {
        return begun(new PendingClaim(vm, false));
    }

    private PendingClaim begun(PendingClaim claim) {
        claims.add(claim);
        return claim;
    }

    /** The VM has it all on record, or has failed. */
    synchronized void over(PendingClaim claim, boolean isKept) {
        claims.removeIf(one -> one == claim);
        if (isKept) {
            of(claim.vm).forEach(other -> other.keptByOthers.addAll(claim.claimed));
        }
    }

    private List<PendingClaim> of(VmName vm) {
        return claims.stream().filter(claim -> claim.vm.equals(vm)).toList();
    }

    /** Whether the VM starts. */
    synchronized boolean isUnderWay(VmName vm) {
        return of(vm).stream().anyMatch(claim -> claim.isStart);
    }

    /** Whether the VM may have more files than the local record says. */
    synchronized boolean mayHaveMore(VmName vm) {
        return !of(vm).isEmpty();
    }

    /** Whether no other start of that name has begun before: what the registry has of the VM may be that one's. */
    synchronized boolean isFirst(PendingClaim claim) {
        return of(claim.vm).stream()
                .filter(one -> one.isStart)
                .findFirst()
                .filter(one -> one == claim)
                .isPresent();
    }

    /** The registry is asked for files: what was left until now, it gives anew. */
    synchronized void asks(PendingClaim claim) {
        claim.lost.clear();
    }

    /** The registry has given these. */
    synchronized void claimed(PendingClaim claim, Collection<SharedFile> files) {
        claim.claimed.addAll(files);
    }

    /** These are being left. Said before anybody is asked. */
    synchronized Leaving leaves(VmName vm, Collection<SharedFile> files) {
        Leaving one = new Leaving(vm, files);
        leaving.add(one);
        return one;
    }

    private synchronized void isLeft(Leaving one) {
        leaving.removeIf(other -> other == one);
        if (!one.isCancelled) {
            of(one.vm).forEach(claim -> claim.lost.addAll(one.files));
        }
    }

    /** All that VMs have after the registry was asked for everything. */
    synchronized void areHeld(Map<VmName, Set<SharedFile>> held) {
        for (PendingClaim claim : claims) {
            Set<SharedFile> gone = new HashSet<>(claim.claimed);
            gone.removeAll(held.getOrDefault(claim.vm, Set.of()));
            claim.lost.addAll(gone);
        }
    }

    /** The files of the claim that the VM has left since, or is leaving. */
    synchronized Set<SharedFile> lost(PendingClaim claim) {
        Set<SharedFile> lost = new HashSet<>(claim.lost);
        leaving.stream().filter(one -> one.vm.equals(claim.vm)).forEach(one -> lost.addAll(one.files));
        lost.retainAll(claim.claimed);
        return lost;
    }

    /** Those of a claim's files that no other claim of the VM has claimed as well. */
    synchronized Set<SharedFile> onlyOf(PendingClaim claim, Collection<SharedFile> files) {
        Set<SharedFile> own = new HashSet<>(files);
        own.removeAll(claim.keptByOthers);
        of(claim.vm).stream().filter(other -> other != claim).forEach(other -> own.removeAll(other.claimed));
        return own;
    }
}
