package labeler.plan;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Stream;
import labeler.fileset.FileUse;
import labeler.fileset.VmFile;
import labeler.problem.Problem;
import labeler.selinux.Level;
import labeler.selinux.SecurityContext;
import labeler.selinux.StoredLabel;
import labeler.vm.FileRole;
import labeler.vm.UseAccess;
import labeler.vm.VmName;

/** Decides about each file of a VM from facts alone: the same facts always give the same plan. */
public final class Planner {
    /**
     * The plan, with a problem for each file that is refused.
     *
     * @param files with the labels that their file systems report
     * @param held files that VMs of ours hold
     * @param foreign levels of running processes that are not ours: another tool's VMs, containers
     * @param passing the ways to treat files that carry no label
     */
    public Plan plan(
            SequencedMap<VmFile, LabelState> files,
            VmContexts contexts,
            HeldFiles held,
            Set<Level> foreign,
            HandoverSupport passing) {
        List<PlannedFile> planned = new ArrayList<>(files.size());
        List<Problem> problems = new ArrayList<>();
        files.forEach((file, label) -> {
            Set<Sharing> wanted = wanted(file, held);
            Sharing sharing = wanted.iterator().next();
            SecurityContext context = contexts.forSharing(sharing);
            Decision decision = new Question(file, label, sharing, context, contexts, held, foreign, passing)
                    .answer(wanted.size() > 1);
            planned.add(decision.file());
            decision.problem().ifPresent(problems::add);
        });
        return new Plan(planned, problems);
    }

    /** How a VM wants to hold a file. More than one answer is a contradiction. */
    public static Set<Sharing> wanted(VmFile file, HeldFiles held) {
        if (!held.areOfOneVm()) {
            return Sharing.of(file.uses(), file.shareable());
        }
        List<FileUse> own = file.identity().map(held::own).orElse(List.of());
        boolean isShared = !own.isEmpty()
                && file.identity()
                        .flatMap(held::find)
                        .filter(found -> found.sharing() == Sharing.SHARED)
                        .isPresent();
        List<FileUse> all = Stream.concat(file.uses().stream(), own.stream()).toList();
        return EnumSet.of(Sharing.strongest(all, file.shareable() || isShared));
    }

    private record Decision(PlannedFile file, Optional<Problem> problem) {}

