package labeler.guard.record;

/** The fate of a command. Its word in JSON is its name in lower case with hyphens. */
public enum Outcome {
    /** It was sent, and qemu did it. */
    ALLOWED,
    /** A rule forbids it; qemu has not seen it. */
    REFUSED,
    /** It was sent, and qemu answered with an error. */
    FAILED_IN_QEMU,
    /** It could not be prepared: a file, a label, the journal. qemu has not seen it. */
    FAILED_BEFORE_QEMU,
    /** It was sent, and qemu ended or did not answer. */
    UNANSWERED
}
