package labeler.chain;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import labeler.chain.format.Reference;

/**
 * All files of one image, the top first, in the order found; each file once, however often it is named. It owns the open
 * files.
 *
 * @param <F> the opener's kind of open file
 * @param problems if any, the chain is not complete or not safe
 * @param warnings what is merely odd
 */
public record Chain<F extends ImageFile>(
        List<Node<F>> nodes,
        List<External> external,
        List<Unfollowed> unfollowed,
        List<Problem> problems,
        List<Problem> warnings)
        implements AutoCloseable {

    /** Where a file's format is known from. */
    public enum FormatSource {
        /** The VM's definition or the user. */
        DECLARED("declared"),
        /** The header of the file that names it. */
        HEADER("header"),
        /** Nothing else is possible: a data file is raw. */
        IMPLIED("implied"),
        /** Its content, where nothing rests on it. */
        DETECTED("detected");

        private final String word;

        FormatSource(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }
    }

    /** What a raw image holds, where it is known. It decides nothing. */
    public enum Content {
        /** A CD or DVD. */
        ISO_9660("iso9660");

        private final String word;

        Content(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }
    }

    /**
     * A file.
     *
     * @param name under which it was opened
     * @param content looked for where the format is detected, and nowhere else
     * @param parent index in {@link Chain#nodes} of the file that first named it, empty for the top
     * @param depth 0 for the top; a data file has the depth of its image plus one
     * @param namedBy who named it first
     * @param access the strongest that any reference asks for
     * @param virtualSize of the disk it holds, bytes, where the header says
     * @param references all that its header names and qemu would open, in the header's own words
     */
    public record Node<F extends ImageFile>(
            FileName name,
            Role role,
            ImageFormat format,
            FormatSource formatSource,
            Optional<Content> content,
            int depth,
            OptionalInt parent,
            NamedBy namedBy,
            Access access,
            OptionalLong virtualSize,
            List<HeaderReference> references,
            F file) {
        public Node {
            references = List.copyOf(references);
        }
    }

    /** Who names a file. */
    public enum NamedBy {
        /** The VM's definition, or the user. */
        DECLARATION,
        /** The header of another file, which a guest may have written. */
        HEADER
    }

    /**
     * A file that a header names.
     *
     * @param believed whether it is followed: nothing that is declared stands in its place
     */
    public record HeaderReference(Reference.Followed reference, boolean believed) {
        public Role role() {
            return switch (reference) {
                case Reference.Backing _ -> Role.BACKING;
                case Reference.DataFile _ -> Role.DATA_FILE;
                case Reference.Extent _ -> Role.EXTENT;
            };
        }
    }

    /**
     * Something named that is not a file here (nbd, rbd, http, {@code json:} …); never opened.
     *
     * @param protocol the word before the colon, or {@code json}
     * @param parent the file that names it
     * @param followed whether qemu would open it; it refuses protocols that it does not know
     */
    public record External(FileName reference, String protocol, Role role, FileName parent, boolean followed) {}

    /**
     * A file that is named and that qemu does not open, so that nothing here does.
     *
     * @param format of the file that names it
     */
    public record Unfollowed(FileName reference, Relation relation, ImageFormat format, FileName parent) {}

    public Chain {
        nodes = List.copyOf(nodes);
        external = List.copyOf(external);
        unfollowed = List.copyOf(unfollowed);
        problems = List.copyOf(problems);
        warnings = List.copyOf(warnings);
    }

    public boolean isComplete() {
        return problems.isEmpty();
    }

    @Override
    public void close() {
        nodes.forEach(node -> node.file().close());
    }
}
