package labeler.linux;

/** The result of opening a file whose name may be hostile. */
public sealed interface OpenOutcome permits OpenedFile, OpenRefusal {}
