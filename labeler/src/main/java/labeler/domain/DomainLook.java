package labeler.domain;

import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import labeler.config.GuardConfig;
import labeler.guard.emulator.DomainLabels;
import labeler.guard.record.AuditEntry;
import labeler.guard.record.AuditEvent;
import labeler.guard.record.AuditLog;
import labeler.journal.FileHold;
import labeler.journal.HoldTrigger;
import labeler.journal.VmRecord;
import labeler.lifecycle.FileReport;
import labeler.lifecycle.GuardState;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.VmLifecycle;
import labeler.lifecycle.VmReport;
import labeler.lifecycle.VmView;
import labeler.lifecycle.follow.FollowedFiles;
import labeler.lifecycle.follow.Taking;
import labeler.lifecycle.follow.WantedFiles;
import labeler.lifecycle.hold.JoiningFiles;
import labeler.lifecycle.hold.NotFollowed;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.vm.DeclaredUse;
import labeler.vm.LabelWishes;
import labeler.vm.VmDefinition;
import labeler.vm.VmName;

/** One look at a running domain: what libvirt has given it goes on record, and what it has left goes back. */
public final class DomainLook {
    /** The files exist already: the service makes none for a VM that runs. */
    private static final StartRequest.Owner NOBODY = new StartRequest.Owner(0, 0);

    private final DomainReader domains;
    private final FollowedFiles files;
    private final VmLifecycle lifecycle;
    private final DomainLabels labels;
    private final NotFollowed problems;
    private final AuditLog audit;

    @Inject
    DomainLook(
            DomainReader domains,
            FollowedFiles files,
            VmLifecycle lifecycle,
            DomainLabels labels,
            NotFollowed problems,
            AuditLog audit) {
        this.domains = domains;
        this.files = files;
        this.lifecycle = lifecycle;
        this.labels = labels;
        this.problems = problems;
        this.audit = audit;
    }

    /** What was seen. */
    sealed interface Seen {}

    /** There is nothing to follow, now or until the next change. */
    record Nothing() implements Seen {}

    /** It runs, and libvirt does not name these files any more. A later look may end the holds. */
    record Leaving(Set<HostPath> files) implements Seen {
        Leaving {
            files = Set.copyOf(files);
        }
    }

    /** It is on record, and libvirt knows nothing of its running. */
    record Gone() implements Seen {}

    /**
     * Looks at a domain.
     *
     * @param quiet files that an earlier look has seen leaving, and nothing has changed since
     */
    Seen look(VmName name, Set<HostPath> quiet) {
        Optional<VmRecord> vm = followed(name);
        if (vm.isEmpty()) {
            return new Nothing();
        }
        return switch (domains.state(name)) {
            case DomainReader.Absent() -> new Gone();
            case DomainReader.Unreadable(String reason) -> {
                problems.put(
                        name,
                        List.of(Problem.of(
                                Problem.Kind.UNREADABLE,
                                "what libvirt has given this domain is not known: " + reason)));
                yield new Nothing();
            }
            case DomainReader.Runs(VmDefinition live) -> isOurs(name) ? new Nothing() : look(vm.get(), live, quiet);
        };
    }

    /** A VM that is being started or stopped changes by that. */
    Optional<VmRecord> followed(VmName name) {
        return files.vm(name).filter(vm -> vm.startedBy().isLibvirt() && vm.phase() == VmRecord.Phase.RUNNING);
    }

    /** A guard that labels sees each command, and knows more than libvirt's state tells. */
    private boolean isOurs(VmName name) {
        return labels.of(name) == GuardConfig.Labels.LABELER
                && lifecycle
                        .status(name)
                        .map(VmView::guard)
                        .filter(guard -> guard != GuardState.OFF)
                        .isPresent();
    }

    private Seen look(VmRecord vm, VmDefinition live, Set<HostPath> quiet) {
        VmName name = vm.name();
        List<Problem> refused = new ArrayList<>();
        for (DeclaredUse use : new LiveFiles(vm, live).joining()) {
            refused.addAll(take(name, use, live));
        }
        problems.put(name, refused);
        Set<HostPath> leaving = leaving(name, live);
        Set<HostPath> ending = new HashSet<>(leaving);
        ending.retainAll(quiet);
        if (!ending.isEmpty()) {
            leave(name, ending);
            leaving.removeAll(ending);
        }
        return leaving.isEmpty() ? new Nothing() : new Leaving(leaving);
    }

    /** One at a time: a file that cannot be had on record keeps no other off it. */
    private List<Problem> take(VmName name, DeclaredUse use, VmDefinition live) {
        VmDefinition definition = new VmDefinition(
                List.of(use),
                List.of(),
                Optional.empty(),
                live.acceleration(),
                List.of(),
                new LabelWishes(
                        Optional.empty(), live.wishes().kept(), live.wishes().labelledByLibvirt()));
        WantedFiles wanted = new WantedFiles(
                new HoldTrigger.LiveDefinition(),
                definition,
                0,
                NOBODY,
                WantedFiles.Check.NONE,
                (_, _) -> new JoiningFiles.Rewritten(List.of()));
        return switch (files.take(name, wanted)) {
            case Taking.Taken taken -> {
                taken.close();
                say(name, "libvirt has given it " + words(paths(taken.holds())) + ", on record from now on");
                yield List.of();
            }
            case Taking.Unfit() -> List.of();
            case Taking.Refused(List<Problem> why) ->
                why.stream().map(problem -> notOnRecord(use, problem)).toList();
        };
    }

    private static Problem notOnRecord(DeclaredUse use, Problem problem) {
        return new Problem(
                problem.kind(),
                problem.file().or(() -> use.names().stream().findFirst()),
                "libvirt has given it to the running VM, and it is not on record: " + problem.message());
    }

    /** A header may lead to a file that libvirt does not name. */
    private Set<HostPath> leaving(VmName name, VmDefinition live) {
        Optional<VmRecord> now = followed(name);
        List<FileHold> candidates =
                now.map(vm -> new LiveFiles(vm, live).notNamed()).orElse(List.of());
        if (candidates.isEmpty()) {
            return new HashSet<>();
        }
        Set<HostPath> leaving = new HashSet<>(paths(candidates));
        files.reached(live).ifPresentOrElse(leaving::removeAll, leaving::clear);
        return leaving;
    }

    private void leave(VmName name, Set<HostPath> ending) {
        VmReport report = files.settle(
                name,
                holds -> holds.stream()
                        .filter(hold -> !(LiveFiles.isFollowed(hold.trigger()) && ending.contains(hold.path())))
                        .toList());
        String failures = report.files().stream()
                .filter(FileReport::isFailure)
                .map(file -> "; " + file.path() + ": " + file.message())
                .collect(Collectors.joining());
        say(name, "libvirt has taken " + words(ending) + " from it" + failures);
    }

    private static Set<HostPath> paths(List<FileHold> holds) {
        return holds.stream().map(FileHold::path).collect(Collectors.toSet());
    }

    private static String words(Set<HostPath> paths) {
        return paths.stream().map(HostPath::printable).sorted().collect(Collectors.joining(", "));
    }

    private void say(VmName name, String message) {
        audit.add(AuditEntry.of(AuditEvent.LABELS_CHANGED, name).saying(message));
    }

    /** libvirt has ended the domain, and its hook has not told. */
    void end(VmName name) {
        lifecycle
                .stop(name, Optional.of(domains.defined(name)))
                .ifPresent(_ -> say(name, "libvirt keeps no state of it any more; so it has ended"));
    }
}
