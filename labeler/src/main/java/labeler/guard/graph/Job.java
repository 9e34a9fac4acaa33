package labeler.guard.graph;

/**
 * A background job.
 *
 * @param type {@code commit}, {@code stream}, {@code mirror}, {@code backup}, {@code create}, …
 * @param status {@code created}, {@code running}, {@code ready}, {@code concluded}, …
 */
public record Job(String id, String type, String status) {
    /** The status of a job that has done all, or has failed, and waits to be dismissed. */
    public static final String CONCLUDED = "concluded";
}
