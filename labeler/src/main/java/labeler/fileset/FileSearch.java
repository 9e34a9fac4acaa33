package labeler.fileset;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.chain.Chain;
import labeler.chain.ChainWalker;
import labeler.fileset.device.AddressedNodes;
import labeler.fileset.device.HostDevices;
import labeler.fileset.device.HostNode;
import labeler.linux.FileIdentity;
import labeler.linux.FileType;
import labeler.linux.HostPath;
import labeler.linux.OpenRefusal;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.SafeOpen;
import labeler.problem.Problem;
import labeler.reference.HeaderTarget;
import labeler.reference.ReadHeader;
import labeler.reference.TargetRules;
import labeler.reference.WrittenReference;
import labeler.vm.DeclaredExternal;
import labeler.vm.DeclaredUse;
import labeler.vm.FileRole;
import labeler.vm.ImageChain;
import labeler.vm.LabelWishes;
import labeler.vm.Origin;
import labeler.vm.UseAccess;
import labeler.vm.VmDefinition;

/** The search for the files of one definition. */
final class FileSearch {
    private final SafeOpen open;
    private final ChainWalker<LinuxImage> walker;
    private final SystemFiles systemFiles;
    private final ServiceFiles.Now service;
    private final HeaderRules rules;
    private final ProgramFiles programs;
    private final OutputNameCheck madeNames;
    private final HeaderTargets headerTargets;
    private final HostDevices devices;
    private final ObjectSearch objects;
    private final ExistingNames existing;

    private final MergedFiles files = new MergedFiles();
    private final List<ImageChain> chains = new ArrayList<>();
    private final ReadHeaders headers = new ReadHeaders();

    /** Files that headers or definitions name, by identity; and the directories of images that definitions name. */
    private final List<HeaderTarget> targets = new ArrayList<>();

    private final Set<FileIdentity> declared = new HashSet<>();
    private final List<HostPath> directories = new ArrayList<>();
    private final Map<HostPath, HostPath> names = new HashMap<>();
    private final List<External> external = new ArrayList<>();
    private final List<Problem> problems = new ArrayList<>();
    private final List<Problem> warnings = new ArrayList<>();

    private Optional<HostFileUses.Now> hostUses = Optional.empty();
    private boolean joins;

    private LabelWishes wishes = LabelWishes.NONE;

    FileSearch(
            SafeOpen open,
            ChainWalker<LinuxImage> walker,
            SystemFiles systemFiles,
            ServiceFiles.Now service,
            HeaderRules rules,
            ProgramFiles programs) {
        this.open = open;
        this.existing = new ExistingNames(open);
        this.walker = walker;
        this.systemFiles = systemFiles;
        this.service = service;
        this.rules = rules;
        this.programs = programs;
        this.madeNames = new OutputNameCheck(open);
        this.headerTargets = new HeaderTargets(open);
        this.devices = systemFiles.hostDevices(open);
        this.objects = new ObjectSearch(open, devices.nodes(), (name, number) -> uses().ofDisk(name, number));
    }

    /** For a VM that runs. Before a VM starts, whatever is in a runtime directory is another VM's. */
    FileSearch joining() {
        joins = true;
        return this;
    }

    FileSet gather(VmDefinition definition) {
        problems.addAll(definition.problems());
        wishes = definition.wishes();
        for (DeclaredExternal one : definition.external()) {
            external.add(new External(
                    one.reference(), one.protocol(), one.role(), one.origin().text()));
        }
        boolean isDone = false;
        try {
            for (DeclaredUse use : definition.uses()) {
                switch (use) {
                    case DeclaredUse.ImageUse image -> addChain(image);
                    case DeclaredUse.FileUse file ->
                        madeNames.inDirectory(file).ifPresentOrElse(this::addMade, () -> addFile(file, false));
                    case DeclaredUse.SearchedUse searched -> addFound(searched);
                    case DeclaredUse.MadeByQemu made -> addMade(made);
                    case DeclaredUse.OptionalUse file -> addIfThere(file);
                    case DeclaredUse.DeviceUse device -> addDevice(device);
                    case DeclaredUse.TreeUse tree -> addTree(tree);
                }
            }
            List<HeaderTarget> fromHeaders = targets.stream()
                    .filter(target -> !declared.contains(target.status().identity()))
                    .toList();
            problems.addAll(rules.judge(fromHeaders, directories));
            problems.addAll(headers.contradictions());
            problems.addAll(TreeSearch.inside(files.finish()));
            List<VmFile> all = files.finish(names, wishes);
            FileSet found = new FileSet(all, chains, headers.finish(), names, external, problems, warnings);
            isDone = true;
            return found;
        } finally {
            // Also after an Error: a request that runs out of memory fails alone, and the service goes on.
            if (!isDone) {
                files.close();
            }
        }
    }

