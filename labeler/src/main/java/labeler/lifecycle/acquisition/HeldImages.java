package labeler.lifecycle.acquisition;

import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import labeler.chain.Access;
import labeler.chain.FileName;
import labeler.chain.ImageFormat;
import labeler.chain.ImageRequest;
import labeler.fileset.External;
import labeler.fileset.FileSet;
import labeler.fileset.FileSetBuilder;
import labeler.fileset.OtherNames;
import labeler.fileset.VmFile;
import labeler.journal.FileHold;
import labeler.journal.FileRecord;
import labeler.journal.HoldTrigger;
import labeler.journal.VmRecord;
import labeler.lifecycle.DetachOutcome;
import labeler.lifecycle.DetachRequest;
import labeler.lifecycle.StartOutcome;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.VmLifecycle;
import labeler.lifecycle.VmReport;
import labeler.lifecycle.hold.Claims;
import labeler.lifecycle.hold.Holdings;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.plan.Treatment;
import labeler.problem.Problem;
import labeler.reference.ImageHold;
import labeler.reference.KnownImage;
import labeler.reference.ReadHeader;
import labeler.review.Judgement;
import labeler.review.KnownReferences;
import labeler.review.Review;
import labeler.review.ReviewThreads;
import labeler.review.Taken;
import labeler.review.TrustOutcome;
import labeler.vm.DeclaredUse;
import labeler.vm.FileRole;
import labeler.vm.Origin;
import labeler.vm.VmDefinition;
import labeler.vm.VmName;
import labeler.work.FileSystemTask;
import labeler.work.FileSystemWork;

/**
 * References that VMs may have written into the headers of their images. They are judged before a hold and read again
 * after it. Call this without the lock: it opens images.
 */
public final class HeldImages {
    /** Each time another VM has let go of an image of this one. */
    private static final int MOST_READINGS = 5;

    private final Holdings holdings;
    private final FileSetBuilder fileSets;
    private final ReviewThreads reviews;
    private final KnownReferences references;
    private final FileSystemWork work;
    private final OtherNames otherNames;

    @Inject
    HeldImages(Holdings holdings, FileSetBuilder fileSets, ReviewThreads reviews, FileSystemWork work, Linux linux) {
        this.holdings = holdings;
        this.fileSets = fileSets;
        this.reviews = reviews;
        this.references = reviews.references();
        this.work = work;
        this.otherNames = OtherNames.on(linux);
    }

    /** Everything that a VM may write headers into, if it takes these files, which this errand has read. */
    Taken taken(FileSet files, FileSystemTask errand) {
        return Taken.of(files, otherNames, errand.began());
    }

    /**
     * The same files. Those that nodes have alone are given as what they are now, so that what a VM writes into them can be
     * told from it later.
     */
    public FileSet asFound(FileSet files, Set<HostPath> alone) {
        return alone.isEmpty() ? files : files.reading(references.asFound(files.headers(), alone));
    }

    /** The same files, with the problems of their headers. */
    public FileSet judged(FileSet files) {
        return files.with(references.look(files.headers()));
    }

    /**
     * A start, if its files can be had and their headers are believed. A start that fails has given no image, and no
     * directory tree, to anybody.
     *
     * @param read reads all headers; once more where another VM lets go of one of these images meanwhile
     */
    public StartOutcome start(StartRequest request, Supplier<FileSet> read, Function<FileSet, StartOutcome> start) {
        for (int reading = 1; ; reading++) {
            long began = System.nanoTime();
            FileSet files = read.get();
            if (!files.problems().isEmpty()) {
                return new StartOutcome.NotStarted(files.problems());
            }
            Judgement judgement = judge(request, Taken.of(files, otherNames, began));
            if (!(judgement instanceof Judgement.Outdated) || reading == MOST_READINGS) {
                return start(judgement, () -> start.apply(files));
            }
        }
    }

    /** The same with files that were made for it. */
    public StartOutcome start(StartRequest request, MissingOutputs.Made made, Supplier<StartOutcome> start) {
        return start(judge(request, Taken.of(made.headers())), start);
    }

    private Judgement judge(StartRequest request, Taken taken) {
        KnownReferences.Writes writes = request.commandLine().isPresent()
                ? KnownReferences.Writes.WRITABLE
                : KnownReferences.Writes.WHOLE_CHAINS;
        return references.judge(request.name(), Optional.empty(), taken, writes);
    }

    private StartOutcome start(Judgement judgement, Supplier<StartOutcome> start) {
        return switch (judgement) {
            case Judgement.Outdated outdated -> new StartOutcome.NotStarted(List.of(outdated.problem()));
            case Judgement.NotBelieved(List<Problem> problems) -> new StartOutcome.NotStarted(problems);
            case Judgement.Believed believed -> {
                boolean started = false;
                try {
                    StartOutcome outcome = start.get();
                    started = outcome instanceof StartOutcome.Started;
                    yield outcome;
                } finally {
                    if (started) {
                        references.confirm(believed);
                        ifEnded(believed.hold());
                    } else {
                        references.withdraw(believed);
                    }
                }
            }
        };
    }

