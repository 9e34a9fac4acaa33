package labeler.review;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.chain.Chain;
import labeler.chain.ChainLimits;
import labeler.chain.ChainWalker;
import labeler.chain.FileName;
import labeler.chain.ImageFormat;
import labeler.chain.ImageRequest;
import labeler.chain.Role;
import labeler.fileset.LinuxImage;
import labeler.fileset.LinuxImageOpener;
import labeler.linux.FileIdentity;
import labeler.linux.FileStatus;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.linux.SafeOpen;
import labeler.reference.ReadHeader;
import labeler.reference.WrittenReference;
import labeler.vm.DeclaredUse;
import labeler.vm.VmDefinition;

/**
 * The chains of a domain as libvirt knows them when it releases it: those of its start, changed by its own block jobs
 * and snapshots. A reference that agrees with them is explained.
 */
final class LastChains {
    /** One file below another, as libvirt has it. */
    private record Link(FileIdentity image, Role role, FileIdentity below, ImageFormat format) {}

    private final SafeOpen open;
    private final ChainWalker<LinuxImage> walker;
    private final Set<Link> links = new HashSet<>();
    private final Set<FileIdentity> images = new HashSet<>();
    private final Map<FileIdentity, Set<WrittenReference>> explained = new HashMap<>();
    private final List<ReadHeader> headers = new ArrayList<>();

    private LastChains(SafeOpen open) {
        this.open = open;
        this.walker = new ChainWalker<>(new LinuxImageOpener(open), ChainLimits.DEFAULT);
    }

    /** The chains of this definition; without one, they explain nothing. */
    static LastChains of(Optional<VmDefinition> last, SafeOpen open) {
        LastChains chains = new LastChains(open);
        last.ifPresent(definition -> definition.uses().stream()
                .filter(DeclaredUse.ImageUse.class::isInstance)
                .map(DeclaredUse.ImageUse.class::cast)
                .map(DeclaredUse.ImageUse::image)
                .filter(image -> image.access().isWriting())
                .forEach(chains::add));
        return chains;
    }

    /** References in the header of this image that libvirt has as well. */
    Set<WrittenReference> explained(FileIdentity image) {
        return explained.getOrDefault(image, Set.of());
    }

    /** The headers of all images in these chains. */
    List<ReadHeader> headers() {
        return List.copyOf(headers);
    }

    private void add(ImageRequest top) {
        link(top);
        try (Chain<LinuxImage> chain = walker.walk(ImageRequest.followingHeaders(
                top.name(), top.format(), top.access(), new ImageRequest.BesideImage()))) {
            for (Chain.Node<LinuxImage> node : chain.nodes()) {
                node.parent().ifPresent(parent -> explain(chain.nodes().get(parent), node));
            }
            chain.nodes().stream()
                    .filter(node -> images.contains(identity(node)))
                    .map(node -> HeaderReader.header(node, node.file().file().path()))
                    .forEach(headers::add);
        }
    }

    private void link(ImageRequest image) {
        Optional<FileIdentity> itself = identity(image.name());
        itself.ifPresent(images::add);
        if (image.dataFile() instanceof ImageRequest.DeclaredDataFile(FileName name)) {
            link(itself, Role.DATA_FILE, name, ImageFormat.RAW);
        }
        if (image.backing() instanceof ImageRequest.DeclaredBacking(ImageRequest below)) {
            if (below.format() instanceof ImageRequest.Declared(ImageFormat format)) {
                link(itself, Role.BACKING, below.name(), format);
            }
            link(below);
        }
    }

    private void link(Optional<FileIdentity> image, Role role, FileName below, ImageFormat format) {
        image.ifPresent(above -> identity(below).ifPresent(child -> links.add(new Link(above, role, child, format))));
    }

    private void explain(Chain.Node<LinuxImage> image, Chain.Node<LinuxImage> below) {
        if (links.contains(new Link(identity(image), below.role(), identity(below), below.format()))) {
            image.references().stream()
                    .filter(named -> named.role() == below.role())
                    .map(named -> WrittenReference.of(named.reference()))
                    .forEach(explained.computeIfAbsent(identity(image), _ -> new HashSet<>())::add);
        }
    }

    private static FileIdentity identity(Chain.Node<LinuxImage> node) {
        OpenedFile file = node.file().file();
        return ReadHeader.identity(file.path(), file.status());
    }

    private Optional<FileIdentity> identity(FileName name) {
        return HostPath.parse(name.bytes()).flatMap(path -> {
            try {
                Optional<FileStatus> found = open.look(path);
                return found.map(status -> ReadHeader.identity(path, status));
            } catch (LinuxException e) {
                // The file cannot be read, so that it explains nothing.
                return Optional.empty();
            }
        });
    }
}
