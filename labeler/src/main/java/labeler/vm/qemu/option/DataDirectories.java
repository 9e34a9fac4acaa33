package labeler.vm.qemu.option;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import labeler.vm.FileRole;
import labeler.vm.NameTable;
import labeler.vm.UseAccess;
import labeler.vm.qemu.text.ByteText;

/**
 * The places in which qemu looks for firmware by its bare name. First comes the name itself, from qemu's own directory;
 * then each {@code -L} directory; then the directories that it was built with.
 */
final class DataDirectories {
    /** The directories of the usual distributions; {@code qemu-system-x86_64 -L help} lists those of one build. */
    static final List<String> BUILT_IN = NameTable.inOrder("""
        /usr/share/qemu /usr/share/seabios /usr/lib/ipxe/qemu /usr/share/qemu-kvm /usr/share/ipxe/qemu
        /usr/share/ipxe /usr/share/seavgabios /usr/share/sgabios /usr/share/qemu-firmware /usr/local/share/qemu
        """);

    private record Searched(FilePlace place, FileRole role, String name) {}

    private final List<String> added = new ArrayList<>();
    private final List<Searched> searched = new ArrayList<>();

    void add(String directory) {
        added.add(directory);
    }

    /** Delays the search until all {@code -L} are known. */
    void search(FilePlace place, FileRole role, String name) {
        searched.add(new Searched(place, role, name));
    }

    void finish(CommandLineBuilder parsing) {
        for (Searched file : searched) {
            if (file.name.isEmpty() || file.name.startsWith("/")) {
                parsing.file(file.place, file.role, file.name, UseAccess.READ_ONLY);
            } else {
                Stream<String> inDirectories =
                        Stream.concat(added.stream(), BUILT_IN.stream()).map(directory -> directory + "/" + file.name);
                List<byte[]> names = Stream.concat(Stream.of(file.name), inDirectories)
                        .map(ByteText::bytes)
                        .toList();
                parsing.searched(file.place, file.role, names, UseAccess.READ_ONLY);
            }
        }
    }
}
