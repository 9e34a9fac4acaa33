package labeler.review;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import labeler.fileset.FileSet;
import labeler.journal.JournalException;
import labeler.journal.KnownImages;
import labeler.problem.Problem;
import labeler.reference.ImageHold;
import labeler.reference.KnownImage;
import labeler.reference.ReadHeader;
import labeler.reference.ReferenceJudge;
import labeler.vm.VmName;

/**
 * Puts the present references of images on record as trusted, unless a VM may change them after somebody has looked.
 *
 * @param isOutdated whether a VM has let go of the image since the header was read
 */
record ImageTrust(KnownImages record, RecordedImages recorded, Predicate<ReadHeader> isOutdated) {
    TrustOutcome trust(FileSet files, Predicate<ImageHold> isHeld, Predicate<VmName> isOnRecord, boolean dryRun) {
        if (!files.problems().isEmpty()) {
            return new TrustOutcome.NotTrusted(files.problems());
        }
        try {
            List<TrustOutcome.Image> shown = new ArrayList<>();
            List<KnownImage> trusted = new ArrayList<>();
            List<ImageHold> over = new ArrayList<>();
            for (ReadHeader header : HeadersOnce.of(files.headers())) {
                Optional<KnownImage> known = recorded.of(header);
                List<ImageHold> holds = known.map(KnownImage::holds).orElse(List.of());
                Optional<String> writer = writer(header, holds.stream().filter(isHeld), isOnRecord);
                if (writer.isPresent()) {
                    return new TrustOutcome.NotTrusted(List.of(new Problem(
                            Problem.Kind.IN_USE,
                            Optional.of(header.path()),
                            writer.get() + "; stop the VM first, then trust it")));
                }
                if (isOutdated.test(header)) {
                    return new TrustOutcome.NotTrusted(List.of(new Judgement.Outdated(header.path()).problem()));
                }
                over.addAll(holds);
                trusted.add(ReferenceJudge.trusted(known, header));
                shown.add(TrustOutcome.Image.of(known, header));
            }
            if (!dryRun) {
                record.recordImages(trusted, over);
            }
            return new TrustOutcome.Trusted(shown);
        } catch (JournalException e) {
            return new TrustOutcome.NotTrusted(List.of(KnownReferences.failed(e)));
        }
    }

    /** Who may change the header after somebody has looked at it. A tree of an earlier run of a VM is out of its reach. */
    private Optional<String> writer(ReadHeader header, Stream<ImageHold> holds, Predicate<VmName> isOnRecord)
            throws JournalException {
        Optional<String> holder =
                holds.map(hold -> "VM " + hold.vm() + " may write it just now").findFirst();
        return holder.isPresent()
                ? holder
                : record.treesAround(header.realPath()).stream()
                        .filter(tree -> tree.now() && isOnRecord.test(tree.vm()))
                        .map(tree -> "VM " + tree.vm() + " runs, and it could write all files below "
                                + tree.root().printable())
                        .findFirst();
    }
}
