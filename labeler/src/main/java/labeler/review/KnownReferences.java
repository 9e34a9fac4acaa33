package labeler.review;

import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import labeler.fileset.FileSet;
import labeler.guard.record.AuditLog;
import labeler.journal.JournalException;
import labeler.journal.KnownImages;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.SafeOpen;
import labeler.problem.Problem;
import labeler.reference.ImageChange;
import labeler.reference.ImageHold;
import labeler.reference.KnownImage;
import labeler.reference.Provenance;
import labeler.reference.ReadHeader;
import labeler.reference.ReferenceJudge;
import labeler.reference.WrittenReference;
import labeler.vm.VmDefinition;
import labeler.vm.VmName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The references in images that VMs may write, from one hold to the next. Nothing here needs the lock of the host's
 * VMs. A method that opens an image may hang with its file system; call it without the lock.
 */
public final class KnownReferences {
    private static final Logger LOG = LoggerFactory.getLogger(KnownReferences.class);

    private final KnownImages record;
    private final SafeOpen open;
    private final RecordedImages recorded;
    private final HeaderReader reader;
    private final HeaderNews news;

    private final EndedHolds ended = new EndedHolds();

    /** Tokens of starts and attaches that are not over yet: their holds are on record before their VM or disk is. */
    private final Set<String> inTheMaking = ConcurrentHashMap.newKeySet();

    @Inject
    public KnownReferences(KnownImages record, Linux linux, AuditLog audit) {
        this.record = record;
        this.news = new HeaderNews(audit);
        this.open = linux.open();
        this.recorded = new RecordedImages(record, linux.fileSystems());
        this.reader = new HeaderReader(open);
    }

    /** The images of a VM that it may write. */
    public enum Writes {
        /** Those that its definition has as writable. */
        WRITABLE,
        /** All of a chain whose top it may write: libvirt's block jobs write into those below. */
        WHOLE_CHAINS
    }

    /**
     * The same headers, those of files that nodes have alone by what is in them now. Opens these.
     *
     * @param alone the names of such files
     */
    public List<ReadHeader> asFound(List<ReadHeader> headers, Set<HostPath> alone) {
        return headers.stream()
                .map(header -> header.writable() && alone.contains(header.path()) ? asFound(header) : header)
                .toList();
    }

    private ReadHeader asFound(ReadHeader alone) {
        try {
            return reader.alone(alone, known(alone).map(KnownImage::format));
        } catch (JournalException e) {
            // The join fails for the same reason, or the file counts as raw.
            return alone;
        }
    }

    /** The problems of these images; puts nothing on record. Opens nothing. */
    public List<Problem> look(List<ReadHeader> headers) {
        try {
            List<Problem> problems = new ArrayList<>();
            for (ReadHeader header : HeadersOnce.of(headers)) {
                problems.addAll(
                        atStart(known(header), header, Provenance.DEFINITION).problems());
            }
            return problems;
        } catch (JournalException e) {
            return List.of(failed(e));
        }
    }

    private ReferenceJudge.Verdict atStart(Optional<KnownImage> known, ReadHeader header, Provenance asker)
            throws JournalException {
        return ReferenceJudge.atStart(known, header, recorded.around(header, known), asker);
    }

    /**
     * Judges the headers of a VM that starts, or of a disk that joins it, and records that it may write them. Nobody
     * else ends that hold before it is confirmed or withdrawn. Opens nothing.
     *
     * @param disk that joins
     */
    public Judgement judge(VmName vm, Optional<String> disk, Taken taken, Writes writes) {
        return judge(vm, disk, taken, writes, disk.isPresent() ? Provenance.COMMAND : Provenance.DEFINITION);
    }

    /** The same for the files of a command. */
    public Judgement judgeCommand(VmName vm, Optional<String> disk, Taken taken) {
        return judge(vm, disk, taken, Writes.WRITABLE, Provenance.COMMAND);
    }

    /**
     * Judges the headers of files that a running VM has had already, by libvirt's own account of its chains. It is on record
     * from now on that it may write them, and what it has written, whether they are believed or not.
     *
     * @param hold a new one
     * @param account the chains as libvirt has them now, of which these files are a part
     * @return why they are not believed
     */
    public List<Problem> judgeLate(ImageHold hold, Taken taken, VmDefinition account) {
        VmName vm = hold.vm();
        LateImages late = new LateImages(vm, LastChains.of(Optional.of(account), open), recorded, reader);
        List<Problem> problems = new ArrayList<>();
        try {
            recorded.holdTrees(taken, hold);
            recorded.keepTrees(taken, hold);
            for (ReadHeader header : HeadersOnce.of(taken.headers())) {
                problems.addAll(late.join(header));
            }
            late.addLayers();
            boolean isBelieved = problems.isEmpty();
            if (!late.held(isBelieved).isEmpty()) {
                record.holdImages(late.held(isBelieved), hold);
            }
            record.changeImages(late.changes(isBelieved));
        } catch (JournalException e) {
            problems.add(failed(e));
        }
        news.tell(vm, late.told());
        return problems;
    }

