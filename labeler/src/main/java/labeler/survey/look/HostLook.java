package labeler.survey.look;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import labeler.api.Definitions;
import labeler.api.ParsedDefinitions;
import labeler.apply.Labels;
import labeler.leftover.DirectoryPolicy;
import labeler.leftover.HostsBeside;
import labeler.leftover.LibvirtDomains;
import labeler.leftover.LibvirtFiles;
import labeler.leftover.LibvirtStates;
import labeler.leftover.PairsInUse;
import labeler.libvirt.LibvirtDirectories;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.Pid;
import labeler.mcs.ProcessContexts;
import labeler.openfiles.ProcessDescriptors;
import labeler.policy.OpeningBooleans;
import labeler.selinux.CategoryPair;
import labeler.selinux.SecurityContext;
import labeler.selinux.SelinuxHost;
import labeler.selinux.Selinuxfs;
import labeler.survey.FileFacts;
import labeler.survey.HeldVm;
import labeler.survey.HostFacts;
import labeler.survey.ImageProblem;
import labeler.survey.Looked;
import labeler.survey.Sight;
import labeler.survey.SurveyRequest;
import labeler.survey.Unseen;
import labeler.survey.VmFacts;
import labeler.survey.VmFileFacts;
import labeler.survey.look.ProcessLook.Root;
import labeler.survey.look.ProcessLook.Running;

/** A look at a host. It changes nothing, and it ends: what does not answer is named and left out. */
public final class HostLook {
    private static final Definitions DEFINITIONS = new ParsedDefinitions(LibvirtDirectories.SYSTEM);

    /** The largest number of problems told of one image. A hostile header has as many as it likes. */
    private static final int MOST_PROBLEMS = 20;

    private final HostSources host;
    private final SelinuxHost.Mode mode;
    private final LabelLook labels;
    private final FilesLook files;
    private final Consumer<String> progress;
    private final List<Unseen> unseen = new ArrayList<>();

    /** @param progress gets what is looked at just now, one line */
    public HostLook(HostSources host, Consumer<String> progress) {
        this.host = host;
        this.progress = progress;
        this.mode = host.selinux().mode();
        Labels stored =
                new Labels(host.linux().attributes(), host.linux().fileSystems(), mode != SelinuxHost.Mode.INACTIVE);
        this.labels = new LabelLook(stored, host.linux(), policy(stored), host.contexts());
        this.files = new FilesLook(host, labels);
    }

    private Optional<DirectoryPolicy> policy(Labels stored) {
        if (mode == SelinuxHost.Mode.INACTIVE) {
            return Optional.empty();
        }
        SecurityContext creator = walls().context(
                        new Pid(Math.toIntExact(ProcessHandle.current().pid())))
                .orElse(host.contexts().process());
        return Optional.of(
                new DirectoryPolicy(kernel(), creator, host.contexts().image(), stored));
    }

    private Selinuxfs kernel() {
        return new Selinuxfs(host.selinux().selinuxfs());
    }

    private WallLook walls() {
        return new WallLook(
                host.linux().processes(), mode, kernel(), host.contexts().image());
    }

    /**
     * Looks at everything.
     *
     * @param directories to look through
     */
    public Sight look(SurveyRequest request, List<HostPath> directories) {
        if (request.held().isEmpty()) {
            unseen.add(new Unseen("labeler's own VMs, their walls and their pairs", request.silence()));
        }
        progress.accept("processes");
        Patience patience = new Patience(host.work().limits().call());
        List<Running> running = new ProcessLook(
                        host.proc(), host.linux().processes(), DEFINITIONS, patience, ProcessLook.Limits.DEFAULT)
                .look(unseen);
        long hidden =
                running.stream().filter(qemu -> qemu.root() == Root.HIDDEN).count();
        if (hidden > 0) {
            unseen.add(new Unseen(
                    "the open files and the root directories of " + hidden + " qemu processes",
                    "this user may not look at them, or they do not answer"));
        }
        List<VmFacts> vms = new VmLook(
                        files,
                        walls(),
                        new LibvirtStates(host.linux(), LibvirtFiles.SYSTEM),
                        ProcessDescriptors.in(host.proc()),
                        patience,
                        progress)
                .look(running, domains(), request.held().orElse(List.of()), unseen);
        // A VM that ends while the directories are looked through has left no label of a dead one.
        Optional<Set<CategoryPair>> before = pairs(request.held());
        DirectoryLook.Found found =
                new DirectoryLook(host, labels, DirectoryLook.Limits.DEFAULT, progress).look(directories);
        unseen.addAll(found.unseen());
        HostFacts facts = new HostFacts(
                mode,
                host.contexts(),
                opening(),
                both(before, pairs(request.held())),
                vms,
                found.files(),
                problems(unjudged(found, vms)));
        labels.missed().forEach(unseen::add);
        return new Sight(
                facts,
                new Looked(
                        running.size(),
                        (int) vms.stream().filter(vm -> !vm.isRunning()).count(),
                        found.looked(),
                        found.images().size()),
                unseen);
    }

