package labeler.plan;

import java.util.Optional;
import labeler.selinux.StoredLabel;

/** What the file system says of a file's label. */
public sealed interface LabelState {
    record Labelled(StoredLabel label) implements LabelState {}

    /** The file system keeps labels, and this file has none. */
    record Unlabelled() implements LabelState {}

    /**
     * No label can be set.
     *
     * @param fixed the label that it has for good (a read-only mount, {@code context=}); empty for none
     * @param reason in words: {@code ramfs stores no security labels}
     */
    record Unavailable(Optional<StoredLabel> fixed, String reason) implements LabelState {}
}
