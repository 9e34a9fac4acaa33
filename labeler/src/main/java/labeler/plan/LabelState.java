package labeler.plan;

import java.util.Optional;
import labeler.selinux.SecurityContext;
import labeler.selinux.StoredLabel;

/** The file system's answer about a file's label. */
public sealed interface LabelState {
    /** The context that a policy uses; empty if there is no label, or it is no context. */
    default Optional<SecurityContext> context() {
        return switch (this) {
            case Labelled(StoredLabel label) -> label.context();
            case Unlabelled() -> Optional.empty();
            case Unavailable unavailable -> unavailable.fixed().flatMap(StoredLabel::context);
        };
    }

    record Labelled(StoredLabel label) implements LabelState {}

    /** The file system stores labels, and this file has none. */
    record Unlabelled() implements LabelState {}

    /**
     * No label can be set.
     *
     * @param fixed its permanent label (a read-only mount, {@code context=}); empty for none
     * @param reason in words: {@code ramfs stores no security labels}
     */
    record Unavailable(Optional<StoredLabel> fixed, String reason, Cause cause) implements LabelState {}

    /** Why no label can be set. */
    enum Cause {
        /** No file there has a label of its own, so only descriptors can separate VMs. */
        STORES_NONE("move it to a file system that stores labels"),
        /** The mount gives all files one label. */
        ONE_FOR_ALL("mount it without context=, to have its files labelled or handed over"),
        READ_ONLY("mount it writable, or with the context= that its files should have");

        private final String wayOut;

        Cause(String wayOut) {
            this.wayOut = wayOut;
        }

        String wayOut() {
            return wayOut;
        }
    }
}
