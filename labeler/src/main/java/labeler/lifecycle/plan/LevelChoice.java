package labeler.lifecycle.plan;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.plan.PlanMaker.Looked;
import labeler.linux.ShellWord;
import labeler.mcs.FreePairs;
import labeler.plan.LabelState;
import labeler.problem.Problem;
import labeler.problem.QuotedText;
import labeler.selinux.CategoryPair;
import labeler.selinux.Level;
import labeler.selinux.SecurityContext;
import labeler.selinux.VirtualContexts;
import labeler.vm.VmDefinition;
import labeler.vm.libvirt.DomainFacts.DomainLevels;

/** Chooses the level of a VM, or checks the one that somebody else has chosen. */
record LevelChoice(VirtualContexts virtualContexts, FreePairs freePairs) {
    /** The result. */
    sealed interface Choice {}

    /**
     * This one.
     *
     * @param warning about what may keep the VM or another from starting later
     */
    record Chosen(Level level, Optional<String> warning) implements Choice {}

    /** None. */
    record NoChoice(Problem problem) implements Choice {}

    /** The level for this request. */
    Choice choose(StartRequest request, Looked looked, ReservedPairs reserved) {
        Optional<SecurityContext> declared = request.definition().processContext();
        Optional<Level> declaredLevel = declared.flatMap(context -> Level.parse(context.level()));
        Optional<Problem> fault = fault(request, declared, declaredLevel);
        if (fault.isPresent()) {
            return new NoChoice(fault.get());
        }
        return request.level()
                .or(() -> declaredLevel)
                .or(() -> ownLevel(looked))
                .map(level -> wanted(level, request, looked, reserved))
                .orElseGet(() -> drawn(looked, reserved));
    }

    /** The reason why the labels that the definition and the request have cannot be used. */
    private Optional<Problem> fault(
            StartRequest request, Optional<SecurityContext> declared, Optional<Level> declaredLevel) {
        if (declared.isPresent() && declaredLevel.isEmpty()) {
            return Optional.of(Problem.of(
                    Problem.Kind.NOT_UNDERSTOOD,
                    "the definition's label " + declared.get()
                            + " has no category pair; give it a level like s0:c1,c2"));
        }
        List<String> types = virtualContexts.processTypes();
        Optional<SecurityContext> named = named(request.definition());
        if (named.isPresent() && !types.contains(named.get().type())) {
            return Optional.of(Problem.of(
                    Problem.Kind.NOT_UNDERSTOOD,
                    "the definition's label " + named.get() + " is of no type that this host's"
                            + " virtual_domain_context has for VMs; make it one of " + String.join(", ", types)));
        }
        return request.level()
                .filter(_ -> declaredLevel.isPresent())
                .filter(level -> !level.equals(declaredLevel.get()))
                .map(level -> Problem.of(
                        Problem.Kind.CONTRADICTION,
                        "the level asked for is " + level + ", and the definition says " + declaredLevel.get()
                                + "; leave one of them out"));
    }

    /** The context that the definition names, with its level or to be given one. */
    static Optional<SecurityContext> named(VmDefinition definition) {
        return definition.processContext().or(() -> definition.wishes().base());
    }

    /** The level that the VM's process already has, chosen by whoever started it. */
    private Optional<Level> ownLevel(Looked looked) {
        return looked.own()
                .filter(context -> virtualContexts.processTypes().contains(context.type()))
                .flatMap(context -> Level.parse(context.level()));
    }

    /** How the VM comes to its level, as far as it is not wrong. */
    LevelWish wish(StartRequest request, Looked looked, ReservedPairs reserved) {
        Predicate<CategoryPair> isTaken = taken(looked, reserved);
        return request.level()
                .or(() -> request.definition().processContext().flatMap(context -> Level.parse(context.level())))
                .or(() -> ownLevel(looked))
                .<LevelWish>map(LevelWish.Given::new)
                .orElseGet(() -> new LevelWish.Drawn(
                        freePairs.range(),
                        pair -> freePairs.range().contains(pair) && !isTaken.test(pair),
                        () -> freePairs.draw(isTaken),
                        this::at));
    }

    Level at(CategoryPair pair) {
        return new Level(sensitivity(), pair);
    }

    /** Pairs that somebody has here, or that a definition names. */
    private static Predicate<CategoryPair> taken(Looked looked, ReservedPairs reserved) {
        Set<CategoryPair> taken = carried(looked.labels().values());
        looked.foreign().forEach(level -> taken.add(level.pair()));
        looked.defined().forEach(domain -> domain.named().forEach(level -> taken.add(level.pair())));
        return pair -> taken.contains(pair) || reserved.isReserved(pair);
    }

    /** One that nobody has, and that no definition names. */
    private Choice drawn(Looked looked, ReservedPairs reserved) {
        return freePairs
                .draw(taken(looked, reserved))
                .<Choice>map(pair -> new Chosen(at(pair), Optional.empty()))
                .orElseGet(() -> new NoChoice(Problem.of(
                        Problem.Kind.NO_FREE_PAIR,
                        "every category pair of the configured range is taken; widen mcs.range or stop VMs")));
    }

