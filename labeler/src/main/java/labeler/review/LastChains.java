package labeler.review;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import labeler.chain.Access;
import labeler.chain.Chain;
import labeler.chain.ChainLimits;
import labeler.chain.ChainWalker;
import labeler.chain.FileName;
import labeler.chain.ImageFormat;
import labeler.chain.ImageOpener;
import labeler.chain.ImageRequest;
import labeler.chain.Problem;
import labeler.chain.Role;
import labeler.fileset.LinuxImage;
import labeler.fileset.LinuxImageOpener;
import labeler.linux.FileIdentity;
import labeler.linux.FileStatus;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.SafeOpen;
import labeler.reference.ReadHeader;
import labeler.reference.WrittenReference;
import labeler.vm.DeclaredUse;
import labeler.vm.VmDefinition;

/**
 * The chains of a domain as libvirt has them, while it runs or when it is released: those of its start, changed by its own
 * block jobs, snapshots and hot-plug. libvirt reads a header before the domain has the image. So a reference that agrees
 * with these chains is explained. No file is opened that a header names and they do not have.
 */
final class LastChains {
    /**
     * A file of a chain of which the domain may write the top.
     *
     * @param isRead whether its header is understood; if not, no reference in it is known
     * @param above the place in {@link #layers} of the image above; empty for the top
     * @param by the references of the header above that lead here; none if that header says something else
     */
    record Layer(ReadHeader header, boolean isRead, OptionalInt above, Set<WrittenReference> by) {
        Layer {
            by = Set.copyOf(by);
        }
    }

    /** A file that libvirt has directly below an image. */
    private record Below(Role role, ImageRequest image) {}

    private final SafeOpen open;
    private final LinuxImageOpener images;
    private final List<Layer> layers = new ArrayList<>();
    private final Map<FileIdentity, Set<WrittenReference>> explained = new HashMap<>();

    private LastChains(SafeOpen open) {
        this.open = open;
        this.images = new LinuxImageOpener(open);
    }

    /** The chains of this definition; without one, they explain nothing. */
    static LastChains of(Optional<VmDefinition> last, SafeOpen open) {
        LastChains chains = new LastChains(open);
        last.ifPresent(definition -> definition.uses().stream()
                .filter(DeclaredUse.ImageUse.class::isInstance)
                .map(DeclaredUse.ImageUse.class::cast)
                .map(DeclaredUse.ImageUse::image)
                .filter(image -> image.access().isWriting())
                .forEach(image -> chains.add(image, OptionalInt.empty(), Set.of())));
        return chains;
    }

    /** References in the header of this image that libvirt has as well. */
    Set<WrittenReference> explained(FileIdentity image) {
        return explained.getOrDefault(image, Set.of());
    }

    /** The files of all these chains that could be opened, each after the one above it. A file may be in several chains. */
    List<Layer> layers() {
        return List.copyOf(layers);
    }

    /** The depth of a definition's chains is bounded by its reader. */
    private void add(ImageRequest image, OptionalInt above, Set<WrittenReference> by) {
        List<Below> below = below(image);
        OptionalInt here = OptionalInt.empty();
        Map<Below, Set<WrittenReference>> leading = new HashMap<>();
        ImageRequest alone = ImageRequest.followingHeaders(
                image.name(), image.format(), Access.READ_WRITE, new ImageRequest.BesideImage());
        try (Chain<LinuxImage> chain = walk(alone, below)) {
            if (!chain.nodes().isEmpty()) {
                Chain.Node<LinuxImage> top = chain.nodes().getFirst();
                ReadHeader header = HeaderReader.header(top, top.file().file().path());
                here = OptionalInt.of(layers.size());
                layers.add(new Layer(header, HeaderReader.isRead(top, chain), above, by));
                below.forEach(file -> leading.put(file, leading(image, chain, file)));
                Set<WrittenReference> known = explained.computeIfAbsent(header.identity(), _ -> new HashSet<>());
                leading.values().forEach(known::addAll);
                known.addAll(overTheNetwork(image, chain));
            }
        }
        for (Below file : below) {
            add(file.image(), here, leading.getOrDefault(file, Set.of()));
        }
    }

