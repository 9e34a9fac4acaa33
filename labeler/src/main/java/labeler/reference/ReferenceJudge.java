package labeler.reference;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import labeler.linux.HostPath;
import labeler.linux.ShellWord;
import labeler.problem.Problem;
import labeler.vm.VmName;

/** Judges the references of a header by those that it had before. Pure: it reads nothing and keeps nothing. */
public final class ReferenceJudge {
    /** A message is one line, but an image of VMDK may have hundreds of extents. */
    private static final int MOST_NAMED = 3;

    private ReferenceJudge() {}

    /**
     * The result for an image.
     *
     * @param image to be put on record
     * @param problems one for each reference that is not believed; with any, the image is not to be given to a VM
     */
    public record Verdict(KnownImage image, List<Problem> problems) {
        public Verdict {
            problems = List.copyOf(problems);
        }
    }

    /**
     * Judges at a start. New references were made while no VM had the image, so they are an administrator's. But if a
     * hold is still open, or the image was read in another format when the last one ended, a guest may have written
     * them; and in a tree that a VM could write, whether the image was seen before or not.
     *
     * @param around the tree in which the image lies or lay, if so
     * @param asker the source of a reference that is first seen with a file declared in its place
     */
    public static Verdict atStart(
            Optional<KnownImage> known, ReadHeader header, Optional<WrittenTree> around, Provenance asker) {
        KnownImage before = known.orElseGet(() -> KnownImage.unseen(header));
        boolean otherFormat = known.isPresent() && before.format() != header.format();
        boolean mayBeGuests = around.isPresent() || !before.holds().isEmpty() || otherFormat;
        Map<WrittenReference, Provenance> now = new LinkedHashMap<>();
        List<Problem> problems = new ArrayList<>();
        for (ReadHeader.Found found : header.references()) {
            Provenance provenance = before.provenance(found.reference()).orElseGet(() -> {
                if (mayBeGuests) {
                    return Provenance.GUEST;
                }
                if (known.isPresent()) {
                    return Provenance.ADMINISTRATOR;
                }
                return found.followed() ? Provenance.FIRST_SIGHT : asker;
            });
            now.put(found.reference(), provenance);
            if (found.followed() && !provenance.isBelieved()) {
                problems.add(refusal(header.path(), before, found.reference(), otherFormat, around));
            }
        }
        return verdict(before, header, now, problems);
    }

    private static Verdict verdict(
            KnownImage before, ReadHeader header, Map<WrittenReference, Provenance> now, List<Problem> problems) {
        if (now.containsValue(Provenance.GUEST)) {
            before.believed().forEach(reference -> now.putIfAbsent(reference, Provenance.EARLIER));
        }
        return new Verdict(before.judged(header, now), problems);
    }

    /**
     * Judges an image that a VM has had before anybody looked at it here. libvirt had read the header before that, so it
     * explains what the header has said then; unless a guest could write the image earlier. Whatever else is new is the VM's.
     *
     * @param around the tree in which the image lies or lay, if so: then a guest could write it earlier
     * @param explained references that libvirt's own description of the chain has
     * @param vm that has it. Where its hold is on record, libvirt's jobs may write a header, which its end tells from the
     *     guest's words; only a reference that is followed has libvirt from that header
     * @return with a problem for each reference that is not believed, and was not there before
     */
    public static Verdict late(
            Optional<KnownImage> known,
            ReadHeader header,
            Optional<WrittenTree> around,
            Set<WrittenReference> explained,
            VmName vm) {
        KnownImage before = known.orElseGet(() -> KnownImage.unseen(header));
        boolean otherFormat = before.format() != header.format();
        boolean mayBeGuests = around.isPresent() || !before.holds().isEmpty() || otherFormat;
        Map<WrittenReference, Provenance> now = new LinkedHashMap<>();
        List<Problem> problems = new ArrayList<>();
        for (ReadHeader.Found found : header.references()) {
            WrittenReference reference = found.reference();
            Optional<Provenance> recorded = before.provenance(reference);
            boolean isLeftToTheEnd = recorded.isEmpty() && before.isHeldBy(vm) && !found.followed();
            if (!isLeftToTheEnd) {
                Provenance provenance = recorded.orElseGet(
                        () -> !mayBeGuests && explained.contains(reference) ? Provenance.LIBVIRT : Provenance.GUEST);
                now.put(reference, provenance);
                if (recorded.isEmpty() && !provenance.isBelieved()) {
                    problems.add(refusal(header.path(), before, reference, otherFormat, around));
                }
            }
        }
        return verdict(before, header, now, problems);
    }

