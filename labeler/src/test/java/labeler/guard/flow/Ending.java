package labeler.guard.flow;

/** How a flow ends. A kill of the service is no end of it: the flow goes on under the next one. */
public enum Ending {
    SUCCESS("success"),
    FAILURE("failure"),
    CANCEL("cancel"),
    QEMU_KILLED("qemu killed");

    private final String words;

    Ending(String words) {
        this.words = words;
    }

    /** As the page and the reports of tests have it. */
    public String words() {
        return words;
    }
}
