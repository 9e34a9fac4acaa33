package labeler.linux.jna;

import labeler.linux.OpenRefusal;

/** The path has a link that may not be followed. */
final class LinkRefused extends Exception {
    private static final long serialVersionUID = 1;

    private LinkRefused(String detail) {
        super(detail, null, false, false);
    }

    static LinkRefused any() {
        return new LinkRefused(OpenRefusal.ANY_LINK);
    }

    static LinkRefused magic() {
        return new LinkRefused(OpenRefusal.MAGIC_LINK);
    }

    static LinkRefused ofAnother(int owner, int targetOwner) {
        return new LinkRefused(OpenRefusal.linkOfAnother(owner, targetOwner));
    }

    /** For {@link OpenRefusal#detail()}. */
    String detail() {
        return String.valueOf(getMessage());
    }
}
