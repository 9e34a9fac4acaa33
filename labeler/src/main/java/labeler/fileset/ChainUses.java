package labeler.fileset;

import java.util.Optional;
import labeler.chain.Chain;
import labeler.chain.FileName;
import labeler.chain.ImageFormat;
import labeler.chain.ImageRequest;
import labeler.problem.Problem;
import labeler.vm.DeclaredUse;
import labeler.vm.FileRole;
import labeler.vm.Origin;
import labeler.vm.UseAccess;

/** The uses of the files of a chain: where they are named, as what, and for which access. */
final class ChainUses {
    private ChainUses() {}

    static FileUse of(DeclaredUse.ImageUse use, Chain.Node<LinuxImage> node, Chain<LinuxImage> chain) {
        return new FileUse(origin(use, node, chain), role(use, node.role()), UseAccess.of(node.access()));
    }

    private static Origin origin(DeclaredUse.ImageUse use, Chain.Node<LinuxImage> node, Chain<LinuxImage> chain) {
        return switch (node.namedBy()) {
            case DECLARATION -> use.origin();
            case HEADER ->
                Origin.ofHeader(ChainProblems.path(
                                chain.nodes().get(node.parent().getAsInt()).name())
                        .toString());
        };
    }

    static FileRole role(DeclaredUse.ImageUse use, labeler.chain.Role role) {
        return switch (role) {
            case IMAGE -> use.role();
            case BACKING -> FileRole.BACKING;
            case DATA_FILE -> FileRole.DATA_FILE;
            case EXTENT -> FileRole.EXTENT;
            case PARENT -> FileRole.PARENT;
        };
    }

    /** Whether the definition itself names this file as a part of the image. */
    static boolean declares(ImageRequest image, FileName name) {
        boolean isPart = image.dataFile() instanceof ImageRequest.DeclaredDataFile declared
                && declared.name().equals(name);
        return isPart
                || image.name().equals(name)
                || (image.backing() instanceof ImageRequest.DeclaredBacking(ImageRequest below)
                        && declares(below, name));
    }

    /** Whether other VMs may write it. Nobody does where the first image is of another format and only read. */
    static boolean isShareable(DeclaredUse.ImageUse use, Chain.Node<LinuxImage> first) {
        return use.shareable() && (first.access().isWriting() || first.format() == ImageFormat.RAW);
    }

    /** Formats other than raw keep tables of their content, and each writer has its own in memory. */
    static Optional<Problem> notRaw(DeclaredUse.ImageUse use, Chain<LinuxImage> chain) {
        return chain.nodes().stream()
                .filter(node -> node.parent().isEmpty() && node.access().isWriting())
                .filter(node -> node.format() != ImageFormat.RAW)
                .findFirst()
                .map(node -> new Problem(
                        Problem.Kind.CONTRADICTION,
                        Optional.of(node.file().file().path()),
                        "is " + node.format().driver() + ", and " + use.origin() + " declares it shareable: two writers"
                                + " would destroy it; share a raw image, or give each VM an overlay"));
    }
}
