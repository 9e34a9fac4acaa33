package labeler.reference;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import labeler.chain.ImageFormat;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.vm.VmName;

/**
 * The record of an image that a VM may write, or could write earlier.
 *
 * @param id the journal's number for it, or {@link #NOT_ON_RECORD}
 * @param path as a definition or a header named it last
 * @param realPath the kernel's name for it then
 * @param format in which it was read last
 * @param references those of its header when it was last judged
 * @param holds of VMs that may write it, or whose end nobody has handled yet
 */
public record KnownImage(
        long id,
        FileIdentity identity,
        HostPath path,
        HostPath realPath,
        ImageFormat format,
        Map<WrittenReference, Provenance> references,
        List<ImageHold> holds) {
    /** The number of an image that is not on record yet. */
    public static final long NOT_ON_RECORD = 0;

    public KnownImage {
        references = Map.copyOf(references);
        holds = List.copyOf(holds);
    }

    /** The record of an image that nobody has seen before. */
    public static KnownImage unseen(ReadHeader header) {
        return new KnownImage(
                NOT_ON_RECORD,
                header.identity(),
                header.path(),
                header.realPath(),
                header.format(),
                Map.of(),
                List.of());
    }

    /** The record with the header's present references, in this file that was found to be the image. */
    public KnownImage judged(ReadHeader header, Map<WrittenReference, Provenance> now) {
        return new KnownImage(id, header.identity(), header.path(), header.realPath(), header.format(), now, holds);
    }

    /**
     * Combines this record with that of the same device under another name. The record of this name counts first. A
     * reference that a guest wrote under the other name is a guest's here; a device that was raw there counts as raw.
     */
    public KnownImage beside(KnownImage other) {
        Map<WrittenReference, Provenance> both = new LinkedHashMap<>(references);
        other.references.forEach((reference, provenance) -> {
            if (!provenance.isBelieved()) {
                both.putIfAbsent(reference, provenance);
            }
        });
        return new KnownImage(
                id,
                identity,
                path,
                realPath,
                other.format == ImageFormat.RAW ? ImageFormat.RAW : format,
                both,
                Stream.concat(holds.stream(), other.holds.stream()).toList());
    }

    /** The record of the same device under a new name, or of the copy of an image: not on record yet. */
    public KnownImage asFirstOf(FileIdentity name) {
        return new KnownImage(NOT_ON_RECORD, name, path, realPath, format, references, holds);
    }

    /** The record with only these of its holds. */
    public KnownImage holding(Predicate<ImageHold> kept) {
        List<ImageHold> left = holds.stream().filter(kept).toList();
        return new KnownImage(id, identity, path, realPath, format, references, left);
    }

    /** The record without the holds, so that none of them is ended. */
    public KnownImage withoutHolds() {
        return holding(_ -> false);
    }

    /** Whether this VM may write it, by this record. */
    public boolean isHeldBy(VmName vm) {
        return holds.stream().anyMatch(hold -> hold.vm().equals(vm));
    }

    /** Whether a guest has written this reference, by this record. */
    public boolean isGuests(WrittenReference reference) {
        return references.get(reference) == Provenance.GUEST;
    }

    /** Whether it has references, and each of them is believed. */
    public boolean isBelieved() {
        return !references.isEmpty() && references.values().stream().allMatch(Provenance::isBelieved);
    }

    /** Whether both records trust the same references. */
    public boolean isJudgedAs(KnownImage other) {
        return format == other.format && references.equals(other.references);
    }

    /** The recorded source of a reference that its header has now; empty if nothing on record counts. */
    Optional<Provenance> provenance(WrittenReference reference) {
        return Optional.ofNullable(references.get(reference)).filter(provenance -> provenance != Provenance.EARLIER);
    }

    /** The references of its header when it was last believed. */
    List<WrittenReference> believed() {
        return references.entrySet().stream()
                .filter(entry -> entry.getValue() != Provenance.GUEST)
                .map(Map.Entry::getKey)
                .sorted(Comparator.comparing(WrittenReference::words))
                .toList();
    }
}
