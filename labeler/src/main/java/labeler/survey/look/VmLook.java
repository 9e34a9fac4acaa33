package labeler.survey.look;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
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
import labeler.selinux.CategoryPair;
import labeler.selinux.Level;
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

        /** Those that its level includes. */
        Set<CategoryPair> pairs() {
            return process
                    .flatMap(ProcessFacts::context)
                    .map(context -> Level.within(context.level()))
                    .orElse(Set.of())
                    .stream()
                    .map(Level::pair)
                    .collect(Collectors.toSet());
        }

        /**
         * Whether it has one of these files open as a VM does that has them. Others may read an image that it reads. A user who
         * may not see what it has open sees what it names.
         */
        boolean has(List<VmFileFacts> its) {
            boolean isWriting = its.stream().anyMatch(VmFileFacts::written);
            Set<FileIdentity> wanted = its.stream()
                    .filter(file -> file.written() || !isWriting)
                    .map(file -> file.file().identity())
                    .collect(Collectors.toSet());
            Set<FileIdentity> found = process.flatMap(ProcessFacts::open)
                    .map(open -> isWriting ? open.written() : open.all())
                    .orElseGet(() ->
                            files.stream().map(file -> file.file().identity()).collect(Collectors.toSet()));
            return !Collections.disjoint(wanted, found);
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
        Map<String, Draft> domains = new HashMap<>();
        for (DomainLook.Defined domain : defined) {
            progress.accept("the files of " + domain.name());
            Draft draft = process(domain.name(), processes.isEmpty(), unseen)
                    .flatMap(pid -> Optional.ofNullable(processes.get(pid)))
                    .orElseGet(() -> added(all));
            draft.name = Optional.of(domain.name().value());
            draft.add(files.of(domain.definition(), false));
            domains.put(domain.name().value(), draft);
        }
        for (HeldVm vm : held) {
            FilesLook.Seen its = files.held(vm.files());
            Optional<Draft> domain = Optional.ofNullable(domains.get(vm.name()));
            Draft draft = vm.pid()
                    .flatMap(pid -> Optional.ofNullable(processes.get(pid)))
                    .or(() -> domain.filter(found -> found.process.isPresent()))
                    .or(() -> proven(processes.values(), vm, its))
                    .or(() -> domain)
                    .orElseGet(() -> added(all));
            draft.name = Optional.of(vm.name());
            draft.add(its);
        }
        return all.stream().map(Draft::facts).toList();
    }

    /** If the process of a running domain is not known, nobody can tell that the two are one VM. */
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

    /**
     * The process of a VM of which labeler knows none. Any program may call itself so: it has to run at the VM's pair, or to
     * have the VM's files.
     */
    private static Optional<Draft> proven(Collection<Draft> processes, HeldVm vm, FilesLook.Seen its) {
        List<Draft> named = processes.stream()
                .filter(draft -> draft.name.equals(Optional.of(vm.name())))
                .toList();
        return named.stream()
                .filter(draft -> draft.pairs().equals(Set.of(vm.pair())))
                .findFirst()
                .or(() -> named.stream()
                        .filter(draft -> draft.pairs().isEmpty() && draft.has(its.files()))
                        .findFirst());
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

    /** The open files that the kernel shows of it. A descriptor may be on a file system that does not answer. */
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
            unseen.add(new Unseen("the open files of process " + qemu.pid(), why));
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
