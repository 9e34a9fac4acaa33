package labeler.vm.qemu.option;

import static labeler.vm.qemu.option.KeyMeaning.creates;
import static labeler.vm.qemu.option.KeyMeaning.firmware;
import static labeler.vm.qemu.option.KeyMeaning.none;
import static labeler.vm.qemu.option.KeyMeaning.reads;
import static labeler.vm.qemu.option.KeyMeaning.refused;

import java.util.Map;
import java.util.Set;
import labeler.problem.Problem;
import labeler.vm.FileRole;
import labeler.vm.UseAccess;
import labeler.vm.qemu.text.Argument;
import labeler.vm.qemu.text.ByteText;
import labeler.vm.qemu.text.Settings;

/** {@code -machine}, and what is boiled down to it: kernel, initrd, accelerator. */
final class Machine {
    private static final KeyTable KEYS = new KeyTable(Map.of(
            "kernel", reads(FileRole.KERNEL),
            "shim", reads(FileRole.SHIM),
            "dtb", reads(FileRole.DEVICE_TREE),
            "firmware", firmware(FileRole.FIRMWARE),
            "dumpdtb", creates(FileRole.LOG),
            "append", none(),
            // Handled below.
            "initrd", none()));

    private static final KeyTable ACCELERATOR_KEYS = new KeyTable(Map.of(
            "device", KeyMeaning.writes(FileRole.SHARED_DEVICE),
            "rapl-helper-socket", KeyMeaning.writes(FileRole.SOCKET)));

    private Machine() {}

    static void machine(PlacedOption option, Parsing parsing) {
        Argument argument = Argument.inSettings(option.argument(), "type");
        Settings settings = argument.settings();
        KEYS.declare(option, argument, parsing);
        settings.last("initrd").ifPresent(index -> {
            FilePlace place = new FilePlace(option, new Takes.Copy(), new FilePlace.Value(argument, index));
            initrd(place, settings.text("initrd"), parsing);
        });
        settings.get("accel").ifPresent(parsing::accelerator);
        settings.get("pflash0").ifPresent(node -> parsing.drives().usedAs(node, FileRole.FIRMWARE));
        settings.get("pflash1").ifPresent(node -> parsing.drives().usedAs(node, FileRole.NVRAM));
    }

    static void accelerator(PlacedOption option, Parsing parsing) {
        Argument argument = Argument.inSettings(option.argument(), "accel");
        argument.settings().get("accel").ifPresent(parsing::accelerator);
        ACCELERATOR_KEYS.declare(option, argument, parsing);
    }

    /** A comma parts the modules of a multiboot kernel, and is a part of the name for any other kernel. */
    static void initrd(FilePlace place, String name, Parsing parsing) {
        if (name.indexOf(',') >= 0) {
            parsing.out()
                    .problem(
                            Problem.Kind.AMBIGUOUS,
                            place.option().origin(),
                            "a comma is a part of the name for one kernel, and parts two names for another; rename the file");
        } else {
            parsing.files().file(place, FileRole.INITRD, name, UseAccess.READ_ONLY);
        }
    }

    /** {@code -L}: qemu takes any firmware that it finds there. Below /usr nothing belongs to one VM. */
    static void dataDirectory(PlacedOption option, Parsing parsing) {
        String argument = option.argument();
        if (argument.equals("help")) {
            return;
        }
        Set<String> parts = Set.copyOf(ByteText.split(argument, '/'));
        if (argument.startsWith("/usr/") && !parts.contains("..")) {
            parsing.directories().add(argument);
        } else {
            parsing.out()
                    .notUnderstood(
                            option.origin(),
                            "qemu takes any firmware that it finds in " + ByteText.shown(argument),
                            "name each file, with -bios or romfile=");
        }
    }

    static final KeyTable BOOT = new KeyTable(Map.of("splash", firmware(FileRole.ROM)));

    static final KeyTable FW_CFG = new KeyTable(Map.of(
            "file", reads(FileRole.FIRMWARE_CONFIGURATION),
            "name", none(),
            "string", none()));

    static final KeyTable RUN_WITH = new KeyTable(Map.of(
            "chroot", refused("qemu then sees other files under the same names", "leave it out"), "user", none()));
}