    /** Asks once, and only if a header names a file, or a VM is given a disk for commands. */
    private Optional<String> hostUse(OpenedFile file) {
        return uses().of(file);
    }

    private HostFileUses.Now uses() {
        HostFileUses.Now now = hostUses.orElseGet(rules::hostUses);
        hostUses = Optional.of(now);
        return now;
    }

    private void addChain(DeclaredUse.ImageUse use) {
        if (use.mayBeMissing() && !existing.has(use.names().getFirst())) {
            return;
        }
        Chain<LinuxImage> chain = walker.walk(use.image());
        chain.nodes().forEach(node -> files.hold(node.file().file()));
        if (use.shareable()) {
            ChainUses.notRaw(use, chain).ifPresent(problems::add);
        }
        for (Chain.Node<LinuxImage> node : chain.nodes()) {
            OpenedFile file = node.file().file();
            collect(use, node, chain);
            files.layer(use.origin(), file.path(), wishes);
            add(
                    file.path(),
                    file,
                    ChainUses.of(use, node, chain),
                    ChainUses.isShareable(use, chain.nodes().getFirst()),
                    wishes.reasonToKeep(use.origin(), file.path()));
        }
        if (!chain.nodes().isEmpty()) {
            chains.add(ImageChain.of(use.origin(), chain, FileSearch::isBlockDevice));
        }
        for (Chain.External one : chain.external()) {
            external.add(new External(
                    one.reference().toString(),
                    one.protocol(),
                    ChainUses.role(use, one.role()),
                    one.parent().toString()));
        }
        chain.problems().forEach(problem -> problems.add(problem(use, problem)));
        chain.warnings().forEach(warning -> warnings.add(ChainProblems.problem(warning)));
    }

    /**
     * @param name by which it was found
     * @param kept the reason why the definition keeps its label, if so
     */
    private void add(HostPath name, OpenedFile file, FileUse use, boolean shareable, Optional<String> kept) {
        if (kept.isPresent() && use.isWriting()) {
            problems.add(WayOut.ofKeptWriter(name, use));
        }
        Optional<String> leave =
                kept.or(() -> use.isWriting() ? Optional.empty() : systemFiles.reasonToLeave(use.role(), file));
        names.put(name, files.add(file, use, shareable, leave));
    }

    /** A file that could not be opened because it is the service's is reported as such. */
    private Problem problem(DeclaredUse.ImageUse use, labeler.chain.Problem problem) {
        HostPath path = ChainProblems.path(problem.file());
        if (problem.kind() != labeler.chain.Problem.Kind.NOT_A_FILE
                || service.ofName(path) == ServiceFiles.Belonging.ELSEWHERE) {
            return ChainProblems.problem(problem);
        }
        return problem.namedBy()
                .filter(_ -> !ChainUses.declares(use.image(), problem.file()))
                .map(image -> TargetRules.ofService(path, ChainProblems.path(image)))
                .orElseGet(() -> ServiceFiles.refused(path, use.origin()));
    }

    private void collect(DeclaredUse.ImageUse use, Chain.Node<LinuxImage> node, Chain<LinuxImage> chain) {
        OpenedFile file = node.file().file();
        boolean isWritable = node.access().isWriting();
        headers.add(new ReadHeader(
                file.path(),
                file.realPath(),
                ReadHeader.identity(file.path(), file.status()),
                node.format(),
                isWritable,
                isWritable || chain.nodes().getFirst().access().isWriting(),
                node.references().stream()
                        .map(named -> new ReadHeader.Found(WrittenReference.of(named.reference()), named.believed()))
                        .toList()));
        switch (node.namedBy()) {
            case DECLARATION -> {
                boolean _ = refuse(file.path(), use.origin(), service.of(file));
                programs.refused(file.path(), file, ChainUses.of(use, node, chain))
                        .ifPresent(problems::add);
                declared.add(file.identity());
                directories.add(file.realPath().parent());
            }
            case HEADER ->
                targets.add(headerTargets.of(
                        chain,
                        node,
                        service.of(file) != ServiceFiles.Belonging.ELSEWHERE,
                        hostUse(file).or(() -> programs.use(file))));
        }
    }