    /** The hold of files that join a VM while it runs, and are those of no disk. */
    public static ImageHold newHold(VmName vm) {
        return new ImageHold(vm, Optional.empty(), UUID.randomUUID().toString());
    }

    private Judgement judge(VmName vm, Optional<String> disk, Taken taken, Writes writes, Provenance asker) {
        ImageHold hold = new ImageHold(vm, disk, UUID.randomUUID().toString());
        List<ImageChange> changes = new ArrayList<>();
        List<KnownImage> unseen = new ArrayList<>();
        List<ImageChange> seen = new ArrayList<>();
        List<Problem> problems = new ArrayList<>();
        try {
            for (ReadHeader header : HeadersOnce.of(taken.headers())) {
                Optional<KnownImage> known = known(header);
                if (isNew(header, known) && ended.isSince(header.identity(), taken.readSince())) {
                    return new Judgement.Outdated(header.path());
                }
                ReferenceJudge.Verdict verdict = atStart(known, header, asker);
                problems.addAll(verdict.problems());
                if (writes == Writes.WHOLE_CHAINS ? header.partOfWritable() : header.writable()) {
                    known.ifPresentOrElse(
                            before -> changes.add(change(before, header, verdict)), () -> unseen.add(verdict.image()));
                } else {
                    seen(known, header, verdict).ifPresent(seen::add);
                }
            }
            if (problems.isEmpty()) {
                List<KnownImage> held = Stream.concat(changes.stream().map(ImageChange::before), unseen.stream())
                        .toList();
                inTheMaking.add(hold.token());
                record.holdImages(held, hold);
                recorded.holdTrees(taken, hold);
            }
        } catch (JournalException e) {
            inTheMaking.remove(hold.token());
            problems.add(failed(e));
        }
        return problems.isEmpty()
                ? new Judgement.Believed(hold, taken, changes, unseen, seen)
                : new Judgement.NotBelieved(problems);
    }

    /** Whether it names a file that the record does not have. Nothing else in a header is believed because of its time. */
    private static boolean isNew(ReadHeader header, Optional<KnownImage> known) {
        return header.references().stream()
                .map(ReadHeader.Found::reference)
                .anyMatch(reference -> known.filter(image -> image.references().containsKey(reference))
                        .isEmpty());
    }

    /**
     * An image that is only read is recorded without a hold: a directory tree may come around it later, and what it refers to
     * now is believed then. In the format of another VM it stays as it is.
     */
    private static Optional<ImageChange> seen(
            Optional<KnownImage> known, ReadHeader header, ReferenceJudge.Verdict verdict) {
        KnownImage before = known.orElseGet(() -> KnownImage.unseen(header));
        boolean isRecorded = verdict.image().isBelieved()
                && before.holds().isEmpty()
                && before.format() == header.format()
                && !verdict.image().isJudgedAs(before);
        return isRecorded ? Optional.of(new ImageChange(before, verdict.image())) : Optional.empty();
    }

    /**
     * An image below another is held because libvirt's jobs may write it. The format in which this VM reads it changes
     * nothing for its other holders: it is read again in the recorded format.
     */
    private static ImageChange change(KnownImage before, ReadHeader header, ReferenceJudge.Verdict verdict) {
        boolean isReadOtherwise = !header.writable() && before.format() != header.format();
        return new ImageChange(before, isReadOtherwise ? before : verdict.image());
    }

    /** The VM has started, or has the disk, and is on record. */
    public void confirm(Judgement.Believed believed) {
        try {
            record.changeImages(
                    believed.changes().stream().filter(ImageChange::isAny).toList());
            record.seeImages(believed.seen());
            recorded.keepTrees(believed.taken(), believed.hold());
        } catch (JournalException e) {
            // The hold is on record: at its end, every new reference in a header counts as the guest's.
            LOG.warn("VM {}: {}", believed.hold().vm(), e.getMessage());
        } finally {
            inTheMaking.remove(believed.hold().token());
        }
    }

    /** The start or the attach has failed: no VM has had the images. */
    public void withdraw(Judgement.Believed believed) {
        try {
            record.withdrawImages(believed.hold(), believed.unseen());
        } catch (JournalException e) {
            LOG.warn("VM {}: its images are taken for held: {}", believed.hold().vm(), e.getMessage());
        } finally {
            inTheMaking.remove(believed.hold().token());
        }
    }

    /**
     * The recorded images to read again. Call this before the VM goes off the record: then nobody has started it again.
     * A start that waits for the VM's end has a hold on record, which is left out. Opens nothing.
     *
     * @param disk that leaves; empty for all
     */
    public Review ending(VmName vm, Optional<String> disk) {
        try {
            return new Review(vm, record.imagesHeldBy(vm, disk)).without(inTheMaking);
        } catch (JournalException e) {
            LOG.warn("VM {}: the headers of its images are not read again: {}", vm, e.getMessage());
            return new Review(vm, List.of());
        }
    }

