package labeler.chain.format;

import java.util.List;
import java.util.OptionalLong;
import labeler.chain.Problem;
import labeler.chain.io.Read;

/** The result of a format's reader for an image's first bytes. */
public sealed interface ParseResult {
    /**
     * A header that qemu would accept.
     *
     * @param virtualSize of the disk, bytes
     * @param references the files it names: those that qemu opens in its order
     */
    record Parsed(OptionalLong virtualSize, List<Reference> references, List<Note> notes) implements ParseResult {
        public Parsed {
            references = List.copyOf(references);
            notes = List.copyOf(notes);
        }
    }

    /** No name in this image is to be trusted. */
    sealed interface Failure extends ParseResult {
        /** In words, for a message that names the file before it. */
        String reason();
    }

    /** Not an image of this format at all. */
    record NotThisFormat(String reason) implements Failure {}

    /** Breaks a rule of its format. */
    record Malformed(String reason) implements Failure {}

    /** May be well-formed, but needs a feature that is not understood. */
    record Unsupported(String reason) implements Failure {}

    /** Has more parts than any honest image. */
    record TooMany(String reason) implements Failure {}

    /** The system could not read it. */
    record Unreadable(String reason) implements Failure {}

    /** An oddity that does not affect the file set. */
    record Note(Problem.Kind kind, String message) {}

    /** The result for an image whose read did not succeed. */
    static Failure of(Read.NotRead failure) {
        return switch (failure) {
            case Read.EndOfFile end ->
                new Malformed("the file ends inside its header (" + end.wanted() + " bytes at offset " + end.position()
                        + ", only " + end.got() + " there)");
            case Read.OverBudget over -> new TooMany("its header takes more than " + over.limit() + " to read");
            case Read.Failed failed -> new Unreadable(failed.reason());
        };
    }
}
