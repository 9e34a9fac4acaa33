package labeler.fileset;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import labeler.chain.Chain;
import labeler.chain.ChainWalker;
import labeler.chain.FileName;
import labeler.chain.ImageFormat;
import labeler.chain.ImageRequest;
import labeler.linux.Access;
import labeler.linux.FileIdentity;
import labeler.linux.FileType;
import labeler.linux.HostPath;
import labeler.linux.OpenOutcome;
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
import labeler.vm.Origin;
import labeler.vm.UseAccess;
import labeler.vm.VmDefinition;

/** Opens every file that a definition and the headers below it name, each once. */
public final class FileSetBuilder {
    private static final OpenRequest ANY_FILE = new OpenRequest(
            Access.READ_ONLY, EnumSet.of(FileType.REGULAR, FileType.BLOCK_DEVICE), OpenRequest.Links.FOLLOW);

    private static final OpenRequest DIRECTORY =
            new OpenRequest(Access.READ_ONLY, EnumSet.of(FileType.DIRECTORY), OpenRequest.Links.FOLLOW);

    /** Open to root alone, and of no better use to a guest than what the kernel makes of it. */
    private static final HostPath HARDWARE_RANDOM = HostPath.of("/dev/hwrng");

    private final SafeOpen open;
    private final ChainWalker<LinuxImage> walker;
    private final SystemFiles systemFiles;
    private final ServiceFiles serviceFiles;
    private final MadeNames names;
    private final HeaderRules rules;
    private final HeaderTargets targets;

    public FileSetBuilder(
            SafeOpen open,
            ChainWalker<LinuxImage> walker,
            SystemFiles systemFiles,
            ServiceFiles serviceFiles,
            HeaderRules rules) {
        this.open = open;
        this.walker = walker;
        this.systemFiles = systemFiles;
        this.serviceFiles = serviceFiles;
        this.names = new MadeNames(open);
        this.rules = rules;
        this.targets = new HeaderTargets(open);
    }

    /** Where the file set begins: the files that the definition itself names. */
    public static List<HostPath> named(VmDefinition definition) {
        return definition.uses().stream().flatMap(FileSetBuilder::named).toList();
    }

    private static Stream<HostPath> named(DeclaredUse use) {
        return switch (use) {
            case DeclaredUse.ImageUse image ->
                Stream.of(ChainProblems.path(image.image().name()));
            case DeclaredUse.FileUse file -> Stream.of(file.path());
            case DeclaredUse.SearchedUse searched -> searched.candidates().stream();
            case DeclaredUse.MadeByQemu made -> Stream.of(made.path());
        };
    }

    /** The file set; never throws for what a definition or an image says. The caller closes it. */
    public FileSet build(VmDefinition definition) {
        Collected collected = new Collected(serviceFiles.now(), rules);
        collected.problems.addAll(definition.problems());
        for (DeclaredExternal external : definition.external()) {
            collected.external.add(new External(
                    external.reference(),
                    external.protocol(),
                    external.role(),
                    external.origin().text()));
        }
        try {
            for (DeclaredUse use : definition.uses()) {
                switch (use) {
                    case DeclaredUse.ImageUse image -> addChain(image, collected);
                    case DeclaredUse.FileUse file -> addFile(file, collected);
                    case DeclaredUse.SearchedUse searched -> addFile(found(searched), collected);
                    case DeclaredUse.MadeByQemu made -> addMade(made, collected);
                }
            }
            collected.problems.addAll(rules.judge(
                    collected.targets.stream()
                            .filter(target ->
                                    !collected.declared.contains(target.status().identity()))
                            .toList(),
                    collected.directories));
            collected.problems.addAll(collected.headers.contradictions());
        } catch (RuntimeException e) {
            collected.files.close();
            throw e;
        }
        return collected.finish();
    }