    /** Reviews for VMs that hold images but are no longer on record. */
    public List<Review> left(Predicate<VmName> isOnRecord) {
        try {
            // A VM is on record before its start is over. So a VM not on record and not starting holds nothing.
            return record.imageHolders().stream()
                    .map(vm -> ending(vm, Optional.empty()))
                    .filter(review -> !review.images().isEmpty() && !isOnRecord.test(review.vm()))
                    .toList();
        } catch (JournalException e) {
            LOG.warn("headers of images are not read again: {}", e.getMessage());
            return List.of();
        }
    }

    /** Reads headers again, and tells what the next start would not believe. Puts nothing on record. Opens the images. */
    public List<Problem> strange(Review review) {
        List<ReadHeader> headers = new ArrayList<>();
        for (KnownImage image : review.images()) {
            switch (reader.read(image)) {
                case HeaderReader.Read(ReadHeader header) -> headers.add(header);
                case HeaderReader.NotRead(String reason) ->
                    LOG.warn(
                            "VM {}: {}: its header is not judged now: {}",
                            review.vm(),
                            image.path().printable(),
                            reason);
            }
        }
        return look(headers);
    }

    /**
     * Reads headers again, and reports the VM's changes to them. Opens the images.
     *
     * @param last the domain as libvirt describes it at its release
     */
    List<Problem> read(Review review, Optional<VmDefinition> last) {
        LastChains chains = LastChains.of(last, open);
        List<Problem> problems = new ArrayList<>();
        List<ImageChange> judged = new ArrayList<>();
        try {
            for (KnownImage image : review.images()) {
                switch (reader.read(image)) {
                    case HeaderReader.Read(ReadHeader header) ->
                        problems.addAll(end(review.vm(), image, header, chains, judged));
                    case HeaderReader.NotRead(String reason) ->
                        // The hold stays: at the next start every new reference counts as the guest's.
                        LOG.warn(
                                "VM {}: {}: its header is not read again: {}",
                                review.vm(),
                                image.path().printable(),
                                reason);
                }
            }
            LateImages late = new LateImages(review.vm(), chains, recorded, reader);
            judged.forEach(change -> late.add(change.after()));
            late.addLayers();
            problems.addAll(late.told());
            judged.addAll(late.ended());
            if (!late.unread().isEmpty()) {
                record.holdImages(late.unread(), newHold(review.vm()));
            }
            ended.now(judged.stream().map(ImageChange::before).toList());
            record.endHolds(judged);
        } catch (JournalException e) {
            problems.add(failed(e));
        }
        news.tell(review.vm(), problems);
        return problems;
    }

    private List<Problem> end(
            VmName vm, KnownImage image, ReadHeader header, LastChains chains, List<ImageChange> judged)
            throws JournalException {
        Set<WrittenReference> explained = chains.explained(header.identity());
        if (explained.isEmpty() && recorded.isLeftToAnother(vm, image)) {
            judged.add(new ImageChange(image, image));
            return List.of();
        }
        ReferenceJudge.Verdict verdict = ReferenceJudge.atEnd(image, header, explained);
        judged.add(new ImageChange(image, verdict.image()));
        return verdict.problems();
    }

    /**
     * Trusts the present references of these images from now on.
     *
     * @param readSince a moment before the first was read, in the time of {@link System#nanoTime}
     * @param isOnRecord VMs that still hold their images: no image of theirs can be trusted
     * @param dryRun whether to put nothing on record
     */
    public TrustOutcome trust(FileSet files, long readSince, Predicate<VmName> isOnRecord, boolean dryRun) {
        return new ImageTrust(record, recorded, header -> ended.isSince(header.identity(), readSince))
                .trust(
                        files,
                        hold -> inTheMaking.contains(hold.token()) || isOnRecord.test(hold.vm()),
                        isOnRecord,
                        dryRun);
    }

    /**
     * Records what a command has written into the header of an image that this VM may write.
     *
     * @param header read again
     */
    public List<Problem> written(VmName vm, ReadHeader header) {
        try {
            Optional<KnownImage> known = known(header);
            KnownImage judged = ReferenceJudge.commanded(known, header);
            record.recordImages(List.of(judged), List.of());
            if (!judged.isHeldBy(vm)) {
                record.holdImages(List.of(judged), newHold(vm));
            }
            return List.of();
        } catch (JournalException e) {
            return List.of(failed(e));
        }
    }

    private Optional<KnownImage> known(ReadHeader header) throws JournalException {
        return recorded.of(header);
    }

    static Problem failed(JournalException e) {
        return new Problem(Problem.Kind.JOURNAL_FAILED, Optional.empty(), String.valueOf(e.getMessage()));
    }
}
