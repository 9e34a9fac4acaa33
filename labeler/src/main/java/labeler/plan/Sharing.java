package labeler.plan;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import labeler.fileset.FileUse;

/** The VMs that may hold a file together, which decides its label. */
public enum Sharing {
    /** One VM alone writes it, or reads it as a secret: image type at the VM's level. */
    EXCLUSIVE("written by one VM"),
    /** Any number of VMs read it, none writes: content type at {@code s0}. */
    CONTENT("read by VMs"),
    /** Any number of VMs write it, or look at it beside writers, each declaring it shareable: image type at {@code s0}. */
    SHARED("shareable");

    private final String words;

    Sharing(String words) {
        this.words = words;
    }

    public String words() {
        return words;
    }

    /** Whether several VMs may hold a file in this way at once. */
    public boolean allowsOthers() {
        return this != EXCLUSIVE;
    }

    /** The sharing that each of these uses needs. Uses that only read agree; a secret makes all of them secret. */
    static Set<Sharing> of(List<FileUse> uses, boolean shareable) {
        if (areReading(uses)) {
            boolean secret = uses.stream().anyMatch(use -> use.role().isSecret());
            // As libvirt has it: a reader that expects writers has the label of the writers.
            return EnumSet.of(secret ? EXCLUSIVE : shareable ? SHARED : CONTENT);
        }
        Set<Sharing> wanted = EnumSet.noneOf(Sharing.class);
        for (FileUse use : uses) {
            boolean content = !use.isWriting() && !use.role().isSecret();
            wanted.add(content ? CONTENT : shareable ? SHARED : EXCLUSIVE);
        }
        return wanted;
    }

    /** The sharing that the strongest of these uses needs. Reading is the weakest, unless it is of a secret. */
    public static Sharing strongest(List<FileUse> uses, boolean shareable) {
        Set<Sharing> wanted = of(uses, shareable);
        return wanted.contains(EXCLUSIVE) ? EXCLUSIVE : wanted.contains(SHARED) ? SHARED : CONTENT;
    }

    static boolean areReading(List<FileUse> uses) {
        return uses.stream().noneMatch(FileUse::isWriting);
    }
}