    /** What has been found so far. */
    private static final class Collected {
        private final MergedFiles files = new MergedFiles();
        private final List<ImageChain> chains = new ArrayList<>();
        private final ReadHeaders headers = new ReadHeaders();

        /** What headers name, and what definitions do, by identity; and where the images of the latter lie. */
        private final List<HeaderTarget> targets = new ArrayList<>();

        private final Set<FileIdentity> declared = new HashSet<>();
        private final List<HostPath> directories = new ArrayList<>();
        private final Map<HostPath, HostPath> names = new HashMap<>();
        private final List<External> external = new ArrayList<>();
        private final List<Problem> problems = new ArrayList<>();
        private final List<Problem> warnings = new ArrayList<>();

        private final ServiceFiles.Now service;
        private final HeaderRules rules;
        private Optional<HostFileUses.Now> hostUses = Optional.empty();

        private Collected(ServiceFiles.Now service, HeaderRules rules) {
            this.service = service;
            this.rules = rules;
        }

        /** Asked once, and of nobody where no header names a file. */
        private Optional<String> hostUse(OpenedFile file) {
            HostFileUses.Now now = hostUses.orElseGet(rules::hostUses);
            hostUses = Optional.of(now);
            return now.of(file);
        }

        private FileSet finish() {
            return new FileSet(files.finish(), chains, headers.finish(), names, external, problems, warnings);
        }
    }

    private void addChain(DeclaredUse.ImageUse use, Collected collected) {
        Chain<LinuxImage> chain = walker.walk(use.image());
        if (use.shareable()) {
            notRaw(use, chain).ifPresent(collected.problems::add);
        }
        for (Chain.Node<LinuxImage> node : chain.nodes()) {
            OpenedFile file = node.file().file();
            FileUse fileUse = new FileUse(origin(use, node, chain), role(use, node), access(node));
            Optional<String> leave = fileUse.access() == UseAccess.READ_ONLY
                    ? systemFiles.reasonToLeave(fileUse.role(), file)
                    : Optional.empty();
            collect(use, node, chain, collected);
            HostPath name = file.path();
            collected.names.put(name, collected.files.add(file, fileUse, use.shareable(), leave));
        }
        collected.chains.add(ImageChain.of(use.origin(), chain, FileSetBuilder::isBlockDevice));
        for (Chain.External external : chain.external()) {
            collected.external.add(new External(
                    external.reference().toString(),
                    external.protocol(),
                    role(use, external.role()),
                    external.parent().toString()));
        }
        chain.problems().forEach(problem -> collected.problems.add(problem(use, problem, collected)));
        chain.warnings().forEach(warning -> collected.warnings.add(ChainProblems.problem(warning)));
    }

    /** A file that could not be opened because it is the service's is named as such. */
    private static Problem problem(DeclaredUse.ImageUse use, labeler.chain.Problem problem, Collected collected) {
        HostPath path = ChainProblems.path(problem.file());
        if (problem.kind() != labeler.chain.Problem.Kind.NOT_A_FILE
                || collected.service.ofName(path) == ServiceFiles.Belonging.ELSEWHERE) {
            return ChainProblems.problem(problem);
        }
        return problem.namedBy()
                .filter(_ -> !declares(use.image(), problem.file()))
                .map(image -> TargetRules.ofService(path, ChainProblems.path(image)))
                .orElseGet(() -> ServiceFiles.refused(path, use.origin()));
    }

    private static boolean declares(ImageRequest image, FileName name) {
        boolean isPart = image.dataFile() instanceof ImageRequest.DeclaredDataFile(FileName data) && data.equals(name);
        return isPart
                || image.name().equals(name)
                || (image.backing() instanceof ImageRequest.DeclaredBacking(ImageRequest below)
                        && declares(below, name));
    }

