package labeler.chain;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import labeler.chain.format.Reference;

/**
 * All files of one image, the top first, in the order found. Each file is listed once, even if it is named several
 * times. It owns the open files.
 *
 * @param <F> the opener's kind of open file
 * @param problems if any, the chain is not complete or not safe
 * @param warnings oddities that are no problem
 */
public record Chain<F extends ImageFile>(
        List<Node<F>> nodes,
        List<External> external,
        List<Unfollowed> unfollowed,
        List<Problem> problems,
        List<Problem> warnings)
        implements AutoCloseable {

    /** The source of a file's format. */
    public enum FormatSource {
        /** The VM's definition or the user. */
        DECLARED("declared"),
        /** The header of the file that names it. */
        HEADER("header"),
        /** Nothing else is possible: a data file is raw. */
        IMPLIED("implied"),
        /** Its content, if nothing depends on it. */
        DETECTED("detected");

        private final String word;

        FormatSource(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }
    }

    /** The content of a raw image, if it is known. It decides nothing. */
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
     * @param content determined only if the format is detected
     * @param parent index in {@link Chain#nodes} of the file that first named it, empty for the top
     * @param depth 0 for the top; a data file has the depth of its image plus one
     * @param namedBy the first source that named it
     * @param access the strongest access that any reference needs
     * @param virtualSize of the disk it holds, bytes, if the header has it
     * @param references all files that its header names and qemu would open, in the header's own words
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

    /** The source that names a file. */
    public enum NamedBy {
        /** The VM's definition, or the user. */
        DECLARATION,
        /** The header of another file, which a guest may have written. */
        HEADER
    }

    /**
     * A file that a header names.
     *
     * @param believed whether it is followed, since no declaration replaces it
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
     * A named target that is not a file here (nbd, rbd, http, {@code json:} …); never opened.
     *
     * @param protocol the word before the colon, or {@code json}
     * @param parent the file that names it
     * @param followed whether qemu would open it; it refuses protocols that it does not know
     */
    public record External(FileName reference, String protocol, Role role, FileName parent, boolean followed) {}

    /**
     * A file that is named, but not opened by qemu, and so not opened here.
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
