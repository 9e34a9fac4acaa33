package labeler.survey.look;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import labeler.chain.Access;
import labeler.chain.FileName;
import labeler.chain.ImageRequest;
import labeler.fileset.FileSet;
import labeler.fileset.FileSetBuilder;
import labeler.fileset.FileUse;
import labeler.fileset.VmFile;
import labeler.linux.FileIdentity;
import labeler.linux.FileType;
import labeler.linux.HostPath;
import labeler.linux.OpenRefusal;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.problem.Problem;
import labeler.selinux.SecurityContext;
import labeler.selinux.StoredLabel;
import labeler.survey.FileFacts;
import labeler.survey.HeldFile;
import labeler.survey.ImageProblem;
import labeler.survey.ImageProblem.NamedBy;
import labeler.survey.OpenFiles;
import labeler.survey.VmFileFacts;
import labeler.vm.ChainLayer;
import labeler.vm.DeclaredUse;
import labeler.vm.FileRole;
import labeler.vm.ImageChain;
import labeler.vm.Origin;
import labeler.vm.VmDefinition;
import labeler.work.FileSystemWork;
import labeler.work.WhenLate;
import labeler.work.WorkFileSystem;

/**
 * The files of one VM, or of one image, as a plan would find them, with their labels. Each look has an end, also where a
 * file system does not answer.
 */
record FilesLook(HostSources host, LabelLook labels) {
    private static final Set<FileRole> DISKS = EnumSet.of(FileRole.NVRAM, FileRole.SAVED_STATE);

    /** The files and problems that were found. Nothing is open any more. */
    record Seen(List<VmFileFacts> files, List<ImageProblem> problems) {
        /** As the process has them now: a disk may have left it, or have become a backing file. */
        Seen with(OpenFiles open) {
            return new Seen(
                    files.stream().flatMap(file -> open.now(file).stream()).toList(), problems);
        }

        /** Without what the command line does not tell: of a VM of labeler's own, the service does. */
        Seen ofFiles() {
            return new Seen(
                    files,
                    problems.stream()
                            .filter(found -> found.problem().file().isPresent())
                            .toList());
        }
    }

    /** The files of a VM. */
    Seen of(VmDefinition definition, boolean runs) {
        return host.work()
                .run(FileSetBuilder.named(definition), _ -> look(definition, runs), _ -> {})
                .or(FilesLook::silent);
    }

    /** The files of an image that somebody may give to a VM. Its own format is found by its content, as a report may. */
    Seen ofImage(HostPath image) {
        ImageRequest request = ImageRequest.followingHeaders(
                FileName.of(image.bytes()),
                new ImageRequest.Detect(),
                Access.READ_ONLY,
                new ImageRequest.BesideImage());
        Origin origin = new Origin("survey");
        return of(
                new VmDefinition(
                        List.of(new DeclaredUse.ImageUse(origin, FileRole.DISK, request, false)),
                        List.of(),
                        Optional.empty(),
                        VmDefinition.Acceleration.HARDWARE,
                        List.of()),
                false);
    }

    /** Files of a VM of labeler's own: what the service tells of them, with the labels that they have. */
    Seen held(List<HeldFile> files) {
        Map<HeldFile, FileSystemWork.Outcome<Held>> outcomes =
                host.work().each(files, HeldFile::path, WhenLate.END, (file, _) -> held(file));
        List<Held> all = files.stream()
                .map(file -> Objects.requireNonNull(outcomes.get(file), () -> "nobody has looked at " + file.path())
                        .or(place -> unseen(file, place.doesNotAnswer())))
                .toList();
        Set<HostPath> devices = all.stream()
                .filter(Held::isDevice)
                .map(one -> one.facts().file().path())
                .collect(Collectors.toCollection(LinkedHashSet::new));
        return new Seen(
                all.stream().map(Held::facts).toList(),
                unlabelled(devices, true).toList());
    }

    private record Held(VmFileFacts facts, boolean isDevice) {}

    private Held held(HeldFile file) {
        return switch (host.linux().open().find(file.path(), OpenRequest.NAMED_OBJECT)) {
            case OpenRefusal refusal -> unseen(file, refusal.detail());
            case OpenedFile found -> {
                try (found) {
                    yield found.identity().withoutBirth().equals(file.identity())
                            ? seen(file, found)
                            : unseen(file, "its name leads to another file by now");
                }
            }
        };
    }

    private Held seen(HeldFile file, OpenedFile found) {
        if (found.status().type() == FileType.BLOCK_DEVICE) {
            return new Held(
                    facts(file, OpenFiles.device(found.status().specialDevice()), Optional.empty(), Optional.empty()),
                    true);
        }
        // A file that is handed over is kept from others by other means.
        Optional<StoredLabel> label = file.labelled() ? labels.of(found).label() : Optional.empty();
        return new Held(facts(file, file.identity(), label, labels.sharedType(found)), false);
    }

    private Held unseen(HeldFile file, String why) {
        if (file.labelled() && labels.isJudged()) {
            labels.unseen(file.path(), why);
        }
        return new Held(facts(file, file.identity(), Optional.empty(), Optional.empty()), false);
    }

    private static VmFileFacts facts(
            HeldFile file, FileIdentity identity, Optional<StoredLabel> label, Optional<String> sharedType) {
        return new VmFileFacts(
                new FileFacts(file.path(), identity, label, Optional.empty(), sharedType),
                file.image(),
                file.written(),
                file.shareable(),
                true,
                !file.labelled());
    }

    private static Seen silent(WorkFileSystem place) {
        Problem problem = Problem.of(Problem.Kind.NOT_ANSWERING, place.doesNotAnswer());
        return new Seen(List.of(), List.of(new ImageProblem(problem, NamedBy.DEFINITION, Optional.empty())));
    }