    /** Formats other than raw keep tables of what is where, and each writer has its own in memory. */
    private static Optional<Problem> notRaw(DeclaredUse.ImageUse use, Chain<LinuxImage> chain) {
        return chain.nodes().stream()
                .filter(node -> node.parent().isEmpty() && access(node) == UseAccess.READ_WRITE)
                .filter(node -> node.format() != ImageFormat.RAW)
                .findFirst()
                .map(node -> new Problem(
                        Problem.Kind.CONTRADICTION,
                        Optional.of(node.file().file().path()),
                        "is " + node.format().driver() + ", and " + use.origin() + " declares it shareable: two writers"
                                + " would destroy it; share a raw image, or give each VM an overlay"));
    }

    private void collect(
            DeclaredUse.ImageUse use, Chain.Node<LinuxImage> node, Chain<LinuxImage> chain, Collected collected) {
        OpenedFile file = node.file().file();
        boolean isWritable = node.access() == labeler.chain.Access.READ_WRITE;
        collected.headers.add(new ReadHeader(
                file.path(),
                file.realPath(),
                ReadHeader.identity(file.path(), file.status()),
                node.format(),
                isWritable,
                isWritable || chain.nodes().getFirst().access() == labeler.chain.Access.READ_WRITE,
                node.references().stream()
                        .map(named -> new ReadHeader.Found(WrittenReference.of(named.reference()), named.believed()))
                        .toList()));
        switch (node.namedBy()) {
            case DECLARATION -> {
                boolean _ = refused(file.path(), use.origin(), collected.service.of(file), collected);
                collected.declared.add(file.identity());
                collected.directories.add(file.realPath().parent());
            }
            case HEADER ->
                collected.targets.add(targets.of(
                        chain,
                        node,
                        collected.service.of(file) != ServiceFiles.Belonging.ELSEWHERE,
                        collected.hostUse(file)));
        }
    }

    private static boolean isBlockDevice(LinuxImage image) {
        return image.file().status().type() == FileType.BLOCK_DEVICE;
    }

    private static Origin origin(DeclaredUse.ImageUse use, Chain.Node<LinuxImage> node, Chain<LinuxImage> chain) {
        return switch (node.namedBy()) {
            case DECLARATION -> use.origin();
            case HEADER ->
                new Origin("header of "
                        + ChainProblems.path(
                                chain.nodes().get(node.parent().getAsInt()).name()));
        };
    }

    private static FileRole role(DeclaredUse.ImageUse use, Chain.Node<LinuxImage> node) {
        return role(use, node.role());
    }

    private static FileRole role(DeclaredUse.ImageUse use, labeler.chain.Role role) {
        return switch (role) {
            case IMAGE -> use.role();
            case BACKING -> FileRole.BACKING;
            case DATA_FILE -> FileRole.DATA_FILE;
            case EXTENT -> FileRole.EXTENT;
            case PARENT -> FileRole.PARENT;
        };
    }

    private static UseAccess access(Chain.Node<LinuxImage> node) {
        return switch (node.access()) {
            case READ_ONLY -> UseAccess.READ_ONLY;
            case READ_WRITE -> UseAccess.READ_WRITE;
        };
    }

    /** The candidate that qemu would take: the first that is there, or the last if none is. */
    private DeclaredUse.FileUse found(DeclaredUse.SearchedUse searched) {
        HostPath path = searched.candidates().getLast();
        for (HostPath candidate : searched.candidates()) {
            OpenOutcome outcome = open.open(candidate, ANY_FILE);
            if (outcome instanceof OpenedFile file) {
                file.close();
                path = candidate;
                break;
            }
            if (outcome instanceof OpenRefusal refusal && refusal.reason() != OpenRefusal.Reason.MISSING) {
                path = candidate;
                break;
            }
        }
        return new DeclaredUse.FileUse(searched.origin(), searched.role(), path, searched.access());
    }

