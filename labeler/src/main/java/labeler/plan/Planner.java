package labeler.plan;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.fileset.FileUse;
import labeler.problem.Problem;
import labeler.selinux.Level;
import labeler.selinux.SecurityContext;
import labeler.selinux.StoredLabel;
import labeler.vm.UseAccess;
import labeler.vm.VmName;

/** Decides about each file of a VM from facts alone: the same facts always give the same plan. */
public final class Planner {
    /**
     * The plan, with a problem for each file that is refused.
     *
     * @param held files that VMs of ours hold
     * @param foreign levels of running processes that are not ours: another tool's VMs, containers
     * @param passing what can be done with files that carry no label
     */
    public Plan plan(List<FileFacts> files, VmContexts contexts, HeldFiles held, Set<Level> foreign, Passing passing) {
        List<PlannedFile> planned = new ArrayList<>(files.size());
        List<Problem> problems = new ArrayList<>();
        for (FileFacts facts : files) {
            Decision decision = decide(facts, contexts, held, foreign, passing);
            planned.add(decision.file());
            decision.problem().ifPresent(problems::add);
        }
        return new Plan(planned, problems);
    }

    private record Decision(PlannedFile file, Optional<Problem> problem) {}

    private static Decision decide(
            FileFacts facts, VmContexts contexts, HeldFiles held, Set<Level> foreign, Passing passing) {
        Set<Sharing> wanted = Sharing.of(facts.uses(), facts.shareable());
        Sharing sharing = wanted.iterator().next();
        Optional<VmName> maker = isMadeForItself(facts) ? held.maker(facts.path()) : Optional.empty();
        if (maker.isPresent()) {
            return refuse(
                    facts,
                    sharing,
                    Problem.Kind.IN_USE,
                    "VM " + maker.get() + " has made it for itself, and here it is " + origins(facts)
                            + "; stop that VM, or name another path");
        }
        if (facts.leaveReason().isPresent() && !isMadeWhereNothingMayBe(facts, passing)) {
            return leave(facts, sharing, facts.leaveReason().get());
        }
        if (wanted.size() > 1) {
            return refuse(facts, sharing, Problem.Kind.CONTRADICTION, contradiction(facts));
        }
        if (sharing == Sharing.EXCLUSIVE && !Sharing.areReading(facts.uses()) && countUses(facts) > 1) {
            return refuse(
                    facts,
                    sharing,
                    Problem.Kind.CONTRADICTION,
                    "the VM writes it in two places (" + origins(facts) + "); give each its own file");
        }
        Optional<HeldFile> holder = facts.identity().flatMap(held::find);
        if (holder.isPresent() && !holder.get().holders().isEmpty()) {
            return join(facts, sharing, contexts, holder.get(), passing);
        }
        Optional<StoredLabel> leftOver =
                held.knowsLabels() ? leftOver(facts, contexts, holder, foreign) : Optional.empty();
        if (leftOver.isPresent()) {
            return refuse(
                    facts,
                    sharing,
                    Problem.Kind.LEFTOVER_LABEL,
                    "its label " + leftOver.get()
                            + " has a VM's category pair that no running process has and the journal"
                            + " does not explain: it was left there, or came with a copy, and what the file had before is"
                            + " not known; give it what the policy says with labeler recover --scan or restorecon -F, or"
                            + " start the VM at that level");
        }
        return takeAlone(facts, sharing, contexts, holder, foreign, passing);
    }

    /** A socket, a pid file or a link: what a second qemu would take from the first. */
    private static boolean isMadeForItself(FileFacts facts) {
        return facts.identity().isEmpty()
                && facts.leaveReason().isPresent()
                && facts.uses().stream()
                        .anyMatch(use ->
                                use.access() == UseAccess.CREATE && use.role().isMadeForItself());
    }

