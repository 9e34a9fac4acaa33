package labeler.guard.sense;

import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import labeler.chain.ImageFormat;
import labeler.guard.graph.Node;
import labeler.linux.HostPath;

/**
 * A node that a command adds over a file.
 *
 * @param driver its format; {@code file} for a node that is the file itself
 * @param file that it stands on
 * @param writes whether it may write there
 * @param isNamed whether it stands on a file node that is there already
 * @param backing the file below it, as the command has it
 * @param data its data file, if the command names one
 */
public record NewNode(
        String driver, HostPath file, boolean writes, boolean isNamed, Backing backing, Optional<HostPath> data) {
    /** The image below. */
    public sealed interface Backing {}

    /** The header says. */
    public record ByHeader() implements Backing {}

    /** None, whatever the header says. */
    public record Nothing() implements Backing {}

    /** This file's. */
    public record Image(HostPath file) implements Backing {}

    /** Something that is no file. */
    public record Elsewhere() implements Backing {}

    /** Whether no node above it interprets what is in the file. */
    public boolean isAlone() {
        return ImageFormat.ofDriver(driver).isEmpty();
    }

    /**
     * Why the file may not be used so. One file has one format in a VM, and one writer.
     *
     * @param known the name that the VM has for a file
     */
    Optional<Objection> objection(NodeFiles nodes, UnaryOperator<HostPath> known) {
        HostPath had = known.apply(file);
        List<Node> images = nodes.images(had);
        if (ImageFormat.ofDriver(driver).isPresent()) {
            Optional<Node> other = images.stream()
                    .filter(image -> !image.driver().equals(driver))
                    .findFirst();
            if (other.isPresent()) {
                return Optional.of(format(file, other.get()));
            }
        }
        if (!writes) {
            return Optional.empty();
        }
        return switch (use(nodes, had, images)) {
            case NONE -> Optional.empty();
            case READ -> Optional.of(written(file, Rule.S3));
            case WRITE, UNTOLD -> Optional.of(written(file, Rule.S5));
        };
    }

    /** The use of the file by others: a file node alone is there for the node that will stand on it. */
    private NodeFiles.Use use(NodeFiles nodes, HostPath had, List<Node> images) {
        if (!images.isEmpty()) {
            return images.stream().allMatch(Node::isReadOnly) ? NodeFiles.Use.READ : NodeFiles.Use.WRITE;
        }
        NodeFiles.Use use = nodes.use(had);
        return isNamed && use == NodeFiles.Use.UNTOLD ? NodeFiles.Use.NONE : use;
    }

    static Objection format(HostPath file, Node image) {
        return new Objection(
                Rule.S5,
                file.printable() + " is the file of node " + image.name() + ", which is " + image.driver()
                        + ", and a file has one format in a VM; give that one, or use the node");
    }

    static Objection written(HostPath file, Rule rule) {
        return new Objection(
                rule,
                file.printable() + " is a file of this VM already"
                        + (rule == Rule.S3 ? ", and only read" : ", with a writer")
                        + "; add it with \"read-only\": true, or use the node that it has");
    }
}