    private void addFile(DeclaredUse.FileUse use, Collected collected) {
        FileUse fileUse = new FileUse(use.origin(), use.role(), use.access());
        switch (open.open(use.path(), ANY_FILE)) {
            case OpenedFile file -> {
                if (refused(use.path(), use.origin(), collected.service.of(file), collected)) {
                    file.close();
                    return;
                }
                Optional<String> leave = use.access() == UseAccess.READ_ONLY
                        ? systemFiles.reasonToLeave(use.role(), file)
                        : Optional.empty();
                collected.declared.add(file.identity());
                if (use.access() != UseAccess.READ_ONLY) {
                    collected.headers.addWritten(file);
                }
                collected.names.put(use.path(), collected.files.add(file, fileUse, false, leave));
            }
            case OpenRefusal refusal -> addUnopened(use, fileUse, refusal, collected);
        }
    }

    private static boolean refused(
            HostPath path, Origin origin, ServiceFiles.Belonging belonging, Collected collected) {
        Optional<Problem> refusal = collected.service.refusal(path, origin, belonging);
        refusal.ifPresent(collected.problems::add);
        return refusal.isPresent();
    }

    private void addMade(DeclaredUse.MadeByQemu made, Collected collected) {
        ServiceFiles.Belonging belonging = made.making() == DeclaredUse.Making.NAMELESS
                ? collected.service.ofDirectory(made.path())
                : collected.service.ofName(made.path());
        if (refused(made.path(), made.origin(), belonging, collected)) {
            return;
        }
        switch (names.judge(made)) {
            case MadeNames.Free() -> {
                boolean file = made.making() == DeclaredUse.Making.FILE;
                collected.files.addUnopened(
                        made.path(),
                        file ? directory(made.path()) : Optional.empty(),
                        new FileUse(made.origin(), made.role(), UseAccess.CREATE),
                        Optional.of(made.reason()));
            }
            case MadeNames.ExistingFile() ->
                addFile(new DeclaredUse.FileUse(made.origin(), made.role(), made.path(), UseAccess.CREATE), collected);
            case MadeNames.Refused(Problem problem) -> collected.problems.add(problem);
        }
    }

    private void addUnopened(DeclaredUse.FileUse use, FileUse fileUse, OpenRefusal refusal, Collected collected) {
        if (refused(use.path(), use.origin(), collected.service.ofName(use.path()), collected)) {
            return;
        }
        Optional<String> device = systemFiles.reasonToLeaveDevice(use.path());
        if (device.isPresent()) {
            collected.files.addUnopened(use.path(), Optional.empty(), fileUse, device);
        } else if (use.access() == UseAccess.CREATE && refusal.reason() == OpenRefusal.Reason.MISSING) {
            switch (names.judgeMissing(use)) {
                case MadeNames.Refused(Problem problem) -> collected.problems.add(problem);
                case MadeNames.Free(), MadeNames.ExistingFile() ->
                    collected.files.addUnopened(use.path(), directory(use.path()), fileUse, Optional.empty());
            }
        } else {
            collected.problems.add(new Problem(
                    ChainProblems.kind(LinuxImageOpener.kind(refusal.reason())),
                    Optional.of(use.path()),
                    refusal.detail() + "; " + use.origin() + " names it" + wayOut(use)));
        }
    }

    /** Where a file will be made; empty if there is no such directory, which its making will say. */
    private Optional<OpenedFile> directory(HostPath path) {
        return switch (open.open(path.parent(), DIRECTORY)) {
            case OpenedFile directory -> Optional.of(directory);
            case OpenRefusal _ -> Optional.empty();
        };
    }

    /** Of a node that must not be labelled for one VM; what else is refused says by itself what is wrong with it. */
    private static String wayOut(DeclaredUse.FileUse use) {
        String everyVm = "list it in launch.devices, for every VM to use";
        if (use.path().equals(HARDWARE_RANDOM)) {
            return "; name /dev/urandom, or " + everyVm;
        }
        return use.role() == FileRole.SHARED_DEVICE ? "; leave it out, or " + everyVm : "";
    }
}