    /** A file of the kernel's that is there and cannot be read is not the same as one that is missing. */
    private List<String> opening() {
        if (mode == SelinuxHost.Mode.INACTIVE) {
            if (Files.exists(host.selinux().selinuxfs().resolve("enforce"))) {
                unseen.add(new Unseen("whether SELinux is enforcing", "the kernel's file about it cannot be read"));
            }
            return List.of();
        }
        OpeningBooleans booleans = new OpeningBooleans(host.selinux());
        booleans.hidden()
                .forEach(name ->
                        unseen.add(new Unseen("the boolean " + name, "the kernel's file about it cannot be read")));
        return booleans.on();
    }

    private List<DomainLook.Defined> domains() {
        return host.domains()
                .map(domains -> new DomainLook(domains, DEFINITIONS, DomainLook.LIMIT).look(unseen, progress))
                .orElseGet(() -> {
                    unseen.add(new Unseen("libvirt's domains", "only root asks for them here"));
                    return List.of();
                });
    }

    private static Optional<Set<CategoryPair>> both(
            Optional<Set<CategoryPair>> before, Optional<Set<CategoryPair>> after) {
        return before.flatMap(first -> after.map(
                second -> Stream.concat(first.stream(), second.stream()).collect(Collectors.toSet())));
    }

    /**
     * Without those of VMs. Their definitions say what they are: a guest may write the header of an image into a raw disk,
     * and it means nothing.
     */
    private static List<HostPath> unjudged(DirectoryLook.Found found, List<VmFacts> vms) {
        Set<FileIdentity> judged = vms.stream()
                .flatMap(vm -> vm.files().stream())
                .filter(VmFileFacts::image)
                .map(file -> file.file().identity())
                .collect(Collectors.toSet());
        return found.images().stream()
                .filter(image -> !judged.contains(image.identity()))
                .map(FileFacts::path)
                .toList();
    }

    private List<ImageProblem> problems(List<HostPath> images) {
        List<ImageProblem> problems = new ArrayList<>();
        int looked = 0;
        for (HostPath image : images) {
            looked++;
            if (looked % 20 == 0) {
                progress.accept(looked + " of " + images.size() + " images; " + image.printable());
            }
            List<ImageProblem> its = files.ofImage(image).problems();
            its.stream().limit(MOST_PROBLEMS).map(problem -> problem.at(image)).forEach(problems::add);
            if (its.size() > MOST_PROBLEMS) {
                unseen.add(new Unseen(
                        (its.size() - MOST_PROBLEMS) + " more problems of " + image.printable(),
                        "no more than " + MOST_PROBLEMS + " of an image are told"));
            }
        }
        return problems;
    }

    /** The pairs that somebody holds; empty if one might be missing. */
    private Optional<Set<CategoryPair>> pairs(Optional<List<HeldVm>> held) {
        if (held.isEmpty()) {
            return Optional.empty();
        }
        Set<CategoryPair> recorded = new HashSet<>();
        held.get().forEach(vm -> recorded.add(vm.pair()));
        try {
            PairsInUse.Known known = new PairsInUse(
                            new ProcessContexts(host.linux().processes(), mode != SelinuxHost.Mode.INACTIVE),
                            () -> recorded,
                            new LibvirtDomains(LibvirtFiles.SYSTEM, LibvirtDirectories.SYSTEM, host.linux()),
                            HostsBeside.none())
                    .now();
            known.remark().ifPresent(remark -> unseen.add(new Unseen("states of libvirt's domains", remark)));
            if (known.warnings().isEmpty()) {
                return Optional.of(known.pairs());
            }
            known.warnings().forEach(why -> unseen.add(new Unseen("labels of VMs that are gone", why)));
        } catch (LinuxException e) {
            unseen.add(new Unseen("labels of VMs that are gone", String.valueOf(e.getMessage())));
        }
        return Optional.empty();
    }
}
