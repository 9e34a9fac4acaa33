package labeler.domain;

import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import labeler.config.GuardConfig;
import labeler.guard.emulator.DomainLabels;
import labeler.guard.record.AuditEntry;
import labeler.guard.record.AuditEvent;
import labeler.guard.record.AuditLog;
import labeler.journal.FileHold;
import labeler.journal.VmRecord;
import labeler.lifecycle.FileReport;
import labeler.lifecycle.GuardState;
import labeler.lifecycle.VmLifecycle;
import labeler.lifecycle.VmReport;
import labeler.lifecycle.VmView;
import labeler.lifecycle.acquisition.JoinedFiles;
import labeler.lifecycle.follow.FollowedFiles;
import labeler.lifecycle.follow.Sighting;
import labeler.lifecycle.follow.TakeOutcome;
import labeler.lifecycle.hold.NotFollowed;
import labeler.lifecycle.release.Departures;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.Timestamp;
import labeler.problem.Problem;
import labeler.vm.DeclaredUse;
import labeler.vm.LabelWishes;
import labeler.vm.VmDefinition;
import labeler.vm.VmName;

/** One look at a running domain: what libvirt has given it goes on record, and what it has left goes back. */
record DomainLook(
        DomainReader domains,
        FollowedFiles files,
        Departures departures,
        VmLifecycle lifecycle,
        DomainLabels labels,
        NotFollowed problems,
        AuditLog audit) {
    @Inject
    DomainLook {}

    /** The result of a look. */
    sealed interface Seen {}

    /** There is nothing to do until the next change. */
    record Nothing() implements Seen {}

    /** Something could not be done or known now. It is looked at again without a change as well, later. */
    record Unfinished() implements Seen {}

    /** It runs, and libvirt does not name the files of these holds any more. A later look may end the holds. */
    record Leaving(Map<FileHold, Optional<Timestamp>> touched) implements Seen {
        Leaving {
            touched = Map.copyOf(touched);
        }
    }

    /** It is on record, and libvirt knows nothing of its running. */
    record Gone() implements Seen {}

    /** A VM that is being started or stopped changes by that. */
    Optional<VmRecord> followed(VmName name) {
        return files.vm(name).filter(vm -> vm.startedBy().isLibvirt() && vm.phase() == VmRecord.Phase.RUNNING);
    }

    /** Nothing of a VM that is off the record may be told of the next one of that name. */
    void forget(VmName name) {
        if (files.vm(name).isEmpty()) {
            labels.ends(name);
            problems.forget(name);
        }
    }

    /** Looks at a domain. */
    Seen look(VmName name, Moment moment) {
        Optional<VmRecord> vm = followed(name);
        if (vm.isEmpty()) {
            return new Nothing();
        }
        return switch (domains.state(name)) {
            case DomainReader.Absent() -> new Gone();
            case DomainReader.Unreadable(String reason) -> {
                List<Problem> unknown = List.of(notKnown(reason));
                tell(name, unknown, moment);
                yield new Unfinished();
            }
            case DomainReader.Runs state -> isOurs(name) ? new Nothing() : look(vm.get(), state, moment);
        };
    }

    private static Problem notKnown(String reason) {
        return Problem.of(
                Problem.Kind.UNREADABLE,
                "cannot tell which files libvirt has given this domain, or taken from it: " + reason);
    }

    private void tell(VmName name, List<Problem> found, Moment moment) {
        if (moment.isCurrent().getAsBoolean() && followed(name).isPresent()) {
            problems.put(name, found);
        }
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

    private Seen look(VmRecord vm, DomainReader.Runs state, Moment moment) {
        Sighting seen = new Sighting(
                vm,
                moment.isCurrent(),
                () -> moment.isQuiet().getAsBoolean() && domains.isStill(vm.name(), state),
                labels.ofFollowed(vm.startedBy()) == GuardConfig.Labels.LABELER);
        List<Problem> found = new ArrayList<>();
        Seen answer = look(seen, state, moment, found);
        boolean isFinished = found.isEmpty();
        state.live().problems().stream().map(DomainLook::notUnderstood).forEach(found::add);
        tell(vm.name(), found, moment);
        return answer instanceof Nothing && !isFinished ? new Unfinished() : answer;
    }

    private static Problem notUnderstood(Problem problem) {
        return new Problem(
                problem.kind(),
                problem.file(),
                "not all of what libvirt has given to the running VM is understood, so nothing leaves: "
                        + problem.message());
    }

    private Seen look(Sighting seen, DomainReader.Runs state, Moment moment, List<Problem> found) {
        VmName name = seen.vm().name();
        VmDefinition live = state.live();
        Map<DeclaredUse.DeviceUse, List<HostPath>> nodes = files.nodes(live);
        Set<HostPath> names = new HashSet<>(LiveFiles.names(live));
        nodes.values().forEach(names::addAll);
        Optional<Map<HostPath, FileIdentity>> now = files.identities(names);
        if (now.isEmpty()) {
            found.add(notKnown("a file system of its files does not answer"));
            return new Unfinished();
        }
        LiveFiles before = new LiveFiles(seen.vm(), live, nodes, now.get(), files::recorded);
        before.led().forEach(path -> found.add(ledElsewhere(path)));
        List<DeclaredUse> joining = before.joining();
        if (!joining.isEmpty()) {
            VmDefinition account = domains.account(state);
            joining.forEach(use -> found.addAll(take(seen, use, live, account)));
        }
        Optional<VmRecord> joined = followed(name).filter(seen::isOf);
        return joined.isEmpty()
                ? new Unfinished()
                : leave(
                        seen,
                        live,
                        new LiveFiles(joined.get(), live, nodes, now.get(), files::recorded),
                        moment,
                        found);
    }

    private static Problem ledElsewhere(HostPath path) {
        return Problem.of(
                Problem.Kind.IN_USE,
                path,
                "its name leads to another file by now; the one that the running VM has stays on record until the VM"
                        + " ends, and the other one is not its own: stop and start the VM to use that");
    }

    /** One at a time: a file that cannot be had on record keeps no other off it. */
    private List<Problem> take(Sighting seen, DeclaredUse use, VmDefinition live, VmDefinition account) {
        VmDefinition definition = part(live, List.of(use));
        VmDefinition chains = part(live, LiveFiles.around(use, account));
        return switch (files.follow(seen, definition, chains)) {
            case TakeOutcome.Taken(JoinedFiles taken) -> {
                taken.close();
                say(seen.vm().name(), "libvirt has given it " + words(taken.holds()) + ", on record from now on");
                yield List.of();
            }
            case TakeOutcome.Unfit() -> List.of();
            case TakeOutcome.Refused(List<Problem> why) ->
                why.stream().map(problem -> notOnRecord(use, problem)).toList();
        };
    }

    /** Without the labels that the domain chooses for single files: the running VM has them, and their originals go on record. */
    private static VmDefinition part(VmDefinition live, List<DeclaredUse> uses) {
        LabelWishes wishes = new LabelWishes(
                Optional.empty(), live.wishes().kept(), live.wishes().labelledByLibvirt(), false);
        return new VmDefinition(uses, List.of(), Optional.empty(), live.acceleration(), List.of(), wishes);
    }

    private static Problem notOnRecord(DeclaredUse use, Problem problem) {
        return new Problem(
                problem.kind(),
                problem.file().or(() -> use.names().stream().findFirst()),
                "libvirt has given it to the running VM, and it is not on record: " + problem.message());
    }

    /** A file that an earlier look has seen leaving, and that nobody has touched since, leaves now. */
    private Seen leave(Sighting seen, VmDefinition live, LiveFiles held, Moment moment, List<Problem> found) {
        if (held.notNamed().isEmpty()) {
            return new Nothing();
        }
        // A header may lead to a file that libvirt does not name.
        Optional<FollowedFiles.Reached> reached = files.reached(live);
        if (reached.isEmpty()) {
            found.add(notKnown("a header cannot be read, so nothing leaves"));
            return new Unfinished();
        }
        Map<FileHold, Optional<Timestamp>> leaving = new HashMap<>(departures.touched(
                held.leaving(reached.get().names(), reached.get().files())));
        Map<FileHold, Optional<Timestamp>> ending = new HashMap<>(leaving);
        ending.entrySet().retainAll(moment.leaving().entrySet());
        if (ending.isEmpty()) {
            return leaving.isEmpty() ? new Nothing() : new Leaving(leaving);
        }
        found.addAll(end(seen, ending));
        leaving.keySet().removeAll(ending.keySet());
        return leaving.isEmpty() || !found.isEmpty() ? new Nothing() : new Leaving(leaving);
    }

    private List<Problem> end(Sighting seen, Map<FileHold, Optional<Timestamp>> ending) {
        Map<Long, Optional<Timestamp>> touched = new HashMap<>();
        ending.forEach((hold, time) -> hold.file().ifPresent(id -> touched.put(id, time)));
        VmReport report = files.leave(
                seen, List.copyOf(ending.keySet()), departures.free(seen.vm(), touched, seen.isUnchanged()));
        VmName name = seen.vm().name();
        List<FileHold> left = files.vm(name).map(VmRecord::files).orElse(List.of());
        List<FileHold> ended =
                ending.keySet().stream().filter(hold -> !left.contains(hold)).toList();
        if (!ended.isEmpty()) {
            say(name, "libvirt has taken " + words(ended) + " from it");
        }
        List<Problem> failures = new ArrayList<>(report.problems());
        report.files().stream()
                .filter(FileReport::isFailure)
                .map(file -> Problem.of(
                        Problem.Kind.LABEL_NOT_SET,
                        file.path(),
                        "libvirt has taken it from the running VM, and its label did not go back: " + file.message()))
                .forEach(failures::add);
        return failures;
    }

    private static String words(List<FileHold> holds) {
        return holds.stream()
                .map(hold -> hold.path().printable())
                .distinct()
                .sorted()
                .collect(Collectors.joining(", "));
    }

    private void say(VmName name, String message) {
        audit.add(AuditEntry.of(AuditEvent.LABELS_CHANGED, name).saying(message));
    }
}