    private static boolean isBlockDevice(LinuxImage image) {
        return image.file().status().type() == FileType.BLOCK_DEVICE;
    }

    /** The candidate that qemu would take: the first that exists, or the last if none does. */
    private void addFound(DeclaredUse.SearchedUse searched) {
        Optional<HostPath> found = existing.first(searched.candidates());
        WayOut.ofNone(searched).filter(_ -> found.isEmpty()).ifPresentOrElse(problems::add, () -> {
            HostPath path = found.orElseGet(searched.candidates()::getLast);
            addFile(new DeclaredUse.FileUse(searched.origin(), searched.role(), path, searched.access()), false);
        });
    }

    private void addIfThere(DeclaredUse.OptionalUse use) {
        if (existing.has(use.path())) {
            addFile(new DeclaredUse.FileUse(use.origin(), use.role(), use.path(), use.access()), false);
        }
    }

    private void addDevice(DeclaredUse.DeviceUse use) {
        switch (devices.addresses().of(use.device())) {
            case AddressedNodes.Unknown(String message) -> {
                if (!use.mayBeMissing()) {
                    problems.add(Problem.of(Problem.Kind.MISSING, message + " (" + use.origin() + " names it)"));
                }
            }
            case AddressedNodes.Later(HostPath node, String reason)
            when !existing.has(node) ->
                addMade(new DeclaredUse.MadeByQemu(
                        use.origin(), use.role(), node, DeclaredUse.Making.ELSEWHERE, reason));
            case AddressedNodes.Later(HostPath node, String _) ->
                addFile(device(use, use.role(), node), use.shareable());
            case AddressedNodes.Known(List<HostNode> nodes) ->
                nodes.stream()
                        .filter(node -> node.needed() || existing.has(node.path()))
                        .forEach(node -> addFile(device(use, node.role(), node.path()), use.shareable()));
        }
    }

    private static DeclaredUse.FileUse device(DeclaredUse.DeviceUse use, FileRole role, HostPath node) {
        return new DeclaredUse.FileUse(use.origin(), role, node, UseAccess.READ_WRITE);
    }

    /** Where nobody labels a tree, its own labels decide, as without labeler. A level of the domain's own is labeler's. */
    private void addTree(DeclaredUse.TreeUse use) {
        boolean isOurs = wishes.isStatic() && !wishes.labelledByLibvirt();
        Optional<String> kept = wishes.reasonToKeep(use.origin(), use.root())
                .or(() -> Optional.of("libvirt labels no directory tree; its own labels decide what the VM may do")
                        .filter(_ -> use.mayStay() && !isOurs && !systemFiles.labelsTrees()));
        if (kept.isEmpty() && !systemFiles.labelsTrees()) {
            problems.add(WayOut.ofTree(use));
            return;
        }
        switch (new TreeSearch(open, service, programs, systemFiles.otherNames()).search(use)) {
            case TreeSearch.Refused(Problem problem) -> problems.add(problem);
            case TreeSearch.Found(OpenedFile root) -> {
                FileUse tree = new FileUse(use.origin(), FileRole.TREE, use.access());
                names.put(use.root(), files.add(files.hold(root), tree, false, kept));
            }
        }
    }

    /** @param shareable whether the definition says that other VMs may write it at the same time */
    private void addFile(DeclaredUse.FileUse use, boolean shareable) {
        FileUse fileUse = new FileUse(use.origin(), use.role(), use.access());
        switch (open.open(use.path(), OpenRequest.IMAGE)) {
            case OpenedFile opened -> {
                OpenedFile file = files.hold(opened);
                if (refuse(use.path(), use.origin(), service.of(file))) {
                    file.close();
                    return;
                }
                programs.refused(use.path(), file, fileUse).ifPresent(problems::add);
                declared.add(file.identity());
                if (fileUse.isWriting()) {
                    headers.addWritten(file);
                }
                add(use.path(), file, fileUse, shareable, wishes.reasonToKeep(use.origin(), use.path()));
            }
            case OpenRefusal refusal -> addUnopened(use, fileUse, shareable, refusal);
        }
    }

