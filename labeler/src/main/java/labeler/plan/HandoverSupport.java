package labeler.plan;

/** Whether this VM's qemu can be handed files that carry no label. */
public sealed interface HandoverSupport {
    /** The launcher lets qemu inherit descriptors. */
    record Possible() implements HandoverSupport {}

    /**
     * qemu opens its files by itself.
     *
     * @param wayOut the advice: {@code start it with labeler run}
     */
    record Impossible(String wayOut) implements HandoverSupport {}

    /** qemu opens its files by itself, and the settings say that the service ignores these files. */
    record Left() implements HandoverSupport {}
}
