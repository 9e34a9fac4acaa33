package labeler.registry.etcd;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import labeler.etcd.Result;
import labeler.registry.Claim;
import labeler.registry.ClaimId;
import labeler.registry.ClaimRequest;
import labeler.registry.HostName;
import labeler.registry.PairChoice;
import labeler.registry.Refusal;
import labeler.registry.SharedFile;
import labeler.registry.WantedFile;
import labeler.registry.etcd.FileDecision.HoldAnew;
import labeler.registry.etcd.FileDecision.Join;
import labeler.registry.etcd.FileDecision.Make;
import labeler.registry.etcd.FileDecision.Refuse;
import labeler.registry.etcd.FileDecision.Wait;
import labeler.registry.etcd.value.FileEntry;
import labeler.registry.etcd.value.HolderEntry;
import labeler.registry.etcd.value.RefusedException;
import labeler.registry.etcd.value.VmEntry;
import labeler.selinux.CategoryPair;

/** One claim. Each of its transactions makes all of its keys, or none; a lost answer is settled by reading. */
final class ClaimSteps {
    private static final Duration PAUSE = Duration.ofMillis(25);

    private final Context context;
    private final ClaimRequest request;
    private final Deadline deadline;
    private final ClaimId id = ClaimId.fresh();
    private final List<WantedFile> files;
    private final Map<SharedFile, Claim.JoinedFile> joined = new HashMap<>();
    private final List<Claim.FreshFile> fresh = new ArrayList<>();
    private final PairDraw pairs;
    private final Set<SharedFile> before;
    private boolean isSent;

    ClaimSteps(Context context, ClaimRequest request, Deadline deadline) {
        this.context = context;
        this.request = request;
        this.deadline = deadline;
        // In one order on all hosts, so that of two that want the same files one gets them.
        this.files = request.files().stream()
                .sorted(Comparator.comparing(WantedFile::file))
                .toList();
        this.pairs = new PairDraw(context, request, deadline);
        this.before = files.stream()
                .map(WantedFile::file)
                .filter(file -> context.own().isAlone(request.vm(), file))
                .collect(Collectors.toSet());
    }

    Claim claim() throws RefusedException {
        pairs.begin();
        boolean isFirst = true;
        int most = request.pair() instanceof PairChoice.Kept ? Context.FILES_OF_A_RUNNING_VM : Context.FILES;
        for (List<WantedFile> part : Context.parts(files, most)) {
            claim(part, isFirst);
            isFirst = false;
        }
        return new Claim(id, request.vm(), pairs.pair(), joined, fresh);
    }

    Set<SharedFile> files() {
        return files.stream().map(WantedFile::file).collect(Collectors.toCollection(TreeSet::new));
    }

    /** Whether something of it may be in the registry. */
    boolean isSent() {
        return isSent;
    }

    ClaimId id() {
        return id;
    }

    private void claim(List<WantedFile> part, boolean isFirst) throws RefusedException {
        Optional<Result> known = Optional.empty();
        Turns turns = new Turns();
        while (true) {
            Map<WantedFile, FileDecision> decisions = new LinkedHashMap<>();
            for (WantedFile wanted : part) {
                decisions.put(wanted, decide(wanted, known));
            }
            Optional<Map.Entry<WantedFile, FileDecision>> obstacle = decisions.entrySet().stream()
                    .filter(one -> one.getValue() instanceof Wait || one.getValue() instanceof Refuse)
                    .findFirst();
            if (obstacle.isPresent()) {
                waitFor(obstacle.get());
                known = Optional.of(read(part));
                continue;
            }
            Attempt attempt = new Attempt(context, request, id, pairs, isFirst);
            for (Map.Entry<WantedFile, FileDecision> one : decisions.entrySet()) {
                attempt.add(one.getKey(), one.getValue(), known);
            }
            VmEntry entry = entry();
            isSent = true;
            Session.Run run = context.session().run(attempt.build(entry, part), deadline);
            if (run instanceof Session.Committed) {
                committed(entry, decisions);
                return;
            }
            Result now = run instanceof Session.Failed(Result result) ? result : read(part);
            if (isThere(now, part, isFirst, run)) {
                committed(entry, decisions);
                return;
            }
            refuseIfOthersHold(decisions, now);
            known = Optional.of(now);
            turns.next();
        }
    }

    /** Attempts in vain. Each draw of a pair begins them anew. */
    private final class Turns {
        private CategoryPair pair = pairs.pair();
        private int count;

        /** The first attempt is made without a look, so the second one is not put off. */
        void next() throws RefusedException {
            if (deadline.isOver()) {
                throw new RefusedException(new Refusal.Contended());
            }
            count = pairs.pair().equals(pair) ? count + 1 : 1;
            pair = pairs.pair();
            if (count > 1) {
                deadline.pause(PAUSE);
            }
        }
    }