    private static List<Below> below(ImageRequest image) {
        List<Below> below = new ArrayList<>();
        if (image.dataFile() instanceof ImageRequest.DeclaredDataFile(FileName name, ImageRequest.DataFileBase _)) {
            below.add(new Below(
                    Role.DATA_FILE,
                    ImageRequest.followingHeaders(
                            name,
                            new ImageRequest.Declared(ImageFormat.RAW),
                            Access.READ_WRITE,
                            new ImageRequest.BesideImage())));
        }
        if (image.backing() instanceof ImageRequest.DeclaredBacking(ImageRequest next)) {
            below.add(new Below(Role.BACKING, next));
        }
        return below;
    }

    private Chain<LinuxImage> walk(ImageRequest image, List<Below> below) {
        return new ChainWalker<>(only(image, below), ChainLimits.DEFAULT).walk(image);
    }

    /** Opens the image and what libvirt has below it, under whatever name the header has for that. */
    private ImageOpener<LinuxImage> only(ImageRequest image, List<Below> below) {
        Set<FileIdentity> near = below.stream()
                .flatMap(file -> identity(file.image().name()).stream())
                .collect(Collectors.toSet());
        return name -> name.equals(image.name())
                        || identity(name).filter(near::contains).isPresent()
                ? images.open(name)
                : new ImageOpener.NotOpened<>(Problem.Kind.MISSING, "not looked at");
    }

    /** The references in the header that lead to this file. One without a format is libvirt's guess, and counts as raw. */
    private Set<WrittenReference> leading(ImageRequest image, Chain<LinuxImage> chain, Below file) {
        Set<WrittenReference> written = leading(chain, file);
        if (!written.isEmpty() || file.role() != Role.BACKING) {
            return written;
        }
        ImageRequest.DataFileChoice data = new ImageRequest.HeaderDataFile(new ImageRequest.BesideImage());
        ImageRequest below = new ImageRequest(
                file.image().name(), file.image().format(), Access.READ_ONLY, new ImageRequest.NoBacking(), data);
        ImageRequest guessed = new ImageRequest(
                image.name(), image.format(), Access.READ_WRITE, new ImageRequest.ProbedBacking(below), data);
        try (Chain<LinuxImage> probed = walk(guessed, List.of(file))) {
            return probed.nodes().isEmpty() ? Set.of() : leading(probed, file);
        }
    }

    private Set<WrittenReference> leading(Chain<LinuxImage> chain, Below file) {
        Optional<FileIdentity> itself = identity(file.image().name());
        boolean isSo = chain.nodes().stream()
                .filter(node -> node.parent().equals(OptionalInt.of(0)) && node.role() == file.role())
                .anyMatch(node -> itself.equals(Optional.of(identity(node)))
                        && file.image().format().equals(new ImageRequest.Declared(node.format())));
        return isSo ? references(chain.nodes().getFirst(), file.role()) : Set.of();
    }

    private static Set<WrittenReference> references(Chain.Node<LinuxImage> image, Role role) {
        return image.references().stream()
                .filter(named -> named.role() == role)
                .map(named -> WrittenReference.of(named.reference()))
                .collect(Collectors.toSet());
    }

    /** libvirt writes the place of a network disk in other words than the header. Neither is a file of this host. */
    private static Set<WrittenReference> overTheNetwork(ImageRequest image, Chain<LinuxImage> chain) {
        boolean isSo = image.backing() instanceof ImageRequest.ExternalBacking
                && !chain.external().isEmpty()
                && chain.problems().isEmpty();
        return isSo ? references(chain.nodes().getFirst(), Role.BACKING) : Set.of();
    }

    private static FileIdentity identity(Chain.Node<LinuxImage> node) {
        return ReadHeader.identity(node.file().file().path(), node.file().file().status());
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
