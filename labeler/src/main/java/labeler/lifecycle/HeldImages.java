package labeler.lifecycle;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import labeler.chain.Access;
import labeler.chain.FileName;
import labeler.chain.ImageFormat;
import labeler.chain.ImageRequest;
import labeler.fileset.FileSet;
import labeler.fileset.FileSetBuilder;
import labeler.journal.VmRecord;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.reference.ImageHold;
import labeler.review.Judgement;
import labeler.review.KnownReferences;
import labeler.review.Review;
import labeler.review.ReviewThreads;
import labeler.review.TrustOutcome;
import labeler.vm.DeclaredUse;
import labeler.vm.FileRole;
import labeler.vm.Origin;
import labeler.vm.VmDefinition;
import labeler.vm.VmName;

/**
 * What VMs may have written into the headers of their images: judged before a hold, read again after it. To be called with
 * no lock held: it opens images.
 */
final class HeldImages {
    private final HostLock lock;
    private final Holdings holdings;
    private final FileSetBuilder fileSets;
    private final ReviewThreads reviews;
    private final KnownReferences references;

    HeldImages(HostLock lock, Holdings holdings, FileSetBuilder fileSets, ReviewThreads reviews) {
        this.lock = lock;
        this.holdings = holdings;
        this.fileSets = fileSets;
        this.reviews = reviews;
        this.references = reviews.references();
    }

    /** The same files, with what their headers have against them. */
    FileSet judged(FileSet files) {
        return files.with(references.look(files));
    }

    /** A start, if the headers are believed. One that fails has given no image to anybody. */
    StartOutcome start(StartRequest request, FileSet files, Supplier<StartOutcome> start) {
        KnownReferences.Writes writes = request.commandLine().isPresent()
                ? KnownReferences.Writes.WRITABLE
                : KnownReferences.Writes.WHOLE_CHAINS;
        return switch (references.judge(request.name(), Optional.empty(), files, writes)) {
            case Judgement.NotBelieved(List<Problem> problems) -> new StartOutcome.NotStarted(problems);
            case Judgement.Believed(ImageHold hold) -> {
                boolean started = false;
                try {
                    StartOutcome outcome = start.get();
                    started = outcome instanceof StartOutcome.Started;
                    yield outcome;
                } finally {
                    if (!started) {
                        references.withdraw(hold);
                    }
                }
            }
        };
    }

    /** An attach, if the headers are believed. After one that failed qemu may have had the images for a moment. */
    Disks.Outcome attach(AttachRequest request, FileSet files, Supplier<Disks.Outcome> attach) {
        VmName vm = request.name();
        String disk = request.disk().name();
        boolean wasThere = isJoined(vm, disk);
        return switch (references.judge(vm, Optional.of(disk), files, KnownReferences.Writes.WRITABLE)) {
            case Judgement.NotBelieved(List<Problem> problems) -> new Disks.NotAttached(problems);
            case Judgement.Believed(ImageHold hold) -> {
                Disks.Outcome outcome = attach.get();
                if (outcome instanceof Disks.NotAttached) {
                    if (wasThere) {
                        references.withdraw(hold);
                    } else if (!isJoined(vm, disk)) {
                        reviews.finish(references.ending(vm, Optional.of(disk)), Optional.empty());
                    }
                }
                yield outcome;
            }
        };
    }

    private boolean isJoined(VmName vm, String disk) {
        return lock.holding(
                () -> holdings.vm(vm).flatMap(held -> held.disk(disk)).isPresent());
    }

    /** A detach, and what its disk's headers say afterwards. */
    DetachOutcome detach(DetachRequest request, Supplier<DetachOutcome> detach) {
        Review review = references.ending(request.name(), Optional.of(request.disk()));
        return switch (detach.get()) {
            case DetachOutcome.Detached(VmReport report) ->
                new DetachOutcome.Detached(report.with(reviews.finish(review, Optional.empty())));
            case DetachOutcome.NotDetached not -> not;
        };
    }

    /**
     * A stop, and what the headers of the VM's images say afterwards.
     *
     * @param last what libvirt says of the domain as it releases it
     * @param stop with the lock held
     */
    Optional<VmReport> stop(VmName name, Optional<VmDefinition> last, Function<VmRecord, VmReport> stop) {
        Optional<Stopped> stopped = lock.holding(() -> holdings.vm(name).map(vm -> {
            Review review = references.ending(name, Optional.empty());
            return new Stopped(stop.apply(vm), review);
        }));
        return stopped.map(vm -> vm.report().with(reviews.finish(vm.due(), last)));
    }

    /** A VM that was stopped, and its headers. */
    private record Stopped(VmReport report, Review review) {
        private Review due() {
            return report.stillRunning().isPresent() ? review.endingNothing() : review;
        }
    }

    /** See {@link VmLifecycle#trust}. */
    TrustOutcome trust(HostPath image, Optional<ImageFormat> format, boolean dryRun) {
        ImageRequest request = ImageRequest.followingHeaders(
                FileName.of(image.bytes()),
                format.<ImageRequest.FormatChoice>map(ImageRequest.Declared::new)
                        .orElseGet(ImageRequest.Detect::new),
                Access.READ_WRITE,
                new ImageRequest.BesideImage());
        VmDefinition alone = new VmDefinition(
                List.of(new DeclaredUse.ImageUse(new Origin("the image"), FileRole.DISK, request, false)),
                List.of(),
                Optional.empty(),
                VmDefinition.Acceleration.EMULATION,
                List.of());
        try (FileSet files = fileSets.build(alone)) {
            return references.trust(
                    files, name -> lock.holding(() -> holdings.vm(name).isPresent()), dryRun);
        }
    }
}