    /** A file that this host alone may use in another way: who else holds it stands in no key that was read. */
    private void refuseIfOthersHold(Map<WantedFile, FileDecision> decisions, Result now) throws RefusedException {
        for (Map.Entry<WantedFile, FileDecision> one : decisions.entrySet()) {
            WantedFile wanted = one.getKey();
            Optional<FileEntry> held =
                    context.file(wanted.file(), now).filter(entry -> entry.state() == FileEntry.State.HELD);
            if (one.getValue() instanceof HoldAnew(FileEntry _, boolean isHeld) && isHeld && held.isPresent()) {
                Set<HostName> others = new TreeSet<>(context.holders(wanted.file(), deadline));
                others.remove(context.host());
                if (!others.isEmpty()) {
                    throw new RefusedException(new Refusal.InUse(
                            wanted.file(), wanted.path(), held.get().sharing(), others));
                }
            }
        }
    }

    /** The entry names all files from the first transaction on: whatever happens, a recovery finds them. */
    private VmEntry entry() {
        Set<SharedFile> all = files();
        return context.own()
                .get(request.vm())
                .map(before -> before.with(id, all))
                .orElseGet(() -> new VmEntry(
                                id,
                                request.uuid(),
                                pairs.pair(),
                                context.session().self().boot(),
                                Set.of(),
                                pairs.filesOfLastRun())
                        .with(id, all));
    }

    private FileDecision decide(WantedFile wanted, Optional<Result> known) throws RefusedException {
        Optional<FileEntry> found = known.isPresent() ? context.file(wanted.file(), known.get()) : Optional.empty();
        FileDecision.Claimant claimant =
                new FileDecision.Claimant(context.host(), id, pairs.pair(), pairs.comesWith(wanted.file()));
        // A host that was fenced may have lost a file that its VM still has on record.
        String holder = context.keys().holder(wanted.file(), context.host());
        boolean isHeldHere = known.flatMap(one -> one.value(holder)).isPresent();
        return FileDecision.of(wanted, found, claimant, isHeldHere && before.contains(wanted.file()));
    }

    private void waitFor(Map.Entry<WantedFile, FileDecision> obstacle) throws RefusedException {
        WantedFile wanted = obstacle.getKey();
        if (obstacle.getValue() instanceof Wait(var host, String doing)) {
            if (deadline.isOver()) {
                throw new RefusedException(new Refusal.Busy(wanted.file(), wanted.path(), host, doing));
            }
            deadline.pause(PAUSE);
        } else if (obstacle.getValue() instanceof Refuse(var sharing)) {
            throw new RefusedException(
                    new Refusal.InUse(wanted.file(), wanted.path(), sharing, context.holders(wanted.file(), deadline)));
        }
    }

    private Result read(List<WantedFile> part) throws RefusedException {
        return context.session().read(Attempt.reads(context, request.vm(), pairs.pair(), part), deadline);
    }

    /** Whether this very claim is there after all. If not, says what keeps it from being there. */
    private boolean isThere(Result now, List<WantedFile> part, boolean isFirst, Session.Run run)
            throws RefusedException {
        String key = context.keys().vm(context.host(), request.vm());
        Optional<VmEntry> vm = context.entries().read(VmEntry.class, key, now);
        boolean isOurs = vm.filter(entry -> entry.claim().equals(id)).isPresent();
        if (!isFirst) {
            boolean isThere = run instanceof Session.Unknown && areClaimed(part, now);
            if (!isThere) {
                pairs.checkSource();
            }
            return isThere;
        }
        if (isOurs) {
            return true;
        }
        boolean isKept = request.pair() instanceof PairChoice.Kept;
        if (!isKept && vm.isPresent()) {
            throw new RefusedException(new Refusal.VmOnRecord(request.vm()));
        }
        if (isKept && vm.isEmpty()) {
            throw new RefusedException(new Refusal.NoSuchVm(request.vm()));
        }
        pairs.refused(now);
        return false;
    }

    /** A later part made, joined or took back at least one record, or holder, under this claim's id. */
    private boolean areClaimed(List<WantedFile> part, Result now) throws RefusedException {
        for (WantedFile wanted : part) {
            String key = context.keys().holder(wanted.file(), context.host());
            Optional<HolderEntry> holder = context.entries().read(HolderEntry.class, key, now);
            if (holder.filter(one -> one.claim().equals(id)).isEmpty()) {
                return false;
            }
        }
        return true;
    }

    private void committed(VmEntry entry, Map<WantedFile, FileDecision> decisions) {
        context.own().put(request.vm(), entry);
        decisions.forEach((wanted, decision) -> {
            switch (decision) {
                case Make(Claim.FreshFile file) -> fresh.add(file);
                case Join(FileEntry file) -> joined.put(wanted.file(), file.joined());
                case HoldAnew(FileEntry file, boolean _) -> joined.put(wanted.file(), file.joined());
                case Wait _, Refuse _ -> throw new IllegalStateException("a claim in spite of " + decision);
            }
        });
    }
}
