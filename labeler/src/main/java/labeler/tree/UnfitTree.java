package labeler.tree;

import labeler.linux.OpenedFile;

/** Something in a tree keeps it from being labelled. */
public final class UnfitTree extends Exception {
    private static final long serialVersionUID = 1;

    private final Reason reason;

    /** @param message what it is, with the way out */
    UnfitTree(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    static UnfitTree mounted(OpenedFile begins) {
        return new UnfitTree(
                Reason.UNSUPPORTED,
                begins.path().printable() + " in it is another file system, a subvolume or a mount, which would not be"
                        + " labelled, and which Landlock would let the VM use; unmount it, or give the guest its parts as"
                        + " trees of their own");
    }

    static UnfitTree inUse(OpenedFile file) {
        return new UnfitTree(
                Reason.IN_USE,
                file.path().printable()
                        + " in it is in use by itself, and a tree is one VM's as a whole; take it out of"
                        + " the tree");
    }

    public Reason reason() {
        return reason;
    }

    /** Its kind. */
    public enum Reason {
        /** A VM has something of it, or something in it is labelled for one. */
        IN_USE,
        /** Something has a label that was left there. */
        LEFTOVER,
        /** Its files cannot be told apart, or not be kept apart from others. */
        UNSUPPORTED
    }
}
