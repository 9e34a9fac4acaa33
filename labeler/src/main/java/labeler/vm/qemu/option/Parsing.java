package labeler.vm.qemu.option;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import labeler.vm.DefinitionBuilder;
import labeler.vm.VmDefinition.Acceleration;
import labeler.vm.qemu.block.Drives;
import labeler.vm.qemu.block.NodeTree;
import labeler.vm.qemu.text.ByteText;

/** One command line while it is being read: what its options add to. */
record Parsing(
        DefinitionBuilder out,
        DeclaredFiles files,
        Drives drives,
        DataDirectories directories,
        List<String> accelerators) {
    static Parsing into(DefinitionBuilder out) {
        DeclaredFiles files = new DeclaredFiles(out);
        return new Parsing(out, files, new Drives(out), new DataDirectories(files), new ArrayList<>());
    }

    /** {@code kvm}, or {@code kvm:tcg}: the first is what qemu tries first. */
    void accelerator(String names) {
        accelerators.addAll(ByteText.split(names, ':'));
    }

    /** The files that only the whole line tells. */
    NodeTree finishFiles() {
        NodeTree nodes = drives.finish();
        directories.finish();
        return nodes;
    }

    /** Without an option, a program whose name ends in kvm tries kvm first (qemu's configure_accelerators). */
    void finishAcceleration(String program) {
        String first = Optional.of(accelerators)
                .filter(names -> !names.isEmpty())
                .map(List::getFirst)
                .orElse(program.endsWith("kvm") ? "kvm" : "tcg");
        out.acceleration(first.equals("tcg") || first.equals("qtest") ? Acceleration.EMULATION : Acceleration.HARDWARE);
    }
}