    /** qemu makes it by its name, where the descriptors that it is handed are all that it may use. */
    private static boolean isMadeWhereNothingMayBe(FileFacts facts, Passing passing) {
        return facts.identity().isEmpty()
                && facts.label() instanceof LabelState.Unavailable unavailable
                && unavailable.cause() == LabelState.Cause.STORES_NONE
                && passing instanceof Passing.Possible;
    }

    private static Decision join(
            FileFacts facts, Sharing sharing, VmContexts contexts, HeldFile holder, Passing passing) {
        if (holder.sharing() != sharing || !sharing.allowsOthers()) {
            return refuse(facts, sharing, Problem.Kind.IN_USE, inUse(facts, sharing, holder));
        }
        Optional<StoredLabel> found;
        switch (facts.label()) {
            case LabelState.Unavailable unavailable -> {
                return unlabelable(facts, sharing, contexts, unavailable, passing);
            }
            case LabelState.Labelled(StoredLabel label) -> found = Optional.of(label);
            case LabelState.Unlabelled() -> found = Optional.empty();
        }
        boolean isOurs = found.isPresent() && holder.ours().contains(found.get());
        if (!isOurs && !found.equals(holder.original())) {
            return refuse(
                    facts,
                    sharing,
                    Problem.Kind.CHANGED,
                    "somebody gave it " + found.map(StoredLabel::printable).orElse("no label") + " while VM "
                            + names(holder.holders())
                            + " holds it; find out who did, then set it again with labeler relabel");
        }
        SecurityContext context = contexts.forSharing(sharing);
        return label(facts, sharing, context, holder.original(), sharing.words() + ", with " + names(holder.holders()));
    }

    private static String inUse(FileFacts facts, Sharing sharing, HeldFile holder) {
        String who = "VM " + names(holder.holders()) + " holds it";
        if (isSecret(facts)) {
            return who + ", and here it is " + origins(facts)
                    + ", a secret; stop that VM, or give each VM a secret of its own";
        }
        return who + " (" + holder.sharing().words() + "), and here it is " + origins(facts) + " (" + sharing.words()
                + "); stop that VM, use an overlay, or declare it shareable in both";
    }

    private static String words(FileFacts facts, Sharing sharing) {
        return isSecret(facts) ? "a secret of one VM" : sharing.words();
    }

    private static boolean isSecret(FileFacts facts) {
        return Sharing.areReading(facts.uses())
                && facts.uses().stream().anyMatch(use -> use.role().isSecret());
    }

    private static Decision unlabelable(
            FileFacts facts,
            Sharing sharing,
            VmContexts contexts,
            LabelState.Unavailable unavailable,
            Passing passing) {
        boolean isRight = unavailable
                .fixed()
                .filter(StoredLabel.of(contexts.forSharing(sharing))::equals)
                .isPresent();
        if (isRight) {
            return leave(facts, sharing, "has its label already; " + unavailable.reason());
        }
        String wayOut = unavailable.cause().wayOut();
        if (unavailable.cause() != LabelState.Cause.STORES_NONE) {
            return refuse(facts, sharing, Problem.Kind.LABELS_UNAVAILABLE, unavailable.reason() + "; " + wayOut);
        }
        return switch (passing) {
            case Passing.Possible() ->
                new Decision(
                        new PlannedFile(
                                facts,
                                Treatment.PASS,
                                sharing,
                                Optional.empty(),
                                unavailable.fixed(),
                                unavailable.reason() + ", so it is opened for the VM and handed over"),
                        Optional.empty());
            case Passing.Left() ->
                leave(
                        facts,
                        sharing,
                        unavailable.reason()
                                + ", and label.unlabelled leaves it to libvirt: nothing sets VMs apart there");
            case Passing.Impossible(String instead) ->
                refuse(
                        facts,
                        sharing,
                        Problem.Kind.LABELS_UNAVAILABLE,
                        unavailable.reason() + "; " + instead + ", or " + wayOut);
        };
    }

