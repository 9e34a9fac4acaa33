package labeler.api;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import labeler.chain.Access;
import labeler.chain.Chain;
import labeler.chain.FileName;
import labeler.chain.ImageFile;
import labeler.chain.Problem;
import labeler.fileset.ImageLabels;
import labeler.json.Inlined;
import labeler.json.LeftOut;
import labeler.linux.FileIdentity;

/** A chain of images. */
public record ChainAnswer(
        FileName image,
        boolean complete,
        List<Node> nodes,
        List<External> external,
        List<Fault> problems,
        List<Fault> warnings) {
    public ChainAnswer {
        nodes = List.copyOf(nodes);
        external = List.copyOf(external);
        problems = List.copyOf(problems);
        warnings = List.copyOf(warnings);
    }

    /**
     * A file.
     *
     * @param format by qemu's name, where it has one
     * @param virtualSize in bytes
     */
    public record Node(
            FileName path,
            String role,
            String format,
            String formatSource,
            Optional<String> content,
            int depth,
            Optional<FileName> parent,
            String access,
            @Inlined FileIdentity identity,
            Optional<Long> virtualSize,
            Optional<String> label) {}

    /**
     * Something that is named and not a file here, or that qemu does not open.
     *
     * @param role the word of a {@link labeler.chain.Role} or a {@link labeler.chain.Relation}
     */
    public record External(FileName reference, String protocol, String role, FileName parent, boolean followed) {
        private static External of(Chain.External external) {
            return new External(
                    external.reference(),
                    external.protocol(),
                    external.role().word(),
                    external.parent(),
                    external.followed());
        }

        private static External of(Chain.Unfollowed named) {
            return new External(
                    named.reference(), named.format().driver(), named.relation().word(), named.parent(), false);
        }
    }

    /** Why a chain is not complete or not safe, or merely odd. */
    public record Fault(String kind, FileName file, @LeftOut Optional<FileName> namedBy, String message) {
        private static List<Fault> of(List<Problem> problems) {
            return problems.stream()
                    .map(problem ->
                            new Fault(problem.kind().name(), problem.file(), problem.namedBy(), problem.message()))
                    .toList();
        }
    }

    public static <F extends ImageFile> ChainAnswer of(FileName image, Chain<F> chain, ImageLabels labels) {
        return new ChainAnswer(
                image,
                chain.isComplete(),
                chain.nodes().stream().map(node -> node(node, chain, labels)).toList(),
                Stream.concat(
                                chain.external().stream().map(External::of),
                                chain.unfollowed().stream().map(External::of))
                        .toList(),
                Fault.of(chain.problems()),
                Fault.of(chain.warnings()));
    }

    private static <F extends ImageFile> Node node(Chain.Node<F> node, Chain<F> chain, ImageLabels labels) {
        labeler.chain.FileIdentity identity = node.file().identity();
        return new Node(
                node.name(),
                node.role().word(),
                node.format().driver(),
                node.formatSource().word(),
                node.content().map(Chain.Content::word),
                node.depth(),
                node.parent().stream()
                        .mapToObj(parent -> chain.nodes().get(parent).name())
                        .findFirst(),
                word(node.access()),
                new FileIdentity(identity.device(), identity.inode(), Optional.empty()),
                node.virtualSize().stream().boxed().findFirst(),
                labels.of(node.file()));
    }

    public static String word(Access access) {
        return switch (access) {
            case READ_ONLY -> "read-only";
            case READ_WRITE -> "read-write";
        };
    }
}
