package labeler.fileset;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import labeler.chain.Chain;
import labeler.linux.FileStatus;
import labeler.linux.HostPath;
import labeler.linux.OpenedFile;
import labeler.linux.SafeOpen;
import labeler.reference.HeaderTarget;
import labeler.reference.TargetRules;

/**
 * The facts about the files that headers name, for one search. A header of a few kilobytes names hundreds of files, and by a
 * link each may lie below two thousand directories: so each directory is looked at once, and their number is bounded.
 */
final class HeaderTargets {
    /** Above one file and not above its image. No image lies so deep. */
    private static final int MOST_ABOVE_A_FILE = 128;

    /** For all files of a search. */
    private static final int MOST_DIRECTORIES = 1024;

    private final SafeOpen open;
    private final Map<HostPath, Optional<FileStatus>> looked = new HashMap<>();

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
                TargetRules.goesByDirectories(author.status(), file.status())
                        ? directories(file.realPath(), author.realPath())
                        : List.of(),
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
        List<Optional<FileStatus>> directories = new ArrayList<>();
        for (HostPath above = file.parent(); !image.isBelow(above); above = above.parent()) {
            Optional<FileStatus> directory = directories.size() < MOST_ABOVE_A_FILE ? status(above) : Optional.empty();
            directories.add(directory);
            if (directory.isEmpty()) {
                // It counts as closed, and so whatever is above it no longer matters.
                break;
            }
        }
        return directories;
    }

    /** Empty for a directory that cannot be read, and for one too many. */
    private Optional<FileStatus> status(HostPath directory) {
        if (!looked.containsKey(directory) && looked.size() < MOST_DIRECTORIES) {
            looked.put(directory, open.reach(directory));
        }
        return looked.getOrDefault(directory, Optional.empty());
    }
}
