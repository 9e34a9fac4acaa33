package labeler.linux.jna;

/** A link stood on the way where none may. */
final class LinkRefused extends Exception {
    private static final long serialVersionUID = 1;

    LinkRefused() {
        super("a link", null, false, false);
    }
}
