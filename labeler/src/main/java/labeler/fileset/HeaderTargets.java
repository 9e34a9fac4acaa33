package labeler.fileset;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.chain.Chain;
import labeler.linux.FileStatus;
import labeler.linux.HostPath;
import labeler.linux.OpenedFile;
import labeler.linux.SafeOpen;
import labeler.reference.HeaderTarget;

/** The facts about a file that a header names, before the file is opened. */
final class HeaderTargets {
    private final SafeOpen open;

    HeaderTargets(SafeOpen open) {
        this.open = open;
    }

    HeaderTarget of(Chain<LinuxImage> chain, Chain.Node<LinuxImage> node, boolean ofService, Optional<String> hostUse) {
        OpenedFile file = node.file().file();
        OpenedFile author = author(chain, node).file().file();
        return new HeaderTarget(
                parent(chain, node).file().file().path(),
                author.status(),
                node.role(),
                node.access().isWriting(),
                file.path(),
                file.realPath(),
                file.status(),
                directories(file.realPath(), author.realPath()),
                ofService,
                hostUse);
    }

    private static Chain.Node<LinuxImage> parent(Chain<LinuxImage> chain, Chain.Node<LinuxImage> node) {
        return chain.nodes().get(node.parent().getAsInt());
    }

    /**
     * The author of the name. Root's image does not count if a header names it: the owner of that header has chosen it
     * for the files below.
     */
    private static Chain.Node<LinuxImage> author(Chain<LinuxImage> chain, Chain.Node<LinuxImage> node) {
        Chain.Node<LinuxImage> image = parent(chain, node);
        while (image.namedBy() == Chain.NamedBy.HEADER
                && image.file().file().status().uid() == 0) {
            image = parent(chain, image);
        }
        return image;
    }

    /** The directories above the file that are not above the image as well; the image's owner has access to those. */
    private List<Optional<FileStatus>> directories(HostPath file, HostPath image) {
        Set<HostPath> shared = new HashSet<>(above(image));
        // A directory that cannot be read counts as closed.
        return above(file).stream()
                .filter(directory -> !shared.contains(directory))
                .map(open::reach)
                .toList();
    }

    private static List<HostPath> above(HostPath path) {
        List<HostPath> directories = new ArrayList<>();
        HostPath child = path;
        for (HostPath parent = child.parent(); !parent.equals(child); parent = child.parent()) {
            directories.add(parent);
            child = parent;
        }
        return directories;
    }
}