    /** A VM that ended before it had all its files has left this hold. Its end itself reviews what it held before. */
    private void ifEnded(ImageHold hold) {
        if (holdings.vm(hold.vm()).isEmpty()) {
            reviews.finishLater(references.ending(hold.vm(), Optional.empty()).of(hold));
        }
    }

    /** Whether a VM has got the files of a disk or a command. */
    public enum Given {
        NO,
        /** Their labels were set and are back: the VM could open them in between. */
        FOR_A_MOMENT,
        YES
    }

    /**
     * Takes files for a VM that runs, if their headers are believed.
     *
     * @param trigger the end of the holds
     * @param join the next step
     * @param given the extent to which its result gives the files to the VM
     * @param refused the result if the headers are not believed
     */
    public <T> T join(
            VmName vm,
            HoldTrigger trigger,
            Taken taken,
            Supplier<T> join,
            Function<T, Given> given,
            Function<List<Problem>, T> refused) {
        return switch (references.judgeCommand(vm, trigger.disk(), taken)) {
            case Judgement.Outdated outdated -> refused.apply(List.of(outdated.problem()));
            case Judgement.NotBelieved(List<Problem> problems) -> refused.apply(problems);
            case Judgement.Believed believed -> {
                // A step that throws may have given the images to the VM.
                Given far = Given.YES;
                try {
                    T result = join.get();
                    far = given.apply(result);
                    yield result;
                } finally {
                    settle(vm, trigger, believed, far);
                }
            }
        };
    }

    /**
     * Takes files that a VM has had before, if their headers are believed. What it may have written into them counts as its
     * own, and what it may write is on record as held from now on, whether the files join or not.
     *
     * @param account the chains of these files as libvirt has them now
     */
    public <T> T joinLate(
            VmName vm, Taken taken, VmDefinition account, Supplier<T> join, Function<List<Problem>, T> refused) {
        ImageHold hold = KnownReferences.newHold(vm);
        try {
            List<Problem> problems = references.judgeLate(hold, taken, account);
            return problems.isEmpty() ? join.get() : refused.apply(problems);
        } finally {
            ifEnded(hold);
        }
    }

    private void settle(VmName vm, HoldTrigger trigger, Judgement.Believed believed, Given far) {
        switch (far) {
            case NO -> references.withdraw(believed);
            case FOR_A_MOMENT -> {
                references.confirm(believed);
                takenBack(vm, trigger, believed);
            }
            case YES -> references.confirm(believed);
        }
    }

    /** No descriptor was sent. The label decides whether qemu could open a file by its name for a moment. */
    private void takenBack(VmName name, HoldTrigger trigger, Judgement.Believed believed) {
        Optional<VmRecord> held = holdings.vm(name);
        if (held.isEmpty()) {
            ifEnded(believed.hold());
            return;
        }
        VmRecord vm = held.get();
        if (trigger.disk().isPresent()) {
            notAttached(name, trigger.disk().get(), vm);
            return;
        }
        Review review = references.ending(name, Optional.empty()).of(believed.hold());
        List<Problem> _ =
                reviews.finish(vm.confinement().selinux() ? review : review.endingNothing(), Optional.empty());
    }

    /**
     * Reads the headers of images again that a VM wrote and writes no more.
     *
     * @param had the VM before
     * @param ended the files
     * @return the VM's changes to them
     */
    public List<Problem> left(VmRecord had, List<FileRecord> ended) {
        if (ended.isEmpty()) {
            return List.of();
        }
        Set<Long> ids = ended.stream().map(FileRecord::id).collect(Collectors.toSet());
        Review review = references
                .ending(had.name(), Optional.empty())
                .only(image -> ended.stream().anyMatch(file -> isImage(image, file)));
        boolean isKept = !had.confinement().selinux()
                || had.files().stream()
                        .anyMatch(hold -> hold.treatment() == Treatment.PASS
                                && hold.file().isPresent()
                                && ids.contains(hold.file().getAsLong()));
        return reviews.finish(isKept ? review.endingNothing() : review, Optional.empty());
    }

    /**
     * The problems that the next start would have with the headers of these images as they are now: names that the VM has
     * written itself. Puts nothing on record.
     */
    public List<Problem> strange(VmName vm, List<FileRecord> files) {
        return references.strange(references
                .ending(vm, Optional.empty())
                .only(image -> files.stream().anyMatch(file -> isImage(image, file))));
    }

    private static boolean isImage(KnownImage image, FileRecord file) {
        return ReadHeader.isNamed(image.identity())
                ? image.realPath().equals(file.realPath())
                : image.identity().isSameFile(file.identity());
    }

    /**
     * A command of a VM that runs has written into the header of this image. What is there now is believed from now on,
     * if the VM holds each file that it names.
     */
    public List<Problem> written(VmName vm, HostPath image, ImageFormat format) {
        VmDefinition alone = alone(image, new ImageRequest.Declared(format));
        return work.run(List.of(image), errand -> written(vm, image, alone, errand), _ -> {})
                .or(place -> List.of(Claims.problem(place)));
    }

