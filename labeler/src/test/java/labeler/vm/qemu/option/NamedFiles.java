package labeler.vm.qemu.option;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import labeler.chain.Access;
import labeler.chain.Chain;
import labeler.chain.ChainLimits;
import labeler.chain.ChainWalker;
import labeler.chain.ImageRequest;
import labeler.chain.testing.DirectoryOpener;
import labeler.linux.HostPath;
import labeler.vm.DeclaredUse;
import labeler.vm.HostDevice;
import labeler.vm.UseAccess;
import labeler.vm.VmDefinition;

/**
 * The files that the reading of a command line names, with those that the headers of images name.
 *
 * @param writes each name, and whether it may be written
 */
record NamedFiles(Map<String, Boolean> writes) {
    /** The files of a command line that is understood, and those that qemu would take from its own directory. */
    static NamedFiles of(QemuCommandLine line, Path directory) {
        NamedFiles named = new NamedFiles(new TreeMap<>());
        line.lookedFor().forEach(name -> named.add(name, false));
        line.definition().uses().forEach(use -> named.add(use, directory));
        return named;
    }

    /** Whether qemu may open this name. A name stands for all below it. */
    boolean cover(String path, boolean writing) {
        return writes.entrySet().stream()
                .filter(name -> path.equals(name.getKey()) || path.startsWith(name.getKey() + "/"))
                .anyMatch(name -> name.getValue() || !writing);
    }

    private void add(HostPath path, boolean writing) {
        writes.merge(path.toString(), writing, Boolean::logicalOr);
    }

    private void add(DeclaredUse use, Path directory) {
        switch (use) {
            case DeclaredUse.ImageUse image -> {
                use.names().forEach(name -> add(name, image.image().access() == Access.READ_WRITE));
                walk(image.image(), directory);
            }
            case DeclaredUse.FileUse file -> add(file.path(), file.access() != UseAccess.READ_ONLY);
            case DeclaredUse.OptionalUse file -> add(file.path(), file.access() != UseAccess.READ_ONLY);
            case DeclaredUse.MadeByQemu made -> add(made.path(), true);
            case DeclaredUse.TreeUse tree -> add(tree.root(), tree.access() != UseAccess.READ_ONLY);
            case DeclaredUse.DeviceUse device -> add(nodes(device.device()), true);
            case DeclaredUse.SearchedUse searched -> {
                boolean writing = searched.access() != UseAccess.READ_ONLY;
                // qemu tries them in this order, up to the first that is there.
                long absent = searched.candidates().stream()
                        .takeWhile(path -> !Files.exists(Path.of(path.toString())))
                        .count();
                searched.candidates().stream().limit(absent + 1).forEach(path -> add(path, writing));
            }
        }
    }

    /** Only sysfs knows which node it is. */
    private static HostPath nodes(HostDevice device) {
        return switch (device) {
            case HostDevice.Pci _, HostDevice.Mediated _ -> HostPath.of("/dev/vfio");
            case HostDevice.Scsi _ -> HostPath.of("/dev/sg0");
            case HostDevice.Usb _, HostDevice.UsbProduct _ -> HostPath.of("/dev/bus/usb");
        };
    }

    private void walk(ImageRequest image, Path directory) {
        ChainWalker<DirectoryOpener.OpenedFile> walker =
                new ChainWalker<>(new DirectoryOpener(directory), ChainLimits.DEFAULT);
        try (Chain<DirectoryOpener.OpenedFile> chain = walker.walk(image)) {
            chain.nodes()
                    .forEach(node -> writes.merge(
                            node.name().toString(), node.access() == Access.READ_WRITE, Boolean::logicalOr));
        }
    }

    /** The uses that qemu has to open, as their names: it opens one of each. */
    static Stream<List<String>> needed(VmDefinition definition) {
        return definition.uses().stream()
                .filter(use -> !(use instanceof DeclaredUse.OptionalUse))
                .map(use -> use.names().stream().map(HostPath::toString).toList())
                .filter(names -> !names.isEmpty());
    }
}
