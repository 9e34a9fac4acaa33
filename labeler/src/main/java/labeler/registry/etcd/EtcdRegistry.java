package labeler.registry.etcd;

import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import labeler.etcd.EtcdSettings;
import labeler.etcd.Gateway;
import labeler.etcd.Members;
import labeler.etcd.Result;
import labeler.etcd.Transaction;
import labeler.registry.Answer;
import labeler.registry.Claim;
import labeler.registry.ClaimId;
import labeler.registry.ClaimOutcome;
import labeler.registry.ClaimRequest;
import labeler.registry.HostName;
import labeler.registry.Mine;
import labeler.registry.PairChoice;
import labeler.registry.Refusal;
import labeler.registry.Registry;
import labeler.registry.SharedFile;
import labeler.registry.StorageName;
import labeler.registry.ToRestore;
import labeler.registry.Whereabouts;
import labeler.registry.etcd.value.Entries;
import labeler.registry.etcd.value.HostEntry;
import labeler.registry.etcd.value.Keys;
import labeler.registry.etcd.value.RefusedException;
import labeler.registry.etcd.value.ToldEntry;
import labeler.registry.etcd.value.VmEntry;
import labeler.selinux.CategoryPair;
import labeler.selinux.StoredLabel;
import labeler.vm.VmName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The registry of a cluster, kept in etcd. One object speaks for one host. */
public final class EtcdRegistry implements Registry, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EtcdRegistry.class);

    private final Members members;
    private final Context context;

    private final Abandoned abandoned = new Abandoned();

    /** Held for writing while this host's VMs are listed: a claim, or an end, that came in between would be forgotten. */
    private final ReadWriteLock listing = new ReentrantReadWriteLock();

    private EtcdRegistry(Members members, Context context) {
        this.members = members;
        this.context = context;
    }

    /**
     * The registry of a host that has joined.
     *
     * @throws IOException if the authority's certificate cannot be used
     */
    public static EtcdRegistry of(EtcdSettings settings, Self self, ClusterMemory memory) throws IOException {
        return over(Gateway.to(settings), Keys.STANDARD, self, memory, settings.patience());
    }

    static EtcdRegistry over(Members members, Keys keys, Self self, ClusterMemory memory, Duration patience) {
        Entries entries = new Entries();
        Session session = new Session(members, entries, keys, self, memory);
        return new EtcdRegistry(members, new Context(session, entries, keys, new OwnVms(), new FileGate(), patience));
    }

    private <T> Answer<T> answer(Questions.Step<T> step) {
        return answer(listing.readLock(), step);
    }

    private <T> Answer<T> answer(Lock lock, Questions.Step<T> step) {
        Deadline deadline = context.deadline();
        try {
            return new Answer.Given<>(deadline.holding(lock, () -> step.take(deadline)));
        } catch (RefusedException e) {
            return new Answer.Refused<>(e.refusal());
        }
    }

    private Optional<Refusal> refusal(Questions.Change change) {
        Answer<Boolean> answer = answer(deadline -> {
            change.make(deadline);
            return true;
        });
        return answer instanceof Answer.Refused<Boolean>(Refusal refusal) ? Optional.of(refusal) : Optional.empty();
    }

    @Override
    public Answer<Mine> mine() {
        return answer(listing.writeLock(), deadline -> {
            context.session().begin(deadline);
            abandoned.clear();
            return new Inventory(context, deadline).mine();
        });
    }

    @Override
    public ClaimOutcome claim(ClaimRequest request) {
        Deadline deadline = context.deadline();
        try {
            return deadline.holding(listing.readLock(), () -> claim(request, deadline));
        } catch (RefusedException e) {
            return new ClaimOutcome.NotClaimed(e.refusal(), List.of());
        }
    }

    private ClaimOutcome claim(ClaimRequest request, Deadline deadline) {
        TakeBackSteps takeBack = new TakeBackSteps(context, abandoned, deadline);
        try {
            List<ToRestore> restore = takeBack.takeBack(request.vm());
            if (!restore.isEmpty()) {
                return new ClaimOutcome.NotClaimed(new Refusal.VmOnRecord(request.vm()), restore);
            }
        } catch (RefusedException e) {
            return new ClaimOutcome.NotClaimed(e.refusal(), List.of());
        }
        Set<SharedFile> before =
                context.own().get(request.vm()).map(VmEntry::files).orElse(Set.of());
        ClaimSteps steps = new ClaimSteps(context, request, deadline);
        Refusal refusal;
        try (FileGate.Pass _ = context.gate().claim(steps.files(), deadline)) {
            return new ClaimOutcome.Claimed(steps.claim());
        } catch (RefusedException e) {
            refusal = e.refusal();
        }
        if (!steps.isSent()) {
            return new ClaimOutcome.NotClaimed(refusal, List.of());
        }
        boolean isOfRunning = request.pair() instanceof PairChoice.Kept;
        abandoned.add(request.vm(), new Abandoned.Attempted(steps.id(), before, isOfRunning));
        try {
            return new ClaimOutcome.NotClaimed(refusal, takeBack.takeBack(request.vm()));
        } catch (RefusedException e) {
            LOG.warn("the claim of VM {} is taken back later: {}", request.vm(), e.getMessage());
            return new ClaimOutcome.NotClaimed(refusal, List.of());
        }
    }

    @Override
    public Optional<Refusal> originals(Claim claim, Map<SharedFile, Optional<StoredLabel>> read) {
        return refusal(deadline -> new OriginalSteps(context, deadline).record(claim, read));
    }

    @Override
    public Answer<List<ToRestore>> leave(VmName vm, Collection<SharedFile> files) {
        return answer(deadline -> {
            try (FileGate.Pass _ = context.gate().leave(files, deadline)) {
                return new LeaveSteps(context, deadline).leave(vm, files);
            }
        });
    }

    @Override
    public Optional<Refusal> restored(Collection<ToRestore> files) {
        return refusal(deadline -> {
            new SettleSteps(context, deadline).restored(files);
        });
    }

    @Override
    public Optional<Refusal> end(VmName vm) {
        return refusal(deadline -> new SettleSteps(context, deadline).end(vm));
    }

    @Override
    public Answer<List<ToRestore>> takeOver(HostName fenced, Set<StorageName> storages) {
        return answer(deadline -> {
            String key = context.keys().host(fenced);
            Result read = context.session().read(List.of(new Transaction.Read(key)), deadline);
            if (context.entries()
                    .read(HostEntry.class, key, read)
                    .filter(HostEntry::isFenced)
                    .isEmpty()) {
                throw new RefusedException(new Refusal.NotFenced(fenced));
            }
            List<SharedFile> files = new Inventory(context, deadline)
                    .list(fenced).files().stream()
                            .filter(file -> storages.contains(file.storage()))
                            .toList();
            try (FileGate.Pass _ = context.gate().leave(files, deadline)) {
                context.own().noteLeftovers();
                return new LeaveSteps(context, deadline)
                        .takeOver(fenced, read.value(key).orElseThrow(), files);
            }
        });
    }

    @Override
    public Answer<List<ToRestore>> settle(Set<CategoryPair> carried) {
        return answer(deadline -> {
            List<ToRestore> restore = new TakeBackSteps(context, abandoned, deadline).takeBackAll();
            new SettleSteps(context, deadline).settle(carried);
            context.session().remember();
            return restore;
        });
    }

    @Override
    public Answer<Map<SharedFile, Set<HostName>>> otherHolders() {
        return answer(deadline ->
                new Inventory(context, deadline).otherHolders(context.own().files()));
    }

    @Override
    public Answer<Whereabouts> whereabouts(ClaimRequest request) {
        return answer(deadline -> new PairDraw(context, request, deadline).whereabouts());
    }

    @Override
    public Answer<Set<HostName>> otherUsers(SharedFile file, CategoryPair pair) {
        return answer(deadline -> new Inventory(context, deadline).otherUsers(file, pair));
    }

    /** Tells people that this host's service is there; to be called every ten seconds. */
    public Optional<Refusal> beat() {
        return refusal(deadline -> new Heartbeat(members, context).beat(deadline));
    }

    /** Says that this host has told all that its journal holds. */
    public Optional<Refusal> told(ClaimId rebuild, List<String> conflicts) {
        return say(ToldEntry.all(rebuild, conflicts));
    }

    /** Says that the registry has nothing of this host any more that its journal does not hold. */
    public Optional<Refusal> cleared(ClaimId rebuild) {
        return say(ToldEntry.cleared(rebuild));
    }

    private Optional<Refusal> say(ToldEntry entry) {
        String key = context.keys().told(context.host());
        String text = context.entries().write(entry);
        Transaction transaction = new Transaction(List.of(), List.of(Transaction.Put.of(key, text)), List.of());
        return refusal(deadline -> {
            while (!(context.session().run(transaction, deadline) instanceof Session.Committed)) {
                // Its answer was lost, and it may be said twice.
            }
        });
    }

    @Override
    public void close() {
        members.close();
    }
}
