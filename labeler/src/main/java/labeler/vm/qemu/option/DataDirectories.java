package labeler.vm.qemu.option;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import labeler.vm.FileRole;
import labeler.vm.UseAccess;
import labeler.vm.Words;
import labeler.vm.qemu.text.ByteText;

/**
 * Where qemu looks for firmware by its bare name: first under the name itself, from its own directory; then in each
 * {@code -L} directory; then in those that it was built with.
 */
final class DataDirectories {
    /** Of the usual distributions; {@code qemu-system-x86_64 -L help} lists those of one build. */
    static final List<String> BUILT_IN = Words.inOrder("""
        /usr/share/qemu /usr/share/seabios /usr/lib/ipxe/qemu /usr/share/qemu-kvm /usr/share/ipxe/qemu
        /usr/share/ipxe /usr/share/seavgabios /usr/share/sgabios /usr/share/qemu-firmware /usr/local/share/qemu
        """);

    private record Searched(FilePlace place, FileRole role, String name) {}

    private final List<String> added = new ArrayList<>();
    private final List<Searched> searched = new ArrayList<>();

    void add(String directory) {
        added.add(directory);
    }

    /** Held back until all {@code -L} are known. */
    void search(FilePlace place, FileRole role, String name) {
        searched.add(new Searched(place, role, name));
    }

    void finish(Parsing parsing) {
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