    /**
     * All facts that decide the treatment of one file.
     *
     * @param context the label that belongs to the sharing
     */
    private record Question(
            VmFile file,
            LabelState label,
            Sharing sharing,
            SecurityContext context,
            VmContexts contexts,
            HeldFiles held,
            Set<Level> foreign,
            HandoverSupport passing) {
        /** The decision, if the definition does not choose another label itself. */
        Decision answer(boolean isContradictory) {
            Decision decided = decide(isContradictory);
            Optional<SecurityContext> given = decided.file().context();
            if (file.chosen().isEmpty()
                    || decided.problem().isPresent()
                    || given.map(Set::of).equals(Optional.of(file.chosen()))) {
                return decided;
            }
            // Nothing would keep other VMs from a secret, or from what the VM writes.
            boolean isReadAlone = sharing == Sharing.CONTENT && !file.isTree();
            if (isReadAlone && label.context().map(Set::of).equals(Optional.of(file.chosen()))) {
                return leave("has the label that the domain chooses for it (seclabel with a label)");
            }
            return refuse(
                    Problem.Kind.UNSUPPORTED,
                    "the domain chooses a label for it (seclabel with " + chosen() + "), and labeler's rules give it "
                            + given.map(SecurityContext::toString).orElse("none") + "; leave that seclabel out"
                            + (isReadAlone ? ", or give it that label before the start" : ""));
        }

        private String chosen() {
            return file.chosen().stream()
                    .map(SecurityContext::toString)
                    .sorted()
                    .collect(joining(" and "));
        }

        private Decision decide(boolean isContradictory) {
            Optional<VmName> maker = isMadeForItself() || isConnected() ? maker() : Optional.empty();
            if (maker.isPresent()) {
                return refuse(
                        Problem.Kind.IN_USE,
                        "VM " + maker.get() + " has made it for itself, and here it is " + origins()
                                + "; stop that VM, or name another path");
            }
            if (file.leaveReason().isPresent() && !isMadeWhereNothingMayBe()) {
                return leave(file.leaveReason().get());
            }
            if (isContradictory) {
                return refuse(
                        Problem.Kind.CONTRADICTION,
                        "the VM both reads and writes it (" + origins()
                                + "), which needs two different labels; give the writer an overlay of its own");
            }
            // For a VM that runs, the caller knows which places are one and the same.
            if (!held.areOfOneVm()
                    && sharing == Sharing.EXCLUSIVE
                    && !Sharing.areReading(file.uses())
                    && !file.isObject()
                    && isInSeveralPlaces()) {
                return refuse(
                        Problem.Kind.CONTRADICTION,
                        "the VM writes it in two places (" + origins() + "); give each its own file");
            }
            Optional<VmName> around = file.realPath().flatMap(path -> held.around(path, file.isTree()));
            if (around.isPresent()) {
                return refuse(
                        Problem.Kind.IN_USE,
                        "VM " + around.get()
                                + (file.isTree() ? " has a file in this tree" : " has the tree that it is in")
                                + ", or the other way round; stop that VM, or keep trees and files apart");
            }
            Optional<HeldFile> otherNode = otherNode();
            if (otherNode.isPresent()) {
                return refuse(Problem.Kind.IN_USE, inUse(otherNode.get(), "another node of this block device"));
            }
            Optional<HeldFile> holder = file.identity().flatMap(held::find);
            return holder.filter(found -> found.isHeld() || isOwn())
                    .map(this::join)
                    .orElseGet(() -> take(holder));
        }

        /** A socket, a pid file or a link: a second qemu would take it from the first. */
        private boolean isMadeForItself() {
            return file.identity().isEmpty()
                    && file.leaveReason().isPresent()
                    && file.uses().stream()
                            .anyMatch(use -> use.access() == UseAccess.CREATE
                                    && use.role().isMadeForItself());
        }

        /** Whether qemu connects to a socket that is there. */
        private boolean isConnected() {
            return file.identity().isPresent()
                    && file.uses().stream()
                            .anyMatch(use -> use.role() == FileRole.SOCKET && use.access() != UseAccess.CREATE);
        }

        /** Another VM whose own it is, by this name or by the one to which this name leads. */
        private Optional<VmName> maker() {
            return held.maker(file.path()).or(() -> file.realPath().flatMap(held::maker));
        }

        /** One through which another VM has the same disk, in a way that does not allow it here. */
        private Optional<HeldFile> otherNode() {
            return file.blockDevice().stream()
                    .boxed()
                    .flatMap(device -> file.identity().map(node -> held.otherNodes(device, node)).stream())
                    .flatMap(List::stream)
                    .filter(this::isInTheWay)
                    .findFirst();
        }

        private boolean isInTheWay(HeldFile holder) {
            return holder.sharing() != sharing || !sharing.allowsOthers();
        }

        /** qemu makes it by its name, although it may use only the descriptors that it is handed. */
        private boolean isMadeWhereNothingMayBe() {
            return file.identity().isEmpty()
                    && label instanceof LabelState.Unavailable unavailable
                    && unavailable.cause() == LabelState.Cause.STORES_NONE
                    && passing instanceof HandoverSupport.Possible;
        }

        /** Whether the followed VM holds it already. */
        private boolean isOwn() {
            return file.identity().filter(found -> !held.own(found).isEmpty()).isPresent();
        }

        private Decision join(HeldFile holder) {
            if (holder.isHeld() && isInTheWay(holder)) {
                return refuse(Problem.Kind.IN_USE, inUse(holder, "it"));
            }
            return switch (label) {
                case LabelState.Unavailable unavailable -> unlabelable(unavailable);
                case LabelState.Labelled _, LabelState.Unlabelled _ -> join(holder, labelOnDisk());
            };
        }

        private Decision join(HeldFile holder, Optional<StoredLabel> found) {
            boolean isOurs = found.filter(label -> label.isFor(holder.ours())).isPresent();
            if (!isOurs && !found.equals(holder.original())) {
                return refuse(
                        Problem.Kind.CHANGED,
                        "somebody gave it " + found.map(StoredLabel::printable).orElse("no label") + " while "
                                + who(holder)
                                + " holds it; find out who did, then set it again with labeler relabel");
            }
            return label(
                    holder.original(),
                    holder.isHeld() ? sharing.words() + ", with " + others(holder) : sharing.words());
        }

        private String inUse(HeldFile holder, String what) {
            String who = who(holder) + " holds " + what;
            if (isSecret()) {
                return who + ", and here it is " + origins()
                        + ", a secret; stop that VM, or give each VM a secret of its own";
            }
            return who + " (" + holder.sharing().words() + "), and here it is " + origins() + " (" + sharing.words()
                    + "); stop that VM, use an overlay, or declare it shareable in both";
        }

        private static String who(HeldFile holder) {
            if (!holder.isHeld()) {
                return "this VM";
            }
            return holder.holders().isEmpty() ? "another host" : "VM " + names(holder.holders());
        }

        private static String others(HeldFile holder) {
            String here = names(holder.holders());
            if (!holder.isElsewhere()) {
                return here;
            }
            return here.isEmpty() ? "other hosts" : here + " and other hosts";
        }

        private boolean isSecret() {
            return Sharing.areReading(file.uses())
                    && file.uses().stream().anyMatch(use -> use.role().isSecret());
        }

        private Decision unlabelable(LabelState.Unavailable unavailable) {
            String reason = unavailable.reason();
            String wayOut = unavailable.cause().wayOut();
            if (unavailable.fixed().equals(Optional.of(StoredLabel.of(context)))) {
                return leave("has its label already; " + reason);
            }
            if (unavailable.cause() != LabelState.Cause.STORES_NONE) {
                return refuse(Problem.Kind.LABELS_UNAVAILABLE, reason + "; " + wayOut);
            }
            return switch (passing) {
                case HandoverSupport.Possible() ->
                    file.isObject()
                            ? refuse(Problem.Kind.LABELS_UNAVAILABLE, reason + notHandedOver() + "; " + wayOut)
                            : planned(
                                    Treatment.PASS,
                                    Optional.empty(),
                                    unavailable.fixed(),
                                    reason + ", so it is opened for the VM and handed over");
                case HandoverSupport.Left() ->
                    leave(reason + ", and label.unlabelled leaves it to libvirt: nothing sets VMs apart there");
                case HandoverSupport.Impossible(String instead) ->
                    refuse(
                            Problem.Kind.LABELS_UNAVAILABLE,
                            file.isObject()
                                    ? reason + notHandedOver() + "; " + wayOut
                                    : reason + "; " + instead + ", or " + wayOut);
            };
        }

        /** qemu connects to a socket by its name, and opens a device in its own way. */
        private String notHandedOver() {
            return ", and a " + file.kind() + " cannot be handed over";
        }

        /** Nobody holds it now. */
        private Decision take(Optional<HeldFile> formerlyHeld) {
            if (label instanceof LabelState.Unavailable unavailable) {
                return unlabelable(unavailable);
            }
            Optional<StoredLabel> found = labelOnDisk();
            if (found.filter(stored -> held.knowsLabels() && isLeftOver(stored, formerlyHeld))
                    .isPresent()) {
                return refuse(
                        Problem.Kind.LEFTOVER_LABEL,
                        "its label " + found.get()
                                + " has a VM's category pair that no running process has and the journal"
                                + " does not explain: it was left there, or came with a copy, and what the file had"
                                + " before is not known; give it what the policy says with labeler recover --scan or"
                                + " restorecon -F, or start the VM at that level");
            }
            if (level(found).filter(foreign::contains).isPresent()) {
                return refuse(
                        Problem.Kind.IN_USE,
                        "its label " + found.get() + " belongs to a running process of another tool; stop that first");
            }
            // A label of ours that a crash left there is not the file's earlier label.
            Optional<StoredLabel> original = formerlyHeld
                    .filter(before ->
                            found.filter(label -> label.isFor(before.ours())).isPresent())
                    .map(HeldFile::original)
                    .orElse(found);
            return label(original, isSecret() ? "a secret of one VM" : sharing.words());
        }

        /**
         * Whether the label is a VM's label that, as far as is known, no VM's start gave this file. If it counted as
         * the earlier label, it would come back at the end, when its pair may be another VM's.
         */
        private boolean isLeftOver(StoredLabel stored, Optional<HeldFile> formerlyHeld) {
            boolean isExplained = formerlyHeld
                    .filter(before ->
                            stored.isFor(before.ours()) || before.original().equals(Optional.of(stored)))
                    .isPresent();
            boolean isOfVm = stored.context()
                    .filter(found -> found.type().equals(contexts.image().type()))
                    .flatMap(found -> Level.parse(found.level()))
                    .filter(level -> !level.equals(contexts.level()) && !foreign.contains(level))
                    .isPresent();
            return isOfVm && !isExplained;
        }

        private static Optional<Level> level(Optional<StoredLabel> stored) {
            return stored.flatMap(StoredLabel::context).flatMap(found -> Level.parse(found.level()));
        }

        private Optional<StoredLabel> labelOnDisk() {
            return label instanceof LabelState.Labelled(StoredLabel stored) ? Optional.of(stored) : Optional.empty();
        }

        private Decision label(Optional<StoredLabel> original, String reason) {
            return planned(Treatment.LABEL, Optional.of(context), original, reason);
        }

        private Decision leave(String reason) {
            return planned(Treatment.LEAVE, Optional.empty(), labelOnDisk(), reason);
        }

        private Decision refuse(Problem.Kind kind, String message) {
            return new Decision(
                    planned(Treatment.REFUSE, Optional.empty(), labelOnDisk(), message)
                            .file(),
                    Optional.of(new Problem(kind, Optional.of(file.path()), message)));
        }

        private Decision planned(
                Treatment treatment, Optional<SecurityContext> given, Optional<StoredLabel> original, String reason) {
            return new Decision(
                    new PlannedFile(file, label, treatment, sharing, given, original, reason), Optional.empty());
        }

        private boolean isInSeveralPlaces() {
            return file.uses().stream().map(use -> use.origin()).distinct().count() > 1;
        }

        private String origins() {
            return file.uses().stream()
                    .map(use -> use.origin().text())
                    .distinct()
                    .collect(joining(", "));
        }

        private static String names(List<VmName> holders) {
            return holders.stream().map(VmName::value).sorted().limit(3).collect(joining(", "))
                    + (holders.size() > 3 ? " and " + (holders.size() - 3) + " more" : "");
        }
    }
}
