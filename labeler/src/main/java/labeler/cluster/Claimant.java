package labeler.cluster;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import labeler.journal.VmRecord;
import labeler.lifecycle.hold.Holdings;
import labeler.lifecycle.hold.OtherHosts;
import labeler.lifecycle.hold.OtherHosts.Agreed;
import labeler.lifecycle.hold.OtherHosts.Answer;
import labeler.lifecycle.hold.OtherHosts.Newcomer;
import labeler.lifecycle.hold.OtherHosts.NotAgreed;
import labeler.lifecycle.hold.OtherHosts.Wish;
import labeler.lifecycle.hold.ReservedShare;
import labeler.lifecycle.plan.LevelWish;
import labeler.problem.Problem;
import labeler.registry.Claim;
import labeler.registry.ClaimOutcome;
import labeler.registry.ClaimRequest;
import labeler.registry.HostName;
import labeler.registry.PairChoice;
import labeler.registry.Refusal;
import labeler.registry.ReservedPair;
import labeler.registry.SharedFile;
import labeler.registry.ToRestore;
import labeler.registry.Whereabouts;
import labeler.selinux.CategoryPair;
import labeler.selinux.Level;
import labeler.vm.VmName;

/** Asks the registry for what a VM needs that other hosts may have: its pair, and its files on shared storage. */
record Claimant(
        RegistryLink link,
        OwnClaims own,
        PairReserve reserve,
        SharedReturns returns,
        Holdings holdings,
        Upkeep.Places places) {
    /** For a pair that this host itself is about to free. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final Duration PAUSE = Duration.ofMillis(200);

    /** A VM that starts. */
    Answer start(Newcomer vm) {
        if (ReservedPair.is(vm.vm())) {
            return new NotAgreed(List.of(Problem.of(
                    Problem.Kind.UNSUPPORTED,
                    "the cluster has pairs in reserve under names like " + vm.vm() + "; give the VM another name")));
        }
        SharedWishes wishes = SharedWishes.of(vm.files(), places.mounted(), places.unregistered());
        if (!wishes.problems().isEmpty()) {
            return new NotAgreed(wishes.problems());
        }
        Optional<Answer> reserved = wishes.isEmpty() ? reserved(vm.level()) : Optional.empty();
        return reserved.orElseGet(() -> claim(vm, wishes));
    }

    /** A pair of the reserve; empty if it has none for this VM. */
    private Optional<Answer> reserved(LevelWish wish) {
        return switch (wish) {
            case LevelWish.Given(Level level) ->
                reserve.has(level.pair()) ? Optional.of(OtherHosts.everything()) : Optional.empty();
            case LevelWish.Drawn drawn ->
                reserve.pick(drawn.isFree())
                        .map(pair -> new Agreed(
                                new ReservedShare(Optional.of(drawn.at().apply(pair)), () -> reserve.putBack(pair))));
        };
    }

    private Answer claim(Newcomer vm, SharedWishes wishes) {
        PendingClaims.PendingClaim pending = own.pendingClaims().start(vm.vm());
        return overUnlessClaimed(pending, () -> {
            Optional<Answer> moved = vm.isArriving() ? moved(vm, wishes, pending) : Optional.empty();
            return moved.orElseGet(() -> claim(vm, wishes, pending, System.nanoTime() + PATIENCE.toNanos()));
        });
    }

    private Answer claim(Newcomer vm, SharedWishes wishes, PendingClaims.PendingClaim pending, long deadline) {
        Optional<Refusal> obstacle = link.obstacle();
        if (obstacle.isPresent()) {
            return refused(obstacle.get(), wishes);
        }
        ClaimRequest request = new ClaimRequest(vm.vm(), vm.uuid(), choice(vm.level()), wishes.wanted(vm.contexts()));
        own.pendingClaims().asks(pending);
        return switch (link.registry().claim(request)) {
            case ClaimOutcome.Claimed(Claim claim) -> granted(vm, wishes, pending, claim);
            case ClaimOutcome.NotClaimed(Refusal refusal, List<ToRestore> restore) -> {
                own.restore(restore);
                if (refusal instanceof Refusal.VmOnRecord
                        && !own.pendingClaims().isFirst(pending)) {
                    yield new NotAgreed(List.of(Problem.of(
                            Problem.Kind.ALREADY_RUNNING,
                            "VM " + vm.vm() + " is being started by another request; wait until that has ended")));
                }
                yield System.nanoTime() < deadline && mend(refusal, vm.vm()) && pause()
                        ? claim(vm, wishes, pending, deadline)
                        : refused(refusal, wishes);
            }
        };
    }

    private Answer granted(Newcomer vm, SharedWishes wishes, PendingClaims.PendingClaim pending, Claim claim) {
        own.explain(Set.of(vm.vm()));
        own.pendingClaims().claimed(pending, files(wishes));
        Set<SharedFile> goingBack = own.claimed(vm.vm(), files(wishes));
        Optional<Problem> unknown = wishes.learned(places.mounted());
        if (unknown.isPresent()) {
            Optional<Refusal> _ = returns.leave(vm.vm()).or(() -> returns.end(vm.vm()));
            return new NotAgreed(List.of(unknown.get()));
        }
        Optional<Level> level = vm.level() instanceof LevelWish.Drawn drawn
                ? Optional.of(drawn.at().apply(claim.pair()))
                : Optional.empty();
        return new Agreed(new ClaimedShare(
                link, holdings, new ClaimedShare.Grant(claim, level, wishes, goingBack, ofStart(vm.vm(), pending))));
    }

    /**
     * A VM that waits for its guest: it takes the pair and the files of the host on which the guest runs, which has them as
     * well until one of the two ends. Empty if no host has this VM: then its guest comes from a file, say.
     */
    private Optional<Answer> moved(Newcomer vm, SharedWishes wishes, PendingClaims.PendingClaim pending) {
        Optional<Refusal> obstacle = link.obstacle();
        if (obstacle.isPresent()) {
            return Optional.of(refused(obstacle.get(), wishes));
        }
        ClaimRequest request =
                new ClaimRequest(vm.vm(), vm.uuid(), new PairChoice.Moving(), wishes.wanted(vm.contexts()));
        own.pendingClaims().asks(pending);
        return switch (link.registry().claim(request)) {
            case ClaimOutcome.Claimed(Claim claim) -> {
                Answer answer = granted(vm, wishes, pending, claim);
                Optional<Problem> unfit = unfit(vm.level(), claim.pair());
                if (answer instanceof Agreed && unfit.isPresent()) {
                    Optional<Refusal> _ = returns.leave(vm.vm()).or(() -> returns.end(vm.vm()));
                    answer = new NotAgreed(List.of(unfit.get()));
                }
                yield Optional.of(answer);
            }
            case ClaimOutcome.NotClaimed(Refusal refusal, List<ToRestore> restore) -> {
                own.restore(restore);
                yield refusal instanceof Refusal.NotMoving ? Optional.empty() : Optional.of(refused(refusal, wishes));
            }
        };
    }

    /** Where a VM runs that is about to come. */
    OtherHosts.Whereabouts whereabouts(Newcomer vm) {
        SharedWishes wishes = SharedWishes.of(vm.files(), places.mounted(), places.unregistered());
        if (!wishes.problems().isEmpty()) {
            return new OtherHosts.MayNotCome(wishes.problems());
        }
        if (wishes.isEmpty()) {
            return new OtherHosts.Nowhere();
        }
        Optional<Refusal> obstacle = link.obstacle();
        if (obstacle.isPresent()) {
            return new OtherHosts.MayNotCome(problems(obstacle.get(), wishes));
        }
        ClaimRequest request =
                new ClaimRequest(vm.vm(), vm.uuid(), new PairChoice.Moving(), wishes.wanted(vm.contexts()));
        return switch (link.registry().whereabouts(request)) {
            case labeler.registry.Answer.Given<Whereabouts>(Whereabouts found) ->
                unfit(vm.level(), found.pair())
                        .<OtherHosts.Whereabouts>map(problem -> new OtherHosts.MayNotCome(List.of(problem)))
                        .orElseGet(() -> new OtherHosts.RunsOn(found.host().value(), found.pair()));
            case labeler.registry.Answer.Refused<Whereabouts>(Refusal.NotMoving _) -> new OtherHosts.Nowhere();
            case labeler.registry.Answer.Refused<Whereabouts>(Refusal refusal) ->
                new OtherHosts.MayNotCome(problems(refusal, wishes));
        };
    }

    /** Why a VM cannot have this pair here, at which it runs on another host. */
    private static Optional<Problem> unfit(LevelWish wish, CategoryPair pair) {
        String runs = "the VM runs at " + pair + " on the host from which it comes";
        return switch (wish) {
            case LevelWish.Given(Level level) ->
                level.pair().equals(pair)
                        ? Optional.empty()
                        : Optional.of(Problem.of(
                                Problem.Kind.LEVEL_IN_USE,
                                runs + "; start it at that level, or let the service choose"));
            case LevelWish.Drawn drawn ->
                drawn.range().contains(pair)
                        ? Optional.empty()
                        : Optional.of(Problem.of(
                                Problem.Kind.NO_FREE_PAIR,
                                runs + ", and VMs of this host have pairs of " + drawn.range()
                                        + " only; give both hosts one mcs.range"));
        };
    }

    private static PairChoice choice(LevelWish wish) {
        return switch (wish) {
            case LevelWish.Given(Level level) -> new PairChoice.Given(level.pair());
            case LevelWish.Drawn drawn -> new PairChoice.Drawn(drawn.draws());
        };
    }

    /**
     * Takes out of the way what this host itself had there.
     *
     * @return whether it was in the way, and may not be any more
     */
    private boolean mend(Refusal refusal, VmName vm) {
        // It ended here while the registry was away.
        boolean isOld = refusal instanceof Refusal.VmOnRecord && settleEnd(vm);
        // Another VM of this host had the pair, and its end is not settled yet.
        boolean isOwn = refusal instanceof Refusal.PairTaken(CategoryPair _, HostName by)
                && by.equals(link.host())
                && settlePairs();
        return isOld || isOwn;
    }

    /** @return false if interrupted */
    private static boolean pause() {
        try {
            Thread.sleep(PAUSE);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /**
     * Tells the registry which pairs this host still has.
     *
     * @return whether it knows
     */
    private boolean settlePairs() {
        return switch (link.registry().settle(holdings.pairs())) {
            case labeler.registry.Answer.Given<List<ToRestore>>(List<ToRestore> restore) -> {
                own.restore(restore);
                yield true;
            }
            case labeler.registry.Answer.Refused<List<ToRestore>> _ -> false;
        };
    }

    /**
     * Takes a VM that has ended here out of the registry.
     *
     * @return whether nothing of it is there any more
     */
    private boolean settleEnd(VmName vm) {
        return holdings.vm(vm).isEmpty()
                && own.unexplained(vm).isEmpty()
                && returns.leave(vm).isEmpty()
                && returns.end(vm).isEmpty();
    }

    private ClaimedShare.End ofStart(VmName vm, PendingClaims.PendingClaim pending) {
        return new ClaimedShare.End(own.pendingClaims(), pending, () -> returns.leave(vm), () -> {
            // A VM that is still on record has its own end.
            if (holdings.vm(vm).isEmpty()) {
                Optional<Refusal> _ = returns.leave(vm).or(() -> returns.end(vm));
            }
        });
    }

    /** A VM that runs, and takes more files. */
    Answer join(VmRecord vm, List<Wish> files) {
        SharedWishes wishes = SharedWishes.of(files, places.mounted(), places.unregistered());
        if (!wishes.problems().isEmpty()) {
            return new NotAgreed(wishes.problems());
        }
        if (wishes.isEmpty()) {
            return OtherHosts.everything();
        }
        Optional<Refusal> obstacle = link.obstacle();
        if (obstacle.isPresent()) {
            return refused(obstacle.get(), wishes);
        }
        VmName name = returns.name(vm);
        PendingClaims.PendingClaim pending = own.pendingClaims().join(name);
        return overUnlessClaimed(pending, () -> join(vm, name, wishes, pending));
    }

    private Answer overUnlessClaimed(PendingClaims.PendingClaim pending, Supplier<Answer> claiming) {
        boolean isClaimed = false;
        try {
            Answer answer = claiming.get();
            isClaimed = answer instanceof Agreed;
            return answer;
        } finally {
            if (!isClaimed) {
                own.pendingClaims().over(pending, false);
            }
        }
    }

    private Answer join(VmRecord vm, VmName name, SharedWishes wishes, PendingClaims.PendingClaim pending) {
        Set<SharedFile> fresh = new HashSet<>(files(wishes));
        fresh.removeAll(own.heldFiles(name));
        ClaimRequest request =
                new ClaimRequest(name, Optional.empty(), new PairChoice.Kept(), wishes.wanted(_ -> vm.contexts()));
        own.pendingClaims().asks(pending);
        return switch (link.registry().claim(request)) {
            case ClaimOutcome.Claimed(Claim claim) -> {
                own.pendingClaims().claimed(pending, files(wishes));
                Set<SharedFile> goingBack = own.claimed(name, files(wishes));
                ClaimedShare.End end = ofJoin(name, fresh, pending);
                Optional<Problem> unknown = wishes.learned(places.mounted());
                if (unknown.isPresent()) {
                    end.giveBack().run();
                    yield new NotAgreed(List.of(unknown.get()));
                }
                yield new Agreed(new ClaimedShare(
                        link, holdings, new ClaimedShare.Grant(claim, Optional.empty(), wishes, goingBack, end)));
            }
            case ClaimOutcome.NotClaimed(Refusal refusal, List<ToRestore> restore) -> {
                own.restore(restore);
                yield refused(refusal, wishes);
            }
        };
    }

    private ClaimedShare.End ofJoin(VmName name, Set<SharedFile> fresh, PendingClaims.PendingClaim pending) {
        Runnable giveBack = () -> returns.leave(name, own.pendingClaims().onlyOf(pending, fresh));
        return new ClaimedShare.End(own.pendingClaims(), pending, giveBack, giveBack);
    }

    private static Set<SharedFile> files(SharedWishes wishes) {
        Set<SharedFile> files = new HashSet<>();
        wishes.files().values().forEach(one -> files.add(one.file()));
        return files;
    }

    private Answer refused(Refusal refusal, SharedWishes wishes) {
        return new NotAgreed(problems(refusal, wishes));
    }

    private List<Problem> problems(Refusal refusal, SharedWishes wishes) {
        link.note(refusal);
        return List.of(Refusals.problem(refusal, wishes.paths()));
    }
}
