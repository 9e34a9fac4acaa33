package labeler.survey;

import labeler.problem.Worded;

/** The kinds of flaws, in the order in which they are shown. */
public enum FlawKind implements Worded {
    SHARED_IMAGE("one image, several VMs"),
    SAME_PAIR("processes whose levels do not part them"),
    NO_WALL("no wall around a process"),
    FORBIDDEN_REFERENCE("a header names what no header may name"),
    UNDECLARED_FORMAT("a format that nobody has declared"),
    OPEN_IMAGE("an image that other VMs may open"),
    OUTSIDE_REFERENCE("a chain that leads out of the directories of images"),
    OPENING_BOOLEAN("a boolean opens files to every VM"),
    NOT_ENFORCING("SELinux denies nothing"),
    DEAD_LABEL("the label of a VM that is gone"),
    WRONG_CONTEXT("another label than the policy has for the place"),
    REFUSED_IMAGE("an image with which no VM would start"),
    REFUSED_DEFINITION("a definition with which no VM would start");

    private final String title;

    FlawKind(String title) {
        this.title = title;
    }

    /** The heading above flaws of this kind. */
    public String title() {
        return title;
    }
}