    /**
     * Judges when a VM can no longer write the image. New references are the VM's, unless something else explains them.
     * A reference on record as a guest's stays so: libvirt may have read it in a header meanwhile.
     *
     * @param header read again
     * @param explained references that libvirt's own description of the chain has
     * @return with a problem for each reference that is not believed, and was not there before
     */
    public static Verdict atEnd(KnownImage before, ReadHeader header, Set<WrittenReference> explained) {
        Map<WrittenReference, Provenance> now = new LinkedHashMap<>();
        List<Problem> problems = new ArrayList<>();
        for (ReadHeader.Found found : header.references()) {
            WrittenReference reference = found.reference();
            Provenance provenance = before.provenance(reference)
                    .orElseGet(() -> explained.contains(reference) ? Provenance.LIBVIRT : Provenance.GUEST);
            now.put(reference, provenance);
            if (!provenance.isBelieved() && before.provenance(reference).isEmpty()) {
                problems.add(refusal(before.path(), before, reference, false, Optional.empty()));
            }
        }
        return verdict(before, header, now, problems);
    }

    /** Somebody has looked at the header, and trusts its present references from now on. */
    public static KnownImage trusted(Optional<KnownImage> known, ReadHeader header) {
        KnownImage before = known.orElseGet(() -> KnownImage.unseen(header));
        Map<WrittenReference, Provenance> now = new LinkedHashMap<>();
        header.references().forEach(found -> now.put(found.reference(), Provenance.ADMINISTRATOR));
        return before.judged(header, now);
    }

    /** A command of ours has written the header. A name that was believed before keeps its source. */
    public static KnownImage commanded(Optional<KnownImage> known, ReadHeader header) {
        KnownImage before = known.orElseGet(() -> KnownImage.unseen(header));
        Map<WrittenReference, Provenance> now = new LinkedHashMap<>();
        header.references()
                .forEach(found -> now.put(
                        found.reference(),
                        before.provenance(found.reference())
                                .filter(Provenance::isBelieved)
                                .orElse(Provenance.COMMAND)));
        return before.judged(header, now);
    }

    private static String before(List<WrittenReference> believed) {
        return believed.isEmpty()
                ? "none"
                : "the "
                        + believed.stream()
                                .limit(MOST_NAMED)
                                .map(WrittenReference::words)
                                .collect(Collectors.joining(", the "));
    }

    private static Problem refusal(
            HostPath image,
            KnownImage before,
            WrittenReference reference,
            boolean otherFormat,
            Optional<WrittenTree> around) {
        String writer = around.map(tree -> "and VM " + tree.vm() + " could write all files below "
                        + tree.root().printable())
                .orElse("written while a VM could write it");
        String then = otherFormat
                ? "when it was last read, as " + before.format().driver() + ", nothing of it was believed"
                : "before it had " + before(before.believed());
        return new Problem(
                Problem.Kind.NEW_REFERENCE,
                Optional.of(image),
                "its header names the " + reference.words() + ", " + writer + "; " + then
                        + ": look at it with labeler chain, then accept it with labeler trust " + ShellWord.of(image)
                        + ", or declare that file in the VM's definition");
    }
}
