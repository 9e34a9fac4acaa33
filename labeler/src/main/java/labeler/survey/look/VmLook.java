package labeler.survey.look;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import labeler.leftover.LibvirtStates;
import labeler.linux.FileIdentity;
import labeler.linux.Pid;
import labeler.openfiles.Look;
import labeler.openfiles.OpenDescriptor;
import labeler.openfiles.OpenMode;
import labeler.openfiles.ProcessDescriptors;
import labeler.problem.IoReason;
import labeler.selinux.SecurityContext;
import labeler.survey.HeldVm;
import labeler.survey.ImageProblem;
import labeler.survey.OpenFiles;
import labeler.survey.ProcessFacts;
import labeler.survey.ProcessWall;
import labeler.survey.Unseen;
import labeler.survey.VmFacts;
import labeler.survey.VmFileFacts;
import labeler.survey.VmIdentity;
import labeler.survey.look.ProcessLook.Root;
import labeler.survey.look.ProcessLook.Running;
import labeler.vm.VmDefinition;
import labeler.vm.VmName;

/**
 * Puts processes, domains and labeler's own VMs together: each VM once, by its process.
 *
 * @param states what libvirt keeps about its running domains
 */
record VmLook(
        FilesLook files,
        WallLook walls,
        LibvirtStates states,
        ProcessDescriptors descriptors,
        Patience patience,
        Consumer<String> progress) {
    /** A VM, while it is put together. */
    private static final class Draft {
        private Optional<String> name = Optional.empty();
        private Optional<ProcessFacts> process = Optional.empty();
        private final List<VmFileFacts> files = new ArrayList<>();
        private final List<ImageProblem> problems = new ArrayList<>();

        void add(FilesLook.Seen seen) {
            files.addAll(seen.files());
            problems.addAll(seen.problems());
        }

        VmFacts facts() {
            return new VmFacts(new VmIdentity(name, process.map(ProcessFacts::pid)), process, files, problems);
        }
    }

    List<VmFacts> look(
            List<Running> running, List<DomainLook.Defined> defined, List<HeldVm> held, List<Unseen> unseen) {
        Map<Pid, HeldVm> own = new HashMap<>();
        held.forEach(vm -> vm.pid().ifPresent(pid -> own.put(pid, vm)));
        Map<Pid, Draft> processes = new LinkedHashMap<>();
        for (Running qemu : running) {
            progress.accept("the files of process " + qemu.pid());
            processes.put(qemu.pid(), draft(qemu, Optional.ofNullable(own.get(qemu.pid())), unseen));
        }
        List<Draft> all = new ArrayList<>(processes.values());
        for (DomainLook.Defined domain : defined) {
            progress.accept("the files of " + domain.name());
            Draft draft = process(domain.name(), processes.isEmpty(), unseen)
                    .flatMap(pid -> Optional.ofNullable(processes.get(pid)))
                    .orElseGet(() -> added(all));
            draft.name = Optional.of(domain.name().value());
            draft.add(files.of(domain.definition(), false));
        }
        for (HeldVm vm : held) {
            Draft draft = vm.pid()
                    .flatMap(pid -> Optional.ofNullable(processes.get(pid)))
                    .or(() -> named(all, vm.name()))
                    .orElseGet(() -> added(all));
            draft.name = Optional.of(vm.name());
            draft.add(files.held(vm.files()));
        }
        return all.stream().map(Draft::facts).toList();
    }

    /** Of a running domain whose process is not known nobody can tell that the two are one VM. */
    private Optional<Pid> process(VmName name, boolean isAlone, List<Unseen> unseen) {
        return switch (states.started(name)) {
            case LibvirtStates.None _ -> Optional.empty();
            case LibvirtStates.Text text -> LibvirtStates.pid(text);
            case LibvirtStates.Unknown(String reason) -> {
                if (!isAlone) {
                    unseen.add(new Unseen("which process domain " + name + " is", reason));
                }
                yield Optional.empty();
            }
        };
    }

    private static Draft added(List<Draft> all) {
        Draft draft = new Draft();
        all.add(draft);
        return draft;
    }

    private static Optional<Draft> named(List<Draft> all, String name) {
        return all.stream()
                .filter(draft -> draft.name.equals(Optional.of(name)))
                .findFirst();
    }

    private Draft draft(Running qemu, Optional<HeldVm> own, List<Unseen> unseen) {
        Draft draft = new Draft();
        draft.name = qemu.name();
        boolean isElsewhere = qemu.root() == Root.OTHER;
        Optional<OpenFiles> open = open(qemu, unseen);
        Optional<SecurityContext> context = walls.context(qemu.pid());
        if (context.isEmpty() && walls.hasPairs()) {
            unseen.add(new Unseen("the pair of process " + qemu.pid(), WallLook.NOT_SEEN));
        }
        draft.process = Optional.of(new ProcessFacts(
                qemu.pid(),
                qemu.user(),
                isElsewhere ? new ProcessWall.Unknown("it runs in a container") : wall(qemu.pid(), own),
                context,
                open));
        if (isElsewhere) {
            unseen.add(new Unseen(
                    "the files of " + draft.facts().identity().text(),
                    "it has another root directory than this program, so its names mean other files"));
        } else {
            FilesLook.Seen named = files.of(definition(qemu, draft, unseen), true);
            FilesLook.Seen seen = open.map(named::with).orElse(named);
            draft.add(own.isPresent() ? seen.ofFiles() : seen);
        }
        return draft;
    }

    /** Without the options whose names nobody can complete. */
    private static VmDefinition definition(Running qemu, Draft draft, List<Unseen> unseen) {
        VmDefinition whole = qemu.line().definition();
        if (!qemu.hasRelative()) {
            return whole;
        }
        unseen.add(new Unseen(
                "some files of " + draft.facts().identity().text(),
                "their names begin in the process's directory, which is not to be seen"));
        return new VmDefinition(
                whole.uses().stream()
                        .filter(use -> !qemu.line().relative().contains(use.origin()))
                        .toList(),
                whole.external(),
                whole.processContext(),
                whole.acceleration(),
                whole.problems(),
                whole.wishes());
    }

    private ProcessWall wall(Pid pid, Optional<HeldVm> own) {
        return own.filter(vm -> !vm.walls().isEmpty() && !vm.isBySelinuxAlone())
                .<ProcessWall>map(vm -> new ProcessWall.Stands("labeler: " + vm.walls()))
                .orElseGet(() -> walls.of(pid));
    }

    /** What the kernel shows of it. A descriptor may be on a file system that does not answer. */
    private Optional<OpenFiles> open(Running qemu, List<Unseen> unseen) {
        String why = "one of them is on a file system that does not answer";
        try {
            Optional<Look> look = patience.ask(() -> descriptors.of(qemu.pid()));
            if (look.isPresent() && look.get() instanceof Look.Seen seen) {
                return Optional.of(new OpenFiles(
                        identities(seen.descriptors(), _ -> true),
                        identities(seen.descriptors(), OpenMode::writes),
                        seen.descriptors().stream().map(OpenDescriptor::name).collect(Collectors.toSet())));
            }
            if (look.isPresent() && look.get() instanceof Look.NotSeen(String reason, Look.Cause _)) {
                why = reason;
            }
        } catch (IOException e) {
            why = IoReason.of(e);
        }
        if (qemu.root() != Root.HIDDEN) {
            unseen.add(new Unseen("what process " + qemu.pid() + " has open", why));
        }
        return Optional.empty();
    }

    private static Set<FileIdentity> identities(List<OpenDescriptor> descriptors, Predicate<OpenMode> modes) {
        return descriptors.stream()
                .filter(open -> modes.test(open.mode()))
                .map(open -> open.device().map(OpenFiles::device).orElse(open.identity()))
                .collect(Collectors.toSet());
    }
}