    private Seen look(VmDefinition definition, boolean runs) {
        Map<HostPath, NamedBy> declared = declared(definition);
        try (FileSet set = runs
                ? host.fileSets().buildJoining(definition)
                : host.fileSets().build(definition)) {
            List<VmFileFacts> files = new ArrayList<>();
            for (VmFile file : set.files()) {
                file.file().ifPresent(opened -> files.add(facts(file, opened, runs)));
            }
            Set<HostPath> devices = new LinkedHashSet<>();
            for (DeclaredUse use : definition.uses()) {
                if (use instanceof DeclaredUse.ImageUse image) {
                    device(image, runs).ifPresent(found -> {
                        files.add(found);
                        devices.add(found.file().path());
                    });
                }
            }
            List<ImageProblem> problems = set.problems().stream()
                    .filter(problem -> problem.file().filter(devices::contains).isEmpty())
                    .map(problem -> new ImageProblem(
                            problem,
                            problem.file()
                                    .map(file -> declared.getOrDefault(file, NamedBy.HEADER))
                                    .orElse(NamedBy.DEFINITION),
                            top(set.chains(), declared.keySet(), problem)))
                    .toList();
            return new Seen(
                    files,
                    Stream.concat(problems.stream(), unlabelled(devices, runs)).toList());
        }
    }

    /** All names that the definition itself has, also those of images below others. */
    private static Map<HostPath, NamedBy> declared(VmDefinition definition) {
        Map<HostPath, NamedBy> names = new HashMap<>();
        FileSetBuilder.named(definition).forEach(name -> names.put(name, NamedBy.DEFINITION));
        for (DeclaredUse use : definition.uses()) {
            if (use instanceof DeclaredUse.ImageUse image) {
                declare(image.image(), names);
            }
        }
        return names;
    }

    /** Recursion is bounded by the reader of the definition. */
    private static void declare(ImageRequest image, Map<HostPath, NamedBy> names) {
        HostPath.parse(image.name().bytes())
                .ifPresent(name -> names.put(
                        name,
                        image.format() instanceof ImageRequest.Undeclared
                                ? NamedBy.DEFINITION_WITHOUT_FORMAT
                                : NamedBy.DEFINITION));
        if (image.backing() instanceof ImageRequest.DeclaredBacking(ImageRequest below)) {
            declare(below, names);
        }
    }

    /** The image at whose chain a problem was found. */
    private static Optional<HostPath> top(List<ImageChain> chains, Set<HostPath> declared, Problem problem) {
        Optional<HostPath> found = chains.stream()
                .filter(chain -> problem.file()
                        .filter(file -> chain.layers().map(ChainLayer::path).anyMatch(file::equals))
                        .isPresent())
                .map(chain -> chain.image().path())
                .findFirst();
        return found.or(() -> declared.size() == 1 ? declared.stream().findFirst() : Optional.empty());
    }

    private VmFileFacts facts(VmFile file, OpenedFile opened, boolean runs) {
        boolean isImage =
                file.uses().stream().map(FileUse::role).anyMatch(role -> role.isImage() || DISKS.contains(role));
        boolean isWritten = file.uses().stream().anyMatch(FileUse::isWriting);
        Optional<StoredLabel> label = labels.of(opened).label();
        return new VmFileFacts(
                new FileFacts(
                        file.path(),
                        opened.identity().withoutBirth(),
                        label,
                        isImage ? ofPlace(opened, label) : Optional.empty(),
                        labels.sharedType(opened)),
                isImage,
                isWritten,
                file.shareable(),
                runs);
    }

    /** libvirt gives each VM device nodes of its own, and labels those. The labels of this host's nodes tell nothing. */
    private Stream<ImageProblem> unlabelled(Set<HostPath> devices, boolean runs) {
        return !labels.isJudged() || !runs
                ? Stream.empty()
                : devices.stream()
                        .map(device -> new ImageProblem(
                                Problem.of(
                                        Problem.Kind.UNREADABLE,
                                        device,
                                        "a device, whose label in the VM's own /dev is not looked at"),
                                NamedBy.DEFINITION,
                                Optional.of(device)));
    }

    /** A disk that is a device: found, and not opened. */
    private Optional<VmFileFacts> device(DeclaredUse.ImageUse use, boolean runs) {
        return use.names().stream()
                .map(name -> host.linux().open().find(name, OpenRequest.IMAGE))
                .filter(OpenedFile.class::isInstance)
                .map(OpenedFile.class::cast)
                .flatMap(found -> {
                    try (found) {
                        return found.status().type() == FileType.BLOCK_DEVICE
                                ? Optional.of(new VmFileFacts(
                                                new FileFacts(
                                                        found.path(),
                                                        OpenFiles.device(
                                                                found.status().specialDevice()),
                                                        Optional.empty(),
                                                        Optional.empty(),
                                                        Optional.empty()),
                                                true,
                                                use.image().access().isWriting(),
                                                use.shareable(),
                                                runs))
                                        .stream()
                                : Optional.<VmFileFacts>empty().stream();
                    }
                })
                .findFirst();
    }

    /** The policy's label for the place of this file, if it has another one to which the policy has a say. */
    private Optional<SecurityContext> ofPlace(OpenedFile file, Optional<StoredLabel> label) {
        if (!labels.hasPlace(label)) {
            return Optional.empty();
        }
        return switch (host.linux().open().open(file.realPath().parent(), OpenRequest.DIRECTORY)) {
            case OpenRefusal refusal -> {
                labels.noPlace(file.path(), "its directory " + refusal.detail());
                yield Optional.empty();
            }
            case OpenedFile directory -> {
                try (directory) {
                    yield labels.expected(directory, file.path(), label);
                }
            }
        };
    }
}
