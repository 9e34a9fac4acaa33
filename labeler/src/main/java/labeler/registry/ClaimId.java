package labeler.registry;

import java.util.UUID;

/** One attempt of a host to claim something. Who finds it in the registry knows that this attempt succeeded. */
public record ClaimId(String value) {
    /** An id that nobody had before. */
    public static ClaimId fresh() {
        return new ClaimId(UUID.randomUUID().toString());
    }

    @Override
    public String toString() {
        return value;
    }
}