    private List<Problem> written(VmName vm, HostPath image, VmDefinition alone, FileSystemTask errand) {
        FileSet files = fileSets.build(alone);
        errand.afterwards(files::close);
        if (!files.problems().isEmpty()) {
            return files.problems();
        }
        Optional<VmRecord> held = holdings.vm(vm);
        if (held.isEmpty()) {
            return List.of(Problem.of(Problem.Kind.PROCESS_ENDED, "VM " + vm + " has ended"));
        }
        List<FileHold> holds = held.get().files();
        Optional<String> strange = files.external().stream()
                .map(External::reference)
                .findFirst()
                .or(() -> files.files().stream()
                        .filter(file -> !isHeld(holds, file))
                        .map(file -> file.path().printable())
                        .findFirst());
        if (strange.isPresent()) {
            return List.of(Problem.of(
                    Problem.Kind.NEW_REFERENCE,
                    image,
                    strange.get().equals(image.printable())
                            ? "VM " + vm + " does not hold it any more; the next start judges its header"
                            : "its header leads to " + strange.get() + ", which VM " + vm
                                    + " does not hold; it is not believed at the next start"));
        }
        return files.headers().stream()
                .filter(header -> header.path().equals(image))
                .findFirst()
                .map(header -> references.written(vm, header))
                .orElse(List.of());
    }

    private boolean isHeld(List<FileHold> holds, VmFile file) {
        Optional<FileRecord> known = file.identity().flatMap(identity -> holdings.file(identity));
        return holds.stream()
                .anyMatch(hold -> known.filter(record -> hold.isOn(record.id())).isPresent()
                        || (hold.treatment() == Treatment.LEAVE && hold.path().equals(file.path())));
    }

    /**
     * After a failed attach qemu may have had the images for a moment.
     *
     * @param had the VM as it was with the disk
     */
    public void notAttached(VmName vm, String disk, VmRecord had) {
        if (!isJoined(vm, disk)) {
            Review review = references.ending(vm, Optional.of(disk));
            boolean isKept = isKept(had, disk) && holdings.vm(had.name()).isPresent();
            reviews.finish(isKept ? review.endingNothing() : review, Optional.empty());
        }
    }

    /**
     * Whether the VM's process may still write the files of a disk that has left it. Only SELinux takes away files that
     * are already open, and only by their label. Otherwise the hold lasts until the process has ended.
     */
    private static boolean isKept(VmRecord vm, String disk) {
        return !vm.confinement().selinux()
                || vm.files().stream()
                        .anyMatch(file -> file.disk().equals(Optional.of(disk)) && file.treatment() == Treatment.PASS);
    }

    private boolean isJoined(VmName vm, String disk) {
        return holdings.vm(vm).flatMap(held -> held.disk(disk)).isPresent();
    }

    /** A detach, and the headers of its disk afterwards. */
    public DetachOutcome detach(DetachRequest request, Supplier<DetachOutcome> detach) {
        boolean isKept = holdings.vm(request.name())
                .filter(vm -> isKept(vm, request.disk()))
                .isPresent();
        Review review = references.ending(request.name(), Optional.of(request.disk()));
        Review due = isKept ? review.endingNothing() : review;
        return switch (detach.get()) {
            case DetachOutcome.Detached(VmReport report) ->
                new DetachOutcome.Detached(report.with(reviews.finish(due, Optional.empty())));
            case DetachOutcome.NotDetached not -> not;
        };
    }

    /** See {@link VmLifecycle#trust}. */
    public TrustOutcome trust(HostPath image, Optional<ImageFormat> format, boolean dryRun) {
        VmDefinition alone = alone(
                image,
                format.<ImageRequest.FormatChoice>map(ImageRequest.Declared::new)
                        .orElseGet(ImageRequest.Detect::new));
        return work.run(List.of(image), errand -> trust(alone, errand, dryRun), _ -> {})
                .or(place -> new TrustOutcome.NotTrusted(List.of(Claims.problem(place))));
    }

    private static VmDefinition alone(HostPath image, ImageRequest.FormatChoice format) {
        ImageRequest request = ImageRequest.followingHeaders(
                FileName.of(image.bytes()), format, Access.READ_WRITE, new ImageRequest.BesideImage());
        return new VmDefinition(
                List.of(new DeclaredUse.ImageUse(new Origin("the image"), FileRole.DISK, request, false)),
                List.of(),
                Optional.empty(),
                VmDefinition.Acceleration.EMULATION,
                List.of());
    }

    private TrustOutcome trust(VmDefinition alone, FileSystemTask errand, boolean dryRun) {
        FileSet files = fileSets.build(alone);
        errand.afterwards(files::close);
        return references.trust(files, errand.began(), name -> holdings.vm(name).isPresent(), dryRun);
    }
}
