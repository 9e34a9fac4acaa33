package labeler.lifecycle;

/** Where a VM is on its way. */
public enum VmState {
    PLANNED("planned"),
    STARTING("starting"),
    RUNNING("running"),
    STOPPING("stopping");

    private final String word;

    VmState(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }
}
