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
 * VMs that start, or take more files, until their files are on the local record. Meanwhile another thread may leave one of
 * the files, since nothing but this tells that it is wanted: then the errand has lost it, and fails.
 */
final class Errands {
    /** In the order in which they began. */
    private final List<Errand> errands = new ArrayList<>();

    /** What is being left now. */
    private final List<Leaving> leaving = new ArrayList<>();

    /** One start, or one request of a VM that runs. Its sets belong to the errands' monitor. */
    static final class Errand {
        private final VmName vm;
        private final boolean isStart;
        private final Set<SharedFile> claimed = new HashSet<>();
        private final Set<SharedFile> lost = new HashSet<>();

        /** Files that other errands of the VM have brought it meanwhile. */
        private final Set<SharedFile> keptByOthers = new HashSet<>();

        private Errand(VmName vm, boolean isStart) {
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

    synchronized Errand start(VmName vm) {
        return begun(new Errand(vm, true));
    }

    synchronized Errand join(VmName vm) {
        return begun(new Errand(vm, false));
    }

    private Errand begun(Errand errand) {
        errands.add(errand);
        return errand;
    }

    /** The VM has it all on record, or has failed. */
    synchronized void over(Errand errand, boolean isKept) {
        errands.removeIf(one -> one == errand);
        if (isKept) {
            of(errand.vm).forEach(other -> other.keptByOthers.addAll(errand.claimed));
        }
    }

    private List<Errand> of(VmName vm) {
        return errands.stream().filter(errand -> errand.vm.equals(vm)).toList();
    }

    /** Whether the VM starts. */
    synchronized boolean isUnderWay(VmName vm) {
        return of(vm).stream().anyMatch(errand -> errand.isStart);
    }

    /** Whether the VM may have more files than the local record says. */
    synchronized boolean mayHaveMore(VmName vm) {
        return !of(vm).isEmpty();
    }

    /** Whether no other start of that name has begun before: what the registry has of the VM may be that one's. */
    synchronized boolean isFirst(Errand errand) {
        return of(errand.vm).stream()
                .filter(one -> one.isStart)
                .findFirst()
                .filter(one -> one == errand)
                .isPresent();
    }

    /** The registry is asked for files: what was left until now, it gives anew. */
    synchronized void asks(Errand errand) {
        errand.lost.clear();
    }

    /** The registry has given these. */
    synchronized void claimed(Errand errand, Collection<SharedFile> files) {
        errand.claimed.addAll(files);
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
            of(one.vm).forEach(errand -> errand.lost.addAll(one.files));
        }
    }

    /** All that VMs have after the registry was asked for everything. */
    synchronized void areHeld(Map<VmName, Set<SharedFile>> held) {
        for (Errand errand : errands) {
            Set<SharedFile> gone = new HashSet<>(errand.claimed);
            gone.removeAll(held.getOrDefault(errand.vm, Set.of()));
            errand.lost.addAll(gone);
        }
    }

    /** The files of the errand that the VM has left since, or is leaving. */
    synchronized Set<SharedFile> lost(Errand errand) {
        Set<SharedFile> lost = new HashSet<>(errand.lost);
        leaving.stream().filter(one -> one.vm.equals(errand.vm)).forEach(one -> lost.addAll(one.files));
        lost.retainAll(errand.claimed);
        return lost;
    }

    /** Those of an errand's files that no other errand of the VM has claimed as well. */
    synchronized Set<SharedFile> onlyOf(Errand errand, Collection<SharedFile> files) {
        Set<SharedFile> own = new HashSet<>(files);
        own.removeAll(errand.keptByOthers);
        of(errand.vm).stream().filter(other -> other != errand).forEach(other -> own.removeAll(other.claimed));
        return own;
    }
}
