package labeler.fileset;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import labeler.chain.ChainLimits;
import labeler.chain.ChainWalker;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.vm.VmDefinition;
import labeler.vm.qemu.option.QemuCommandLine;

/**
 * File sets of VMs, for a service that has no files and has seen no image.
 *
 * @param roots below which headers may name files; empty for anywhere
 */
record FileSets(Linux linux, SystemFiles system, Optional<List<HostPath>> roots) {
    FileSets(Linux linux) {
        this(linux, SystemFiles.DEFAULT);
    }

    FileSets(Linux linux, SystemFiles system) {
        this(linux, system, Optional.empty());
    }

    FileSets below(String root) {
        return new FileSets(linux, system, Optional.of(List.of(HostPath.of(root))));
    }

    FileSet of(VmDefinition definition) {
        return new FileSetBuilder(
                        linux.open(),
                        new ChainWalker<>(new LinuxImageOpener(linux.open()), ChainLimits.DEFAULT),
                        system,
                        new ServiceFiles(linux.open(), linux.entries(), NoService.PLACES),
                        new HeaderRules(linux.open(), roots, () -> _ -> Optional.empty()))
                .build(definition);
    }

    /** What this qemu is to have. */
    static VmDefinition qemu(String... options) {
        return line("qemu-system-x86_64", options);
    }

    /** The same, with another program in qemu's place. */
    static VmDefinition line(String program, String... options) {
        List<byte[]> argv = Stream.concat(Stream.of(program), Stream.of(options))
                .map(word -> word.getBytes(StandardCharsets.UTF_8))
                .toList();
        return QemuCommandLine.read(argv, HostPath.of("/")).definition();
    }
}
