package labeler.vm.qemu.option;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import labeler.vm.DeclaredUse;
import labeler.vm.DefinitionBuilder;
import labeler.vm.FileRole;
import labeler.vm.UseAccess;
import labeler.vm.VmDefinition.Acceleration;
import labeler.vm.qemu.block.Drives;
import labeler.vm.qemu.block.NodeTree;
import labeler.vm.qemu.text.ByteText;

/**
 * One command line while it is being read: the result that its options add to.
 *
 * @param places of each file's name
 * @param spice the options of that name, which are one
 */
record CommandLineBuilder(
        DefinitionBuilder out,
        Drives drives,
        DataDirectories directories,
        Map<DeclaredUse, List<FilePlace>> places,
        List<String> accelerators,
        List<OptionContext> spice) {
    static CommandLineBuilder into(DefinitionBuilder out) {
        return new CommandLineBuilder(
                out,
                new Drives(out),
                new DataDirectories(),
                new LinkedHashMap<>(),
                new ArrayList<>(),
                new ArrayList<>());
    }

    void declare(PlacedOption option) {
        option.option().handler().declare(new OptionContext(option, this));
    }

    /** Does the same as {@link DefinitionBuilder#file}. */
    void file(FilePlace place, FileRole role, String name, UseAccess access) {
        remember(place, out.file(place.option().origin(), role, ByteText.bytes(name), access));
    }

    /** Does the same as {@link DefinitionBuilder#searched}; the first of the names is the written one. */
    void searched(FilePlace place, FileRole role, List<byte[]> names, UseAccess access) {
        remember(place, out.searched(place.option().origin(), role, names, access));
    }

    private void remember(FilePlace place, Optional<DeclaredUse> use) {
        use.ifPresent(
                found -> places.computeIfAbsent(found, _ -> new ArrayList<>()).add(place));
    }

    /** {@code kvm}, or {@code kvm:tcg}: qemu tries the first one first. */
    void accelerator(String names) {
        accelerators.addAll(ByteText.split(names, ':'));
    }

    /** Adds the files that depend on the whole line. */
    NodeTree finishFiles() {
        NodeTree nodes = drives.finish();
        directories.finish(this);
        Displays.finishSpice(spice);
        return nodes;
    }

    /** Without an option, a program whose name ends in kvm tries kvm first (qemu's configure_accelerators). */
    void finishAcceleration(String program) {
        String first = accelerators.isEmpty() ? (program.endsWith("kvm") ? "kvm" : "tcg") : accelerators.getFirst();
        out.acceleration(first.equals("tcg") || first.equals("qtest") ? Acceleration.EMULATION : Acceleration.HARDWARE);
    }
}
