package labeler.etcd;

import labeler.json.Json;
import labeler.json.Json.JsonObject;

/** The members of an etcd cluster, to whom questions go. */
public interface Members extends AutoCloseable {
    /** The fate of a question. */
    sealed interface Reply {}

    record Answered(JsonObject json) implements Reply {}

    /** An error; the question has changed nothing. */
    record Rejected(String message) implements Reply {}

    /** No answer. The question may have changed something, may do so later, or never. */
    record Lost(String why) implements Reply {}

    /** Asks one member: the last that answered, or the next one that takes a connection. */
    Reply ask(String path, Json question);

    @Override
    void close();
}
