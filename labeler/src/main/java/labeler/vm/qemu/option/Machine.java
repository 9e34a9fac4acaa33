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
import labeler.vm.Origin;
import labeler.vm.UseAccess;
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

    static void machine(Origin origin, String argument, Parsing parsing) {
        Settings settings = Settings.parse(argument, "type");
        KEYS.declare(origin, settings, parsing.directories(), parsing.out());
        settings.get("initrd").ifPresent(names -> initrd(origin, names, parsing));
        settings.get("accel").ifPresent(parsing::accelerator);
        settings.get("pflash0").ifPresent(node -> parsing.drives().usedAs(node, FileRole.FIRMWARE));
        settings.get("pflash1").ifPresent(node -> parsing.drives().usedAs(node, FileRole.NVRAM));
    }

    static void accelerator(Origin origin, String argument, Parsing parsing) {
        Settings settings = Settings.parse(argument, "accel");
        settings.get("accel").ifPresent(parsing::accelerator);
        ACCELERATOR_KEYS.declare(origin, settings, parsing.directories(), parsing.out());
    }

    /** A comma parts the modules of a multiboot kernel, and is a part of the name for any other kernel. */
    static void initrd(Origin origin, String argument, Parsing parsing) {
        if (argument.indexOf(',') >= 0) {
            parsing.out()
                    .problem(
                            Problem.Kind.AMBIGUOUS,
                            origin,
                            "a comma is a part of the name for one kernel, and parts two names for another; rename the file");
        } else {
            parsing.out().file(origin, FileRole.INITRD, ByteText.bytes(argument), UseAccess.READ_ONLY);
        }
    }

    /** {@code -L}: qemu takes any firmware that it finds there. Below /usr nothing belongs to one VM. */
    static void dataDirectory(Origin origin, String argument, Parsing parsing) {
        if (argument.equals("help")) {
            return;
        }
        Set<String> parts = Set.copyOf(ByteText.split(argument, '/'));
        if (argument.startsWith("/usr/") && !parts.contains("..")) {
            parsing.directories().add(argument);
        } else {
            parsing.out()
                    .notUnderstood(
                            origin,
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
