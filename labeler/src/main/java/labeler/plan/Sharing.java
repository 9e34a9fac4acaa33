package labeler.plan;

import labeler.fileset.FileUse;
import labeler.vm.UseAccess;

/** Who may hold a file together, which decides its label. */
public enum Sharing {
    /** One VM alone writes it: image type at the VM's level. */
    EXCLUSIVE("written by one VM"),
    /** Any number of VMs read it, none writes: content type at {@code s0}. */
    CONTENT("read by VMs"),
    /** Any number of VMs write it, each declaring it shareable: image type at {@code s0}. */
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

    static Sharing of(FileUse use, boolean shareable) {
        if (use.access() == UseAccess.READ_ONLY) {
            return CONTENT;
        }
        return shareable ? SHARED : EXCLUSIVE;
    }
}