    private static Decision takeAlone(
            FileFacts facts,
            Sharing sharing,
            VmContexts contexts,
            Optional<HeldFile> formerlyHeld,
            Set<Level> foreign,
            Passing passing) {
        return switch (facts.label()) {
            case LabelState.Unavailable unavailable -> unlabelable(facts, sharing, contexts, unavailable, passing);
            case LabelState.Labelled(StoredLabel label) -> {
                Optional<Level> owner = label.context()
                        .flatMap(context -> Level.parse(context.level()))
                        .filter(foreign::contains);
                if (owner.isPresent()) {
                    yield refuse(
                            facts,
                            sharing,
                            Problem.Kind.IN_USE,
                            "its label " + label + " belongs to a running process of another tool; stop that first");
                }
                // A label of ours that a crash left there is not what the file had before.
                Optional<StoredLabel> original = formerlyHeld
                        .filter(held -> held.ours().contains(label))
                        .map(HeldFile::original)
                        .orElseGet(() -> Optional.of(label));
                yield label(facts, sharing, contexts.forSharing(sharing), original, words(facts, sharing));
            }
            case LabelState.Unlabelled() ->
                label(facts, sharing, contexts.forSharing(sharing), Optional.empty(), words(facts, sharing));
        };
    }

    /**
     * A label as VMs are given, that no VM's start gave this file as far as is known. Taken for what the file had before it
     * would come back at the end, when its pair may be another VM's.
     */
    private static Optional<StoredLabel> leftOver(
            FileFacts facts, VmContexts contexts, Optional<HeldFile> formerlyHeld, Set<Level> foreign) {
        if (!(facts.label() instanceof LabelState.Labelled(StoredLabel label))) {
            return Optional.empty();
        }
        boolean isExplained = formerlyHeld
                .filter(held -> held.ours().contains(label) || held.original().equals(Optional.of(label)))
                .isPresent();
        boolean isOfVm = label.context()
                .filter(context -> context.type().equals(contexts.image().type()))
                .flatMap(context -> Level.parse(context.level()))
                .filter(level -> !level.equals(contexts.level()) && !foreign.contains(level))
                .isPresent();
        return isOfVm && !isExplained ? Optional.of(label) : Optional.empty();
    }

    private static Decision label(
            FileFacts facts, Sharing sharing, SecurityContext context, Optional<StoredLabel> original, String reason) {
        return new Decision(
                new PlannedFile(facts, Treatment.LABEL, sharing, Optional.of(context), original, reason),
                Optional.empty());
    }

    private static Decision leave(FileFacts facts, Sharing sharing, String reason) {
        return new Decision(
                new PlannedFile(facts, Treatment.LEAVE, sharing, Optional.empty(), currentLabel(facts), reason),
                Optional.empty());
    }

    private static Decision refuse(FileFacts facts, Sharing sharing, Problem.Kind kind, String message) {
        return new Decision(
                new PlannedFile(facts, Treatment.REFUSE, sharing, Optional.empty(), currentLabel(facts), message),
                Optional.of(new Problem(kind, Optional.of(facts.path()), message)));
    }

    private static Optional<StoredLabel> currentLabel(FileFacts facts) {
        return facts.label() instanceof LabelState.Labelled(StoredLabel label) ? Optional.of(label) : Optional.empty();
    }

    private static String contradiction(FileFacts facts) {
        return "the VM both reads and writes it (" + origins(facts)
                + "), which needs two different labels; give the writer an overlay of its own";
    }

    private static long countUses(FileFacts facts) {
        return facts.uses().stream().map(FileUse::origin).distinct().count();
    }

    private static String origins(FileFacts facts) {
        return facts.uses().stream().map(use -> use.origin().text()).distinct().collect(joining(", "));
    }

    private static String names(List<VmName> holders) {
        return holders.stream().map(VmName::value).sorted().limit(3).collect(joining(", "))
                + (holders.size() > 3 ? " and " + (holders.size() - 3) + " more" : "");
    }
}
