package labeler.lifecycle.hold;

import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import labeler.fileset.FileSet;
import labeler.guard.place.GuardedVms;
import labeler.journal.FileHold;
import labeler.journal.FileRecord;
import labeler.journal.VmRecord;
import labeler.launch.Allowance;
import labeler.launch.RuntimeDirectories;
import labeler.lifecycle.FileView;
import labeler.lifecycle.GuardState;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.VmState;
import labeler.lifecycle.VmView;
import labeler.lifecycle.Wall;
import labeler.lifecycle.confinement.Confinement;
import labeler.lifecycle.plan.DescriptorHandover;
import labeler.lifecycle.plan.PlanMaker;
import labeler.linux.HostPath;
import labeler.linux.ProcessIdentity;
import labeler.plan.Plan;
import labeler.plan.PlannedFile;
import labeler.plan.Sharing;
import labeler.plan.Treatment;
import labeler.plan.VmContexts;
import labeler.problem.Problem;
import labeler.selinux.StoredLabel;
import labeler.vm.qemu.handover.RewriteResult;

/** Plans and records as people and scripts see them. */
public final class VmViews {
    private final Holdings holdings;
    private final OtherHosts others;
    private final Confinement confinement;
    private final RuntimeDirectories runtime;
    private final GuardedVms guards;
    private final NotFollowed notFollowed;
    private final BootTime boot;

    @Inject
    VmViews(
            Ledger ledger,
            Confinement confinement,
            RuntimeDirectories runtime,
            GuardedVms guards,
            NotFollowed notFollowed,
            BootTime boot) {
        this.holdings = ledger.holdings();
        this.others = ledger.others();
        this.confinement = confinement;
        this.runtime = runtime;
        this.guards = guards;
        this.notFollowed = notFollowed;
        this.boot = boot;
    }

    /**
     * A VM that is planned.
     *
     * @param more problems that a start tells before those of its files
     * @param handover what is to be handed over; empty for a definition without a command line
     */
    public static VmView planned(
            StartRequest request,
            FileSet files,
            PlanMaker.Prepared prepared,
            Set<Wall> walls,
            List<Problem> more,
            Optional<DescriptorHandover.Outcome> handover) {
        Plan plan = prepared.plan();
        VmContexts contexts = prepared.contexts();
        List<Problem> problems = new ArrayList<>(more);
        problems.addAll(files.problems());
        problems.addAll(plan.problems());
        Optional<RewriteResult.Rewritten> rewritten = Optional.empty();
        Map<HostPath, String> notPassable = new HashMap<>();
        if (handover.isPresent()) {
            switch (handover.get()) {
                case DescriptorHandover.Possible possible ->
                    rewritten = Optional.of(possible)
                            .filter(DescriptorHandover.Possible::isNeeded)
                            .map(DescriptorHandover.Possible::rewritten);
                case DescriptorHandover.NotPossible(List<Problem> reasons) -> {
                    reasons.stream()
                            .filter(reason -> !problems.contains(reason))
                            .forEach(problems::add);
                    reasons.forEach(
                            reason -> reason.file().ifPresent(file -> notPassable.putIfAbsent(file, reason.message())));
                }
            }
        }
        return new VmView(
                request.name(),
                VmState.PLANNED,
                request.pid(),
                contexts.level(),
                contexts.process(),
                contexts.image(),
                walls,
                Optional.empty(),
                GuardState.OFF,
                Optional.empty(),
                FileView.withParents(plan.files().stream()
                        .map(file -> file(file, Optional.ofNullable(notPassable.get(file.path()))))
                        .toList()),
                files.external(),
                problems,
                files.warnings(),
                List.of(),
                rewritten,
                Optional.empty(),
                Optional.empty());
    }

    /** @param notPassable the reason why it cannot be handed over, as its plan would have it */
    private static FileView file(PlannedFile planned, Optional<String> notPassable) {
        return new FileView(
                planned.path(),
                notPassable.isPresent() ? Treatment.REFUSE : planned.treatment(),
                planned.context(),
                planned.original(),
                notPassable.orElse(planned.reason()),
                planned.file().uses(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                Optional.empty(),
                List.of());
    }

    /** A VM that is held. */
    public VmView of(VmRecord vm) {
        return of(vm, confinement.warnings(vm));
    }

    /** A VM that is held, with its present warnings. */
    public VmView of(VmRecord vm, List<Problem> warnings) {
        return of(vm, confinement.of(vm, holdings.passed(vm)), List.of(), warnings, Optional.empty());
    }

    /** A VM that is held, with the facts that its launcher needs. */
    public VmView of(
            VmRecord vm,
            Set<Wall> walls,
            List<Allowance> allowances,
            List<Problem> warnings,
            Optional<RewriteResult.Rewritten> rewritten) {
        return new VmView(
                vm.name(),
                switch (vm.phase()) {
                    case STARTING -> VmState.STARTING;
                    case RUNNING -> VmState.RUNNING;
                    case STOPPING -> VmState.STOPPING;
                },
                vm.process().map(ProcessIdentity::pid),
                vm.contexts().level(),
                vm.contexts().process(),
                vm.contexts().image(),
                walls,
                runtime.of(vm.name()),
                guards.state(vm.name()),
                guards.socket(vm.name()),
                FileView.withParents(vm.files().stream().map(this::file).toList()),
                vm.external(),
                List.of(),
                Stream.concat(warnings.stream(), notFollowed.of(vm.name()).stream())
                        .toList(),
                allowances,
                rewritten,
                vm.process().flatMap(boot::timeOf),
                vm.files().stream()
                        .flatMap(hold -> elsewhere(hold).stream())
                        .map(OtherHosts.Elsewhere::asked)
                        .findFirst());
    }

    private Optional<OtherHosts.Elsewhere> elsewhere(FileHold hold) {
        return record(hold).flatMap(others::elsewhere);
    }

    private Optional<FileRecord> record(FileHold hold) {
        return hold.file().isPresent() ? holdings.file(hold.file().getAsLong()) : Optional.empty();
    }

    /** The reason was told when the hold began; by now the VM may only read the file. */
    private static String reason(FileHold hold, FileRecord now) {
        boolean isOfSharing =
                Stream.of(Sharing.values()).anyMatch(sharing -> sharing.words().equals(hold.reason()));
        return isOfSharing ? now.sharing().words() : hold.reason();
    }

    private FileView file(FileHold hold) {
        Optional<FileRecord> file = record(hold);
        return new FileView(
                hold.path(),
                hold.treatment(),
                file.flatMap(FileRecord::applied).flatMap(StoredLabel::context),
                file.flatMap(FileRecord::original),
                file.map(now -> reason(hold, now)).orElse(hold.reason()),
                hold.uses(),
                hold.disk(),
                file.map(FileRecord::identity),
                hold.handed(),
                Optional.empty(),
                elsewhere(hold).map(OtherHosts.Elsewhere::hosts).orElse(List.of()));
    }
}
