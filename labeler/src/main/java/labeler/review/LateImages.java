package labeler.review;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import labeler.journal.JournalException;
import labeler.linux.FileIdentity;
import labeler.problem.Problem;
import labeler.reference.ImageChange;
import labeler.reference.KnownImage;
import labeler.reference.Provenance;
import labeler.reference.ReadHeader;
import labeler.reference.ReferenceJudge;
import labeler.vm.VmName;

/**
 * Images that a VM has had before anybody looked at them here, by the chains that libvirt has. Each layer of a chain counts
 * as written, since libvirt's jobs may write it; but none to which only a guest's word leads, since that may be another
 * VM's. What is on record as held by this VM already is left to its end. Opens nothing but what is read in another format.
 */
final class LateImages {
    /**
     * An image as it was on record and as it is to be.
     *
     * @param isNew whether nothing of it was on record
     */
    private record Image(KnownImage before, KnownImage now, boolean isNew) {
        ImageChange change() {
            return new ImageChange(before, now);
        }
    }

    private final VmName vm;
    private final LastChains chains;
    private final RecordedImages known;
    private final HeaderReader reader;
    private final Map<FileIdentity, Image> images = new LinkedHashMap<>();

    /** Layers of the chains that count. */
    private final Set<FileIdentity> layers = new HashSet<>();

    /** Those of them whose headers nobody understands now. */
    private final List<KnownImage> unread = new ArrayList<>();

    private final List<Problem> told = new ArrayList<>();

    LateImages(VmName vm, LastChains chains, RecordedImages known, HeaderReader reader) {
        this.vm = vm;
        this.chains = chains;
        this.known = known;
        this.reader = reader;
    }

    /** One for each new reference that is not believed. */
    List<Problem> told() {
        return List.copyOf(told);
    }

    /** An image that has been judged already. */
    void add(KnownImage judged) {
        images.put(judged.identity(), new Image(judged, judged, false));
    }

    private void put(ReadHeader header, KnownImage asItIs) {
        images.put(header.identity(), new Image(asItIs, asItIs, false));
    }

    /**
     * Judges the header of a file that joins.
     *
     * @return why it is not believed
     */
    List<Problem> join(ReadHeader header) throws JournalException {
        Optional<KnownImage> before = known.of(header);
        boolean isInChain = chains.layers().stream()
                .anyMatch(layer -> layer.header().identity().equals(header.identity()));
        if (!header.partOfWritable() && !isInChain) {
            // An image that is only read stays as it is: this VM cannot change it.
            return ReferenceJudge.atStart(before, header, known.around(header, before), Provenance.COMMAND)
                    .problems();
        }
        KnownImage judged = judge(before, header);
        boolean isReadOtherwise = !header.writable()
                && before.filter(image -> image.format() != header.format()).isPresent();
        if (isReadOtherwise) {
            put(header, before.get());
        }
        // By the record as it is now: what is followed and not believed.
        return ReferenceJudge.atStart(Optional.of(judged), header, known.around(header, before), Provenance.COMMAND)
                .problems();
    }

    private KnownImage judge(Optional<KnownImage> before, ReadHeader header) throws JournalException {
        ReferenceJudge.Verdict verdict = ReferenceJudge.late(
                before, header, known.around(header, before), chains.explained(header.identity()), vm);
        told.addAll(verdict.problems());
        boolean isLeftAsItIs = isHeld(before) && verdict.problems().isEmpty();
        images.put(
                header.identity(),
                new Image(
                        before.orElseGet(() -> KnownImage.unseen(header)),
                        isLeftAsItIs ? before.get() : verdict.image(),
                        before.isEmpty()));
        return verdict.image();
    }

    private boolean isHeld(Optional<KnownImage> image) {
        return image.filter(one -> one.isHeldBy(vm)).isPresent();
    }

    /** Judges all layers of the chains that were not judged before, as far down as they count. */
    void addLayers() throws JournalException {
        List<Boolean> counts = new ArrayList<>();
        for (LastChains.Layer layer : chains.layers()) {
            boolean isCounted = counts(layer, counts);
            counts.add(isCounted);
            FileIdentity identity = layer.header().identity();
            if (isCounted && layers.add(identity) && !images.containsKey(identity)) {
                addLayer(layer);
            }
        }
    }

    private boolean counts(LastChains.Layer layer, List<Boolean> counts) {
        OptionalInt above = layer.above();
        return above.isEmpty() || (counts.get(above.getAsInt()) && !isGuests(above.getAsInt(), layer));
    }

    /** Whether the header above agrees with libvirt, and is a guest's. libvirt may have read it anew while the guest had it. */
    private boolean isGuests(int above, LastChains.Layer layer) {
        Optional<Image> image = Optional.ofNullable(
                images.get(chains.layers().get(above).header().identity()));
        return !layer.by().isEmpty()
                && image.filter(one -> layer.by().stream().allMatch(one.now()::isGuests))
                        .isPresent();
    }

    private void addLayer(LastChains.Layer layer) throws JournalException {
        Optional<KnownImage> before = known.of(layer.header());
        if (isHeld(before)) {
            put(layer.header(), before.get());
            return;
        }
        Optional<ReadHeader> header = header(layer, before);
        if (header.isPresent()) {
            judge(before, header.get());
        } else {
            unread.add(before.orElseGet(() -> KnownImage.unseen(layer.header())));
        }
    }

    /** Other VMs read a lower image in the recorded format. The format in which this one does changes nothing for them. */
    private Optional<ReadHeader> header(LastChains.Layer layer, Optional<KnownImage> before) {
        boolean isReadOtherwise = layer.above().isPresent()
                && before.filter(image -> image.format() != layer.header().format())
                        .isPresent();
        if (isReadOtherwise) {
            return reader.read(before.get()) instanceof HeaderReader.Read(ReadHeader header)
                    ? Optional.of(header)
                    : Optional.empty();
        }
        return layer.isRead() ? Optional.of(layer.header()) : Optional.empty();
    }

    /** Layers that are to be on record as held, since nobody knows what is in their headers: what is new later is the VM's. */
    List<KnownImage> unread() {
        return List.copyOf(unread);
    }

    /**
     * All that the VM may write from now on and that is not on record as held by it.
     *
     * @param joined whether it has what was asked for; if not, it has the layers of its chains all the same
     */
    List<KnownImage> held(boolean joined) {
        return Stream.concat(
                        written(joined).map(image -> image.isNew() ? image.now() : image.before()), unread.stream())
                .toList();
    }

    private Stream<Image> written(boolean joined) {
        return images.entrySet().stream()
                .filter(entry -> joined || layers.contains(entry.getKey()))
                .map(Map.Entry::getValue)
                .filter(image -> !image.before().isHeldBy(vm));
    }

    /** The changes on record of images that were there, while the VM may write them. */
    List<ImageChange> changes(boolean joined) {
        return Stream.concat(
                        written(joined),
                        images.values().stream().filter(image -> image.before().isHeldBy(vm)))
                .filter(image -> !image.isNew())
                .map(Image::change)
                .filter(ImageChange::isAny)
                .toList();
    }

    /** All that changes on record after its end: of images that it does not hold. */
    List<ImageChange> ended() {
        return images.values().stream()
                .filter(image -> image.isNew() || image.change().isAny())
                .map(image -> new ImageChange(image.before().withoutHolds(), image.now()))
                .toList();
    }
}
