package labeler.plan;

/** What happens to a file. */
public enum Treatment {
    /** Gets a security context, and its own back when its last holder leaves. */
    LABEL("label"),
    /** Is opened for qemu and handed over as a descriptor. */
    PASS("pass"),
    /** Stays as it is. */
    LEAVE("leave"),
    /** May not be used so; the VM does not start. */
    REFUSE("refuse");

    private final String word;

    Treatment(String word) {
        this.word = word;
    }

    /** The word for it in JSON and messages. */
    public String word() {
        return word;
    }
}