    /** @return whether it is refused */
    private boolean refuse(HostPath path, Origin origin, ServiceFiles.Belonging belonging) {
        boolean isService = belonging == ServiceFiles.Belonging.SERVICE;
        if (isService) {
            problems.add(ServiceFiles.refused(path, origin));
        }
        return isService;
    }

    private void addMade(DeclaredUse.MadeByQemu made) {
        ServiceFiles.Belonging belonging = made.making() == DeclaredUse.Making.NAMELESS
                ? service.ofDirectory(made.path())
                : service.ofName(made.path());
        if (refuse(made.path(), made.origin(), belonging)) {
            return;
        }
        switch (madeNames.judge(made)) {
            case OutputNameCheck.Free(Optional<HostPath> place) -> {
                boolean file = made.making() == DeclaredUse.Making.FILE;
                files.addUnopened(
                        place.orElseGet(made::path),
                        file ? directory(made.path()) : Optional.empty(),
                        new FileUse(made.origin(), made.role(), UseAccess.CREATE),
                        Optional.of(made.reason()));
            }
            case OutputNameCheck.ExistingFile() ->
                addFile(new DeclaredUse.FileUse(made.origin(), made.role(), made.path(), UseAccess.CREATE), false);
            case OutputNameCheck.Refused(Problem problem) -> problems.add(problem);
        }
    }

    private void addUnopened(DeclaredUse.FileUse use, FileUse fileUse, boolean shareable, OpenRefusal refusal) {
        if (refuse(use.path(), use.origin(), service.ofName(use.path()))) {
            return;
        }
        ObjectSearch.Result result =
                refusal.reason() == OpenRefusal.Reason.WRONG_TYPE ? objects.search(use) : new ObjectSearch.NotFound();
        switch (result) {
            case ObjectSearch.Found found -> addObject(use, fileUse, shareable, found);
            case ObjectSearch.Refused(String message) ->
                problems.add(new Problem(Problem.Kind.NOT_A_FILE, Optional.of(use.path()), message));
            case ObjectSearch.NotFound() -> addAbsent(use, fileUse, refusal);
        }
    }

    /** A device of one VM is that VM's alone, also where the VM only reads it, unless it is declared shareable. */
    private void addObject(DeclaredUse.FileUse use, FileUse fileUse, boolean shareable, ObjectSearch.Found found) {
        OpenedFile file = files.hold(found.file());
        ServiceFiles.Belonging belonging = service.of(file);
        boolean isOfOtherVm = !joins && belonging == ServiceFiles.Belonging.RUNTIME_DIRECTORY;
        if (refuse(use.path(), use.origin(), isOfOtherVm ? ServiceFiles.Belonging.SERVICE : belonging)) {
            file.close();
            return;
        }
        Optional<String> reason = wishes.reasonToKeep(use.origin(), use.path()).or(found::leave);
        names.put(use.path(), files.add(file, reason.isPresent() ? fileUse : fileUse.writing(), shareable, reason));
    }

    private void addAbsent(DeclaredUse.FileUse use, FileUse fileUse, OpenRefusal refusal) {
        Optional<String> device = systemFiles.reasonToLeaveDevice(use.path());
        if (device.isPresent()) {
            files.addUnopened(use.path(), Optional.empty(), fileUse, device);
        } else if (use.access() == UseAccess.CREATE && refusal.reason() == OpenRefusal.Reason.MISSING) {
            switch (madeNames.judgeMissing(use)) {
                case OutputNameCheck.Refused(Problem problem) -> problems.add(problem);
                case OutputNameCheck.Free _, OutputNameCheck.ExistingFile() ->
                    files.addUnopened(use.path(), directory(use.path()), fileUse, Optional.empty());
            }
        } else {
            problems.add(new Problem(
                    ChainProblems.kind(LinuxImageOpener.kind(refusal.reason())),
                    Optional.of(use.path()),
                    refusal.detail() + "; " + use.origin() + " names it" + WayOut.of(use.role(), refusal.reason())));
        }
    }

    /** The directory in which a file will be made; empty if there is none. The later creation reports that. */
    private Optional<OpenedFile> directory(HostPath path) {
        return open.open(path.parent(), OpenRequest.NAMED_DIRECTORY) instanceof OpenedFile directory
                ? Optional.of(files.hold(directory))
                : Optional.empty();
    }
}
