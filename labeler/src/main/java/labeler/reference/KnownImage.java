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

/**
 * What is on record of an image that a VM may write, or has been able to.
 *
 * @param id the journal's number for it; 0 for one that is not on record yet
 * @param path as a definition or a header named it last
 * @param realPath the kernel's name for it then
 * @param format as which it was read last
 * @param references those of its header when it was last judged
 * @param holds of VMs that may write it, or whose end nobody has looked at yet
 */
public record KnownImage(
        long id,
        FileIdentity identity,
        HostPath path,
        HostPath realPath,
        ImageFormat format,
        Map<WrittenReference, Provenance> references,
        List<ImageHold> holds) {
    public KnownImage {
        references = Map.copyOf(references);
        holds = List.copyOf(holds);
    }

    /** One that nobody has seen before. */
    public static KnownImage unseen(ReadHeader header) {
        return new KnownImage(
                0, header.identity(), header.path(), header.realPath(), header.format(), Map.of(), List.of());
    }

    /** With what its header says now, in this file that was found to be it. */
    public KnownImage judged(ReadHeader header, Map<WrittenReference, Provenance> now) {
        return new KnownImage(id, header.identity(), header.path(), header.realPath(), header.format(), now, holds);
    }

    /**
     * With what is on record of the same device under another name. What this name has on record counts first; else what a
     * guest wrote by the other is a guest's, and what was raw there is believed as little as if it were raw here.
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

    /** The same device under a name that nobody has used so far, or the copy of an image: not on record yet. */
    public KnownImage asFirstOf(FileIdentity name) {
        return new KnownImage(0, name, path, realPath, format, references, holds);
    }

    /** With these of its holds alone. */
    public KnownImage holding(Predicate<ImageHold> kept) {
        return new KnownImage(
                id,
                identity,
                path,
                realPath,
                format,
                references,
                holds.stream().filter(kept).toList());
    }

    /** Without the holds, so that none of them is ended. */
    public KnownImage withoutHolds() {
        return holding(_ -> false);
    }

    /** Whether as much is believed of it as of that one. */
    public boolean isJudgedAs(KnownImage other) {
        return format == other.format && references.equals(other.references);
    }

    /** What is on record of a reference that its header has now; empty for nothing that counts. */
    Optional<Provenance> provenance(WrittenReference reference) {
        return Optional.ofNullable(references.get(reference)).filter(provenance -> provenance != Provenance.EARLIER);
    }

    /** What its header had when it was last believed. */
    List<WrittenReference> believed() {
        return references.entrySet().stream()
                .filter(entry -> entry.getValue() != Provenance.GUEST)
                .map(Map.Entry::getKey)
                .sorted(Comparator.comparing(WrittenReference::words))
                .toList();
    }
}