    /** Pairs on its files. With one of them, old labels on these files would look like the VM's own. */
    private static Set<CategoryPair> carried(Collection<LabelState> labels) {
        Set<CategoryPair> pairs = new HashSet<>();
        labels.forEach(label -> label.context()
                .flatMap(context -> Level.parse(context.level()))
                .ifPresent(level -> pairs.add(level.pair())));
        return pairs;
    }

    /** The policy's sensitivity for VMs: {@code s0} on every system with MCS. */
    private int sensitivity() {
        String level = virtualContexts.process().level();
        int end = 1;
        while (end < level.length() && Character.isDigit(level.charAt(end))) {
            end++;
        }
        return end > 1 ? Integer.parseInt(level.substring(1, end)) : 0;
    }

    /**
     * A level that somebody else has chosen. Nobody has it at the same time as another. A level that a definition keeps
     * is free for a domain whose own label it is: copies of a domain have one label, and run one after the other.
     */
    private Choice wanted(Level level, StartRequest request, Looked looked, ReservedPairs reserved) {
        boolean isOwn = isOwn(level, request, looked);
        Optional<String> keeper = looked.defined().stream()
                .filter(domain -> domain.keeps(level))
                .map(DomainLevels::domain)
                .filter(name -> !isOwn || !name.equals(request.name().value()))
                .findFirst();
        Optional<String> taken =
                isOwn ? ownTaken(level, request, looked, reserved, keeper) : taken(level, request, looked, reserved);
        if (taken.isPresent()) {
            return new NoChoice(Problem.of(Problem.Kind.LEVEL_IN_USE, taken.get()));
        }
        if (keeper.isEmpty()) {
            return new Chosen(level, Optional.empty());
        }
        String kept = keeps(keeper.get(), level);
        if (isOwn) {
            return new Chosen(
                    level, Optional.of(kept + "; only one of the two can run at a time: " + another(request)));
        }
        // A process that runs at the level has it, and it makes no difference who is told of it.
        return ownLevel(looked).equals(Optional.of(level))
                ? new Chosen(level, Optional.of(kept + ", which cannot start while this VM runs"))
                : new NoChoice(Problem.of(
                        Problem.Kind.LEVEL_IN_USE,
                        kept
                                + (request.startedBy().isLibvirt()
                                        ? "; start it again: libvirt then draws another"
                                        : "; choose another, or let the service choose")));
    }

    /** Who has a level that is not the VM's own by a definition. */
    private static Optional<String> taken(Level level, StartRequest request, Looked looked, ReservedPairs reserved) {
        String vm = "another VM or process has the level " + level + "; choose another, or let the service choose";
        if (runsElsewhere(level, looked)) {
            return Optional.of(vm);
        }
        return switch (reserved.keeper(level.pair(), request.name())) {
            case NOBODY -> Optional.empty();
            case VM -> Optional.of(vm);
            case FILE ->
                Optional.of("a file of another VM may still have the level " + level
                        + "; give it back with labeler recover, choose another level, or let the service choose");
        };
    }

    private static Optional<String> ownTaken(
            Level level, StartRequest request, Looked looked, ReservedPairs reserved, Optional<String> keeper) {
        return reserved.pairsOfOthers(request.name(), keeper.isEmpty()).contains(level.pair())
                        || runsElsewhere(level, looked)
                ? Optional.of(ownInUse(level, request, keeper))
                : Optional.empty();
    }

    private static String ownInUse(Level level, StartRequest request, Optional<String> keeper) {
        return "another VM or process has the level " + level
                + ", or a file of another VM that is not given back yet; the domain's own label (a static seclabel) names"
                + " it"
                + keeper.map(domain -> ", and " + keeps(domain, level) + ": " + another(request))
                        .orElse(
                                ": labeler status shows who has it. If the domain has just got another name, it starts when"
                                        + " the files of its last run are settled, within a minute; virsh edit gives it another"
                                        + " level");
    }

    private static String keeps(String domain, Level level) {
        return "the definition of libvirt's domain " + QuotedText.of(domain) + " keeps the level " + level
                + " for it (a static seclabel)";
    }

    /** {@code adopt --label} writes another one if the label is labeler's, and another domain keeps it as well. */
    private static String another(StartRequest request) {
        return "labeler libvirt adopt --label " + ShellWord.last(request.name().value())
                + " gives a copy another level, or virsh edit";
    }

    /**
     * Whether the level is a domain's own by a static label in its XML. Only libvirt says so of each domain, also of one
     * without a definition, or with a saved state. Who else starts or plans a domain needs a definition that agrees.
     */
    private static boolean isOwn(Level level, StartRequest request, Looked looked) {
        return request.definition().wishes().isStatic()
                && (request.startedBy().isLibvirt()
                        || looked.defined().stream()
                                .anyMatch(domain ->
                                        domain.domain().equals(request.name().value()) && domain.keeps(level)));
    }

    /** Whether a process that is not this VM's has the level. */
    private static boolean runsElsewhere(Level level, Looked looked) {
        return looked.foreign().contains(level);
    }
}
